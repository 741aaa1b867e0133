// Package run turns what a phone uploads into one trustworthy record.
//
// A Session collects Chunks in any order and decides, alone, what becomes of
// each. When it is complete, or recovered, Measure makes the Record: all of it from
// the raw fixes. What the client says of these is a Claim, compared and never believed.
//
// # A run is made of parts
//
// A part is a stretch that was recorded without a break. Metres and seconds belong
// together: a break counts neither, and a leg that lies partly in one counts with the
// share of its time that does not, so no split and no pace is faster than its fixes.
//
//	what lies between two fixes                       counts    listed as
//	a pause that was sent, or parts of a file         nothing   declared
//	a leap: faster than anybody runs                  nothing   gap
//	a silence crossed at 0.3 to 6.5 m/s               both
//	a silence of a minute between two steps           both
//	any other silence                                 nothing   gap
//	a standstill                                      seconds   standstill
//
// A time that does not fit says something of the clock, not of the runner. The fixes are put
// on one clock first: a few strays are dropped; pieces that follow each
// other in space, but not in time, are moved to the time line of the longest, which
// is flagged; pieces that are out of order, or there twice, are sorted by their times.
//
// # The states of a session
//
// Chunks come in any order and any number of times; their sequence gives the
// order. Each row is a state, what happens, and what becomes of it: the next
// state, or the code of the fault, after which the state is what it was. The first
// row that fits counts.
//
//	state                 event                               becomes
//	none                  NewSession                          active
//	any                   NewSession again, SameBody          the state stays
//	any                   NewSession again, another body      session_conflict
//	any                   Accept, of another person           session_not_found
//	abandoned             Accept                              session_abandoned
//	any other             Accept: stored already, the same    Replayed; the state stays
//	active                Accept: stored already, another     chunk_conflict
//	completed, recovered  Accept: any other chunk             session_closed
//	active                Accept: a second final chunk        final_conflict
//	active                Accept: beyond the final chunk      chunk_beyond_final
//	active                Accept: final, below a stored one   final_before_last
//	active                Accept: a time of the future        validation_failed
//	active                Accept: more than a run can be      session_full
//	active                Accept: any other chunk             Stored; active
//	completed, recovered  Complete                            session_closed
//	abandoned             Complete                            session_abandoned
//	active                Complete: total_chunks disagrees    total_chunks_mismatch
//	active                Complete: chunks are missing        chunks_missing
//	active                Complete                            completed
//	completed, recovered  Recover                             session_closed
//	active, abandoned     Recover                             recovered
//	completed, recovered  Resume                              session_closed
//	active                Resume                              active
//	abandoned             Resume: imported, or too long ago   nothing_to_recover
//	abandoned             Resume                              active
//	completed, recovered  Abandon                             session_closed
//	active, abandoned     Abandon                             abandoned
//
// Too long ago is AbandonedRetention: then the chunks are gone. A run of fewer than
// two usable fixes is run_too_short, and one beyond the bounds of a run
// run_too_long: no record is made. When all chunks are there, none that may still
// come would change that: the application abandons the session, answers the same to
// whoever completes it again and, when the final chunk is there, nothing_to_recover
// to whoever resumes it; else the session stays as it was. An active
// session that is SilentAt a time is ended by the application: completed when all
// is there, recovered when it is a run of MinReapDistanceMeters, else abandoned.
// The application knows a repeated NewSession by its client_session_id, and answers
// a repeated Complete or Recover of a closed session with its record.
package run
