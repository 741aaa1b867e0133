package app

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/ports"
)

// closing is one way for a session to end with a record.
type closing struct {
	title        string
	clientFilter strictjson.Document
	totalChunks  int // 0 = not said
	verb         func(run.Session, id.Record) (run.Session, error)
	tooShort     *fault.Error // the answer when there is nothing to measure
	// minDistanceMeters is the least distance that is worth a record; less gives tooShort.
	minDistanceMeters int
	once              bool // refuses what another device has recorded already
}

// closeTries is how often a session is measured whose phone goes on sending
// chunks meanwhile.
const closeTries = 5

var errRestless = fault.New(fault.Unavailable, "session_busy", "chunks of this session still arrive; complete it when the last was answered").With("retry_after", 1)

// close ends a session with a record. The record is measured with no lock held,
// for that may take long; then, in one transaction under the session's lock, it
// is inserted, the session closed and the job enqueued, if the session is still
// as it was. Of any number of callers at once, one makes the record and all get it.
// A session of which all is there and nothing can be made is refused.
func (r *Runs) close(ctx context.Context, uid id.User, sid id.Session, how closing) (rec run.Record, created bool, err error) {
	done, err := r.closing.take(ctx, sid)
	if err != nil {
		return rec, false, err
	}
	defer done()
	for range closeTries {
		s, err := r.Session(ctx, uid, sid)
		if err != nil {
			return rec, false, err
		}
		if s.Closed() {
			rec, err = r.store.Record(ctx, s.RecordID())
			return rec, false, err
		}
		whole := s.WholeSet(how.totalChunks) == nil
		// An abandoned session is measured, too: if a refusal has abandoned it, that is
		// the answer again.
		closed, abandoned := how.verb(s, id.New[id.RecordKind](r.ids))
		if abandoned != nil && !(whole && errors.Is(abandoned, run.ErrSessionAbandoned)) {
			return rec, false, abandoned
		}
		rec, why := r.measure(ctx, closed, how)
		if whole && fault.KindOf(why) == fault.Invalid {
			ended, err := r.refuse(ctx, uid, s)
			if err != nil {
				return rec, false, err
			}
			if ended {
				return rec, false, refusal(s, why)
			}
			continue
		}
		if err := cmp.Or(why, abandoned); err != nil {
			return rec, false, err
		}
		kept, err := r.keep(ctx, uid, s, closed, rec)
		if kept || err != nil {
			return rec, kept, err
		}
	}
	return rec, false, errRestless
}

// refuse ends a session of which no record can be made, for no chunk that may still
// come would change that. It is abandoned, so that what the runner recorded is kept as
// long as that; a file's session goes at once, for the runner has the file. A session
// that is no longer as it was seen is not ended.
func (r *Runs) refuse(ctx context.Context, uid id.User, seen run.Session) (ended bool, err error) {
	err = r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		ended = false
		s, err := lockOwn(ctx, tx, uid, seen.ID())
		if err != nil || !s.Same(seen) {
			return err
		}
		ended = true
		switch {
		case s.Imported():
			return tx.DropOpenSession(ctx, s.ID())
		case s.Status() == run.Abandoned: // by an earlier refusal
			return nil
		}
		if s, err = s.Abandon(r.clock.Now()); err != nil {
			return err
		}
		return tx.SaveSession(ctx, s)
	})
	return ended, err
}

// refusal is why no record was made, with what becomes of what the phone sent.
func refusal(s run.Session, why error) error {
	f := fault.As(why)
	if s.Imported() {
		return f
	}
	return f.Saying("%s; the session is abandoned, and what it sent is kept for %d days", f.Message, run.AbandonedRetention/(24*time.Hour))
}

// keep stores a record and closes its session, unless the session is no longer
// as it was seen.
func (r *Runs) keep(ctx context.Context, uid id.User, seen, closed run.Session, rec run.Record) (kept bool, err error) {
	err = r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		kept = false
		s, err := lockOwn(ctx, tx, uid, seen.ID())
		if err != nil || !s.Same(seen) {
			return err
		}
		kept = true
		if !rec.Counts() {
			if _, err := tx.LockRecord(ctx, rec.DuplicateOf); notFound(err) { // deleted meanwhile
				rec.DuplicateOf = id.Record{}
			} else if err != nil {
				return err
			}
		}
		if err := tx.InsertRecord(ctx, rec); err != nil {
			return err
		}
		if err := tx.SaveSession(ctx, closed); err != nil {
			return err
		}
		return tx.Enqueue(ctx, ports.Job{Kind: ports.JobSettleRun, ID: rec.ID.String()})
	})
	return kept && err == nil, err
}

// measure makes the record of a closed session from its stored chunks.
func (r *Runs) measure(ctx context.Context, s run.Session, how closing) (run.Record, error) {
	release, err := r.budget.Take(ctx, s.Ledger().LoadBytes()+run.MeasureBytes(s.Ledger().Fixes()))
	if err != nil {
		return run.Record{}, err
	}
	var rec run.Record
	var beside meanwhile
	chunks, err := r.store.Chunks(ctx, s.ID())
	if err == nil {
		rec, beside, err = r.measured(ctx, s, chunks, how)
	}
	release()
	if err != nil {
		return rec, err
	}
	return r.mark(ctx, rec, beside, how.once)
}

// measured makes the record of a closed session from its chunks, and says what else
// was recorded at its time. The memory for it is the caller's to take.
func (r *Runs) measured(ctx context.Context, s run.Session, chunks []run.Chunk, how closing) (rec run.Record, beside meanwhile, err error) {
	u, err := r.store.User(ctx, s.Owner())
	if err != nil {
		return rec, beside, err
	}
	ground, err := r.ground(ctx, s.CourseID(), chunks)
	if err != nil {
		return rec, beside, err
	}
	rec, err = run.NewRecord(ctx, run.RecordInput{
		ID: s.RecordID(), Session: s, Chunks: chunks, Title: how.title, Ground: ground,
		ClientFilter: how.clientFilter, Body: run.Body{WeightKG: u.WeightKG, MaxHeartRate: u.HighestHeartRate(s.StartedAt().Year())}, Filter: r.filter, Now: r.clock.Now(),
	})
	if errors.Is(err, run.ErrRunTooShort) {
		return rec, beside, how.tooShort
	}
	if err != nil {
		return rec, beside, err
	}
	if rec.DistanceMeters < how.minDistanceMeters {
		return rec, beside, how.tooShort
	}
	if rec.Indoor {
		rec.LocalHour, rec.LocalDate = rec.StartedAt.Hour(), rec.StartedAt.Format(time.DateOnly) // nobody knows where it was
		return rec, beside, nil
	}
	copied, err := r.store.TrackTaken(ctx, rec.TrackDigest, s.Owner())
	if err != nil {
		return rec, beside, err
	}
	if copied {
		rec.AddFlag(run.FlagCopiedTrack)
	}
	local := r.zones.LocalTime(rec.Route[0], rec.StartedAt)
	rec.LocalHour, rec.LocalDate = local.Hour(), local.Format(time.DateOnly)
	beside, err = r.meanwhileOf(ctx, rec, chunks)
	return rec, beside, err
}

// ground returns how high the course of a run lies, if its altitudes must be compared
// with that; none for a free run, and when the course is gone.
func (r *Runs) ground(ctx context.Context, cid id.Course, chunks []run.Chunk) (run.Ground, error) {
	if cid.IsZero() || !run.NeedsGround(chunks) {
		return run.Ground{}, nil
	}
	c, err := r.store.Course(ctx, cid)
	if fault.KindOf(err) == fault.NotFound {
		return run.Ground{}, nil
	}
	return run.Ground{Line: c.Route, Profile: c.ElevationProfile}, err
}
