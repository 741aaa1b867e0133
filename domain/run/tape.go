package run

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
)

// Tape is a session with what it recorded, and the stretch of it that a run has.
type Tape struct {
	Session Session
	Chunks  []Chunk // all of them, by sequence
	Take    Take
}

// track is a recording as the filter reads it, before the jitter of a standstill is
// dropped.
type track struct {
	recorded []Fix
	sent     []span // pauses, in order of time
	odd      map[string]bool
}

// read cleans a whole recording.
func (w *work) read(raw []Fix, sent []span, cfg FilterConfig) track {
	recorded, repaired := clean(w, raw, cfg)
	return track{recorded: recorded, sent: merge(w, repaired.clock.pauses(w, sent)), odd: map[string]bool{
		FlagTimesUnreliable: repaired.clock.unreliable(w.rules.UnreliableShare), FlagStepsBack: repaired.clock.strays > 0,
		FlagClockChanged: repaired.clock.changed, FlagNullIsland: repaired.nullIsland > 0,
	}}
}

// play joins tapes to one recording. Each is cleaned whole, so that a cut changes
// nothing of what the rest says, and an odd clock is odd however much was cut away.
// What lies between two tapes is a declared break.
func (w *work) play(tapes []Tape, cfg FilterConfig) track {
	if len(tapes) == 1 && tapes[0].whole() {
		return w.read(JoinFixes(tapes[0].Chunks), joinPauses(tapes[0].Chunks), cfg)
	}
	all := track{odd: map[string]bool{}}
	for _, tape := range tapes {
		t := w.read(JoinFixes(tape.Chunks), joinPauses(tape.Chunks), cfg)
		for flag, is := range t.odd {
			all.odd[flag] = all.odd[flag] || is
		}
		fixes := slices.DeleteFunc(t.recorded, func(f Fix) bool { return !tape.Take.holds(f) })
		if len(fixes) == 0 {
			continue
		}
		if n := len(all.recorded); n > 0 {
			last := all.recorded[n-1].Timestamp
			all.sent = append(all.sent, span{last, fixes[0].Timestamp})
			// Two halves of a split share the place where it was cut, and leave no break.
			fixes = slices.DeleteFunc(fixes, func(f Fix) bool { return f.Timestamp <= last })
		}
		if len(fixes) == 0 {
			continue
		}
		for _, s := range t.sent {
			s.from, s.to = max(s.from, fixes[0].Timestamp), min(s.to, fixes[len(fixes)-1].Timestamp)
			if s.to > s.from {
				all.sent = append(all.sent, s)
			}
		}
		all.recorded = append(all.recorded, fixes...)
	}
	all.sent = merge(w, all.sent)
	return all
}

// whole reports whether all of a recording is played.
func (t Tape) whole() bool { return t.Take.From.IsZero() && t.Take.To.IsZero() }

// holds reports whether a fix lies in the take.
func (t Take) holds(f Fix) bool {
	return (t.From.IsZero() || f.Timestamp >= t.From.UnixMilli()) && (t.To.IsZero() || f.Timestamp <= t.To.UnixMilli())
}

// Usable returns the fixes that a run is made of, as Filter does for one recording.
// The error is the context's.
func Usable(ctx context.Context, tapes []Tape, cfg FilterConfig) ([]Fix, error) {
	w := newWork(ctx)
	usable, _ := dropJitter(w, w.play(tapes, cfg).recorded, cfg)
	return usable, w.err
}

// sourceOf is what the files of tapes say beside their fixes. A timer is of a whole
// recording, and says nothing of a part or of several.
func sourceOf(tapes []Tape) Source {
	if len(tapes) == 1 && tapes[0].whole() {
		return tapes[0].Session.Source()
	}
	var all Source
	for _, t := range tapes {
		s := t.Session.Source()
		all.SkippedPoints, all.Damaged = all.SkippedPoints+s.SkippedPoints, all.Damaged || s.Damaged
	}
	return all
}

// EditInput is what an edited run is measured from.
type EditInput struct {
	Edits  Edits
	Tapes  []Tape // of the takes of the edits, in their order
	Body   Body
	Filter FilterConfig
}

// Edit measures a run anew as it is edited, and returns its next version, still to
// be judged and counted. What the client claimed was of the run as it was recorded,
// and is compared with nothing. Faults: those of Measure.
func (r Record) Edit(ctx context.Context, in EditInput) (Record, error) {
	if err := checkTapes(in.Tapes); err != nil {
		return r, err
	}
	w := newWork(ctx)
	m, err := w.sum(w.play(in.Tapes, in.Filter), sourceOf(in.Tapes), in.Body, in.Filter)
	if err != nil {
		return r, err
	}
	next := r.next(in.Edits)
	next.Measures, next.EditedDigest, next.ClientDiscrepancy = m, m.TrackDigest, nil
	next.TrackDigest = r.TrackDigest // of what was recorded
	for _, t := range in.Tapes {
		if len(t.Session.Ledger().Missing()) > 0 {
			next.AddFlag(FlagGaps)
		}
	}
	return next, w.err
}

// checkTapes refuses more fixes than a run can have.
func checkTapes(tapes []Tape) error {
	fixes := 0
	for _, t := range tapes {
		for _, c := range t.Chunks {
			fixes += len(c.Fixes())
		}
	}
	if fixes > MaxSessionFixes {
		return tooLong(float64(fixes), MaxSessionFixes, "fixes")
	}
	return nil
}

// next returns the run's next version, still to be settled.
func (r Record) next(e Edits) Record {
	r.Edits, r.EditedDigest = e, Digest{}
	r.Version++
	r.Processing, r.Result, r.Verdict = ProcessingPending, nil, nil
	return r
}

// Undo returns the run's next version: as it was recorded, and as measured tells of
// it (NewRecord).
func (r Record) Undo(measured Record) Record {
	next := r.next(r.Untouched())
	next.Measures, next.ClientDiscrepancy = measured.Measures, measured.ClientDiscrepancy
	return next
}

// SetAside returns the run's next version: part of another, and counted with that.
func (r Record) SetAside(into id.Record) Record {
	r.MergedInto = into
	r.Version++
	return r
}

// Release returns the next version of a run that was part of another: itself again,
// still to be settled.
func (r Record) Release() Record {
	e, digest := r.Edits, r.EditedDigest
	r = r.next(e)
	r.EditedDigest, r.MergedInto = digest, id.Record{}
	return r
}

// Second is the part of a run that is split off: a recording of its own.
type Second struct {
	Cut    time.Time // of the last fix of the first part
	Fixes  []Fix     // cleaned, but for the jitter of a standstill
	Pauses []Pause
}

// SplitOff cuts a run in two at a time: the last fix until then ends the first part
// and begins the second, so that nothing is lost between them; in a declared break the
// second begins behind it. Faults: run_too_short; else the context's error.
func SplitOff(ctx context.Context, tapes []Tape, at time.Time, cfg FilterConfig) (Second, error) {
	w := newWork(ctx)
	t := w.play(tapes, cfg)
	n := 0 // fixes of the first part
	for n < len(t.recorded) && t.recorded[n].Timestamp <= at.UnixMilli() && w.step() {
		n++
	}
	if w.err != nil || n < 2 || len(t.recorded) < n+1 {
		return Second{}, cmp.Or(w.err, error(ErrRunTooShort))
	}
	last, next := t.recorded[n-1].Timestamp, t.recorded[n].Timestamp
	from := n - 1
	if slices.ContainsFunc(t.sent, func(s span) bool { return s.from <= last && s.to >= next }) {
		from = n
	}
	out := Second{Cut: time.UnixMilli(last).UTC(), Fixes: slices.Clone(t.recorded[from:])}
	for _, s := range t.sent {
		if s.from = max(s.from, out.Fixes[0].Timestamp); s.to > s.from {
			out.Pauses = append(out.Pauses, Pause{StartedAt: time.UnixMilli(s.from).UTC(), EndedAt: time.UnixMilli(s.to).UTC()})
		}
	}
	if len(out.Fixes) < 2 {
		return Second{}, ErrRunTooShort
	}
	return out, nil
}

// Sequel returns the session of what was split off a recording of this one: closed
// with the record of that, and as if it was imported, for it takes as much to keep.
func (s Session) Sequel(sid id.Session, rec Record, chunks []Chunk, now time.Time) Session {
	entries := make([]Entry, len(chunks))
	for i, c := range chunks {
		entries[i] = c.Entry()
	}
	started := time.UnixMilli(chunks[0].Fixes()[0].Timestamp).UTC()
	return Session{SessionSnapshot{
		ID: sid, UserID: s.s.UserID, CourseID: rec.CourseID, Status: Completed, StartedAt: started, DeviceInfo: s.s.DeviceInfo,
		Activity: rec.Activity, Imported: true, BodyDigest: sessionDigest(rec.CourseID, started, s.s.DeviceInfo, rec.Activity),
		RecordID: rec.ID, CreatedAt: now, ActiveSince: now, LastChunkAt: now, Ledger: NewLedger(entries),
	}}
}
