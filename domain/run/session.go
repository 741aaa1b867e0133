package run

import (
	"bytes"
	"cmp"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
)

// Status is a session's state; the table in doc.go says how it changes.
type Status string

// The states, as sent and stored.
const (
	Active    Status = "active"
	Completed Status = "completed"
	Recovered Status = "recovered"
	Abandoned Status = "abandoned"
)

// How long things are kept or waited for.
const (
	SilenceLimit       = 24 * time.Hour      // a session with no chunk for so long is ended
	AbandonedRetention = 30 * 24 * time.Hour // an abandoned session's chunks are kept so long
	// MinReapDistanceMeters is the least run that a silent session is recovered for.
	MinReapDistanceMeters = 100
)

// The answers of the session's state machine.
var (
	ErrSessionNotFound     = fault.New(fault.NotFound, "session_not_found", "there is no such session of yours")
	ErrSessionConflict     = fault.New(fault.Conflict, "session_conflict", "client_session_id was used for a session with another body; make a new one")
	ErrChunkConflict       = fault.New(fault.Conflict, "chunk_conflict", "another chunk is stored under this sequence")
	ErrChunkBeyondFinal    = fault.New(fault.Conflict, "chunk_beyond_final", "the final chunk has a lower sequence")
	ErrFinalBeforeLast     = fault.New(fault.Conflict, "final_before_last", "a chunk with a higher sequence is stored; the final one must be the last")
	ErrFinalConflict       = fault.New(fault.Conflict, "final_conflict", "another chunk is the final one")
	ErrChunksMissing       = fault.New(fault.Conflict, "chunks_missing", "chunks are missing; send them, then complete again")
	ErrTotalChunksMismatch = fault.New(fault.Conflict, "total_chunks_mismatch", "total_chunks is not the number of chunks")
	ErrRunTooShort         = fault.New(fault.Invalid, "run_too_short", "fewer than 2 usable points: nothing to make a record from")
	ErrSessionClosed       = fault.New(fault.Conflict, "session_closed", "the session is closed and has its record")
	ErrSessionAbandoned    = fault.New(fault.Conflict, "session_abandoned", "the session was abandoned; recover it first")
	ErrNothingToRecover    = fault.New(fault.Invalid, "nothing_to_recover", "no usable points have arrived")
)

// SessionSnapshot is a session's whole state, for storage.
type SessionSnapshot struct {
	ID              id.Session
	UserID          id.User
	CourseID        id.Course // zero for a free run
	Status          Status
	StartedAt       time.Time
	DeviceInfo      strictjson.Document // a JSON object, or nil
	ClientSessionID string              // canonical UUID, or ""
	Activity        Activity
	Imported        bool      // made of a file, to be closed in the same breath
	Source          Source    // what the file says beside its fixes
	BodyDigest      Digest    // of the creating request, for repeats
	RecordID        id.Record // zero until completed or recovered
	CreatedAt       time.Time
	ActiveSince     time.Time // creation, or the last resume
	AbandonedAt     time.Time // zero unless abandoned
	LastChunkAt     time.Time // zero when none arrived; kept by storage
	Ledger          Ledger
}

// Session is a run being recorded: what has arrived, and what may still happen.
// Its methods are the state machine whose table stands in doc.go. They never ask
// a clock.
type Session struct{ s SessionSnapshot }

// NewSessionInput is what a phone says when a run starts.
type NewSessionInput struct {
	ID              id.Session
	UserID          id.User
	CourseID        id.Course
	StartedAt       time.Time
	DeviceInfo      strictjson.Document
	ClientSessionID string
	Activity        Activity // "" means Running
	Imported        bool
	Source          Source
}

// NewSession starts a session at now. A start before the year 2000 or more than
// MaxFutureSkew ahead is refused with Invalid, a large DeviceInfo with
// claim_too_large.
func NewSession(in NewSessionInput, now time.Time) (Session, error) {
	if in.StartedAt.UnixMilli() < EarliestTimestamp {
		return Session{}, fault.InvalidField("started_at", "%s lies before the year 2000", in.StartedAt.UTC().Format(time.RFC3339))
	}
	if in.StartedAt.After(now.Add(MaxFutureSkew)) {
		return Session{}, fault.InvalidField("started_at", "%s lies in the future", in.StartedAt.UTC().Format(time.RFC3339))
	}
	if err := CheckClaim("device_info", in.DeviceInfo); err != nil {
		return Session{}, err
	}
	activity := cmp.Or(in.Activity, Running)
	if err := activity.check(); err != nil {
		return Session{}, err
	}
	started := in.StartedAt.UTC().Truncate(time.Millisecond)
	return Session{SessionSnapshot{
		ID: in.ID, UserID: in.UserID, CourseID: in.CourseID, Status: Active,
		StartedAt: started, DeviceInfo: in.DeviceInfo, ClientSessionID: in.ClientSessionID, Activity: activity, Imported: in.Imported, Source: in.Source,
		BodyDigest: sessionDigest(in.CourseID, started, in.DeviceInfo, activity),
		CreatedAt:  now, ActiveSince: now,
	}}, nil
}

// RestoreSession rebuilds a session that storage kept.
func RestoreSession(s SessionSnapshot) Session { return Session{s: s} }

// Snapshot returns the state for storage.
func (s Session) Snapshot() SessionSnapshot { return s.s }

// ID returns the session's id.
func (s Session) ID() id.Session { return s.s.ID }

// Owner returns the runner.
func (s Session) Owner() id.User { return s.s.UserID }

// CourseID returns the course followed; zero for a free run.
func (s Session) CourseID() id.Course { return s.s.CourseID }

// Status returns the state.
func (s Session) Status() Status { return s.s.Status }

// StartedAt returns when the runner started, by the phone's clock.
func (s Session) StartedAt() time.Time { return s.s.StartedAt }

// Ledger returns what has arrived.
func (s Session) Ledger() Ledger { return s.s.Ledger }

// RecordID returns the record made of the session; zero until there is one.
func (s Session) RecordID() id.Record { return s.s.RecordID }

// Imported reports whether the session is made of a file.
func (s Session) Imported() bool { return s.s.Imported }

// Activity returns what the runner did.
func (s Session) Activity() Activity { return s.s.Activity }

// Source returns what the file that the session is made of says beside its fixes.
func (s Session) Source() Source { return s.s.Source }

// Closed reports whether the session has its record.
func (s Session) Closed() bool { return s.s.Status == Completed || s.s.Status == Recovered }

// SameBody reports whether a repeat of the creating request says the same.
func (s Session) SameBody(other Session) bool {
	return bytes.Equal(s.s.BodyDigest[:], other.s.BodyDigest[:])
}

// Acceptance is what Accept decided.
type Acceptance int

// The outcomes of an accepted chunk.
const (
	Stored   Acceptance = iota + 1 // new: the caller stores it
	Replayed                       // already stored, the same: the caller does nothing
)

// Accept decides what becomes of a chunk that owner sends at now, and returns
// the session as it is afterwards. It alone decides; the table in doc.go has the
// faults.
func (s Session) Accept(owner id.User, c Chunk, now time.Time) (Session, Acceptance, error) {
	if s.s.UserID != owner {
		return s, 0, ErrSessionNotFound
	}
	if s.s.Status == Abandoned {
		return s, 0, ErrSessionAbandoned
	}
	if e, ok := s.s.Ledger.find(c.Sequence()); ok {
		if e.Digest == c.Digest() {
			return s, Replayed, nil
		}
		if s.Closed() {
			return s, 0, ErrSessionClosed
		}
		return s, 0, ErrChunkConflict
	}
	if s.Closed() {
		return s, 0, ErrSessionClosed
	}
	final, hasFinal := s.s.Ledger.Final()
	switch {
	case c.Type() == Final && hasFinal:
		return s, 0, ErrFinalConflict.With("final_sequence", final)
	case hasFinal && c.Sequence() > final:
		return s, 0, ErrChunkBeyondFinal.With("final_sequence", final)
	case c.Type() == Final && s.s.Ledger.Highest() > c.Sequence():
		return s, 0, ErrFinalBeforeLast.With("highest_sequence", s.s.Ledger.Highest())
	}
	if !s.s.Imported { // whose clock may have been set on, and right again
		if err := c.checkTimes(now); err != nil {
			return s, 0, err
		}
	}
	if err := s.s.Ledger.checkRoom(c, now.Sub(s.s.CreatedAt)); err != nil {
		return s, 0, err
	}
	s.s.Ledger = s.s.Ledger.with(c.Entry())
	s.s.LastChunkAt = now
	return s, Stored, nil
}

// WholeSet checks that every chunk of the run is there: none missing up to the
// final one, or, when the final one has not arrived, up to totalChunks (0 = not
// said). With neither, nobody can know that the last chunk arrived, so the next
// one is called missing. Faults: chunks_missing with "missing",
// total_chunks_mismatch.
func (s Session) WholeSet(totalChunks int) error {
	if s.s.Source.Indoor != nil {
		return nil // it has none
	}
	final, hasFinal := s.s.Ledger.Final()
	last := s.s.Ledger.Highest() + 1
	switch {
	case hasFinal:
		if totalChunks != 0 && totalChunks != final+1 {
			return ErrTotalChunksMismatch.With("total_chunks", totalChunks).With("expected", final+1)
		}
		last = final
	case totalChunks != 0:
		if totalChunks <= s.s.Ledger.Highest() {
			return ErrTotalChunksMismatch.With("total_chunks", totalChunks).With("expected", s.s.Ledger.Highest()+1)
		}
		last = totalChunks - 1
	}
	if missing := s.s.Ledger.missingBelow(last); len(missing) > 0 {
		return ErrChunksMissing.With("missing", missing)
	}
	return nil
}

// Complete closes an active session whose chunks are all there, with the record
// made of them.
func (s Session) Complete(record id.Record, totalChunks int) (Session, error) {
	switch s.s.Status {
	case Completed, Recovered:
		return s, ErrSessionClosed
	case Abandoned:
		return s, ErrSessionAbandoned
	}
	if err := s.WholeSet(totalChunks); err != nil {
		return s, err
	}
	s.s.Status, s.s.RecordID = Completed, record
	return s, nil
}

// Recover closes an active or abandoned session with the record made of what
// arrived, gaps and all.
func (s Session) Recover(record id.Record) (Session, error) {
	if s.Closed() {
		return s, ErrSessionClosed
	}
	s.s.Status, s.s.RecordID, s.s.AbandonedAt = Recovered, record, time.Time{}
	return s, nil
}

// Resume opens an abandoned session again, within AbandonedRetention of its
// end; an active one stays as it is. A closed one gives session_closed; one
// whose chunks are gone, or whose file can be sent again, nothing_to_recover.
func (s Session) Resume(now time.Time) (Session, error) {
	if s.Closed() {
		return s, ErrSessionClosed
	}
	if s.s.Status == Abandoned {
		if s.s.Imported || now.Sub(s.s.AbandonedAt) > AbandonedRetention {
			return s, ErrNothingToRecover
		}
		s.s.Status, s.s.ActiveSince, s.s.AbandonedAt = Active, now, time.Time{}
	}
	return s, nil
}

// Abandon ends a session without a record; abandoning twice is harmless.
func (s Session) Abandon(now time.Time) (Session, error) {
	if s.Closed() {
		return s, ErrSessionClosed
	}
	if s.s.Status == Active {
		s.s.Status, s.s.AbandonedAt = Abandoned, now
	}
	return s, nil
}

// SilentAt reports whether an active session has been silent for SilenceLimit.
func (s Session) SilentAt(now time.Time) bool {
	last := s.s.ActiveSince
	if s.s.LastChunkAt.After(last) {
		last = s.s.LastChunkAt
	}
	return s.s.Status == Active && now.Sub(last) >= SilenceLimit
}
