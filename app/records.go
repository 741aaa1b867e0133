package app

import (
	"context"
	"errors"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/ports"
)

// CompleteInput is what a phone says when a run ends.
type CompleteInput struct {
	TotalChunks  int // 0 = not said
	Title        string
	ClientFilter strictjson.Document // an object, or nil
}

// Complete makes the record of a session whose chunks are all there. A repeat
// returns the same record with created false. Faults: those of
// run.Session.Complete, run_too_short, claim_too_large.
func (r *Runs) Complete(ctx context.Context, uid id.User, sid id.Session, in CompleteInput) (rec run.Record, created bool, err error) {
	title, err := run.CheckTitle(in.Title)
	if err != nil {
		return rec, false, err
	}
	if err := run.CheckClaim("filter_config", in.ClientFilter); err != nil {
		return rec, false, err
	}
	return r.close(ctx, uid, sid, closing{
		title: title, clientFilter: in.ClientFilter, tooShort: run.ErrRunTooShort,
		verb: func(s run.Session, record id.Record) (run.Session, error) {
			return s.Complete(record, in.TotalChunks)
		},
	})
}

// Finalize makes the record of what has arrived, gaps and all. A repeat returns
// the same record with created false. Faults: session_not_found,
// nothing_to_recover.
func (r *Runs) Finalize(ctx context.Context, uid id.User, sid id.Session) (rec run.Record, created bool, err error) {
	return r.close(ctx, uid, sid, closing{
		verb: run.Session.Recover, tooShort: run.ErrNothingToRecover,
	})
}

// closing is one way for a session to end with a record.
type closing struct {
	title        string
	clientFilter strictjson.Document
	verb         func(run.Session, id.Record) (run.Session, error)
	tooShort     *fault.Error // the answer when there is nothing to measure
	// minDistanceMeters is the least distance that is worth a record; less gives tooShort.
	minDistanceMeters int
}

// closeTries is how often a session is measured whose phone goes on sending
// chunks meanwhile.
const closeTries = 5

var errRestless = fault.New(fault.Unavailable, "session_busy", "chunks of this session still arrive; complete it when the last was answered").With("retry_after", 1)

// close ends a session with a record. The record is measured with no lock held,
// for that may take long; then, in one transaction under the session's lock, it
// is inserted, the session closed and the job enqueued, if the session is still
// as it was. Of any number of callers at once, one makes the record and all get it.
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
		closed, err := how.verb(s, id.New[id.RecordKind](r.ids))
		if err != nil {
			return rec, false, err
		}
		if rec, err = r.measure(ctx, closed, how); err != nil {
			return rec, false, err
		}
		kept, err := r.keep(ctx, uid, s, closed, rec)
		if kept || err != nil {
			return rec, kept, err
		}
	}
	return rec, false, errRestless
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

// measure makes the record of a closed session from its chunks.
func (r *Runs) measure(ctx context.Context, s run.Session, how closing) (run.Record, error) {
	release, err := r.budget.Take(ctx, s.Ledger().LoadBytes()+run.MeasureBytes(s.Ledger().Fixes()))
	if err != nil {
		return run.Record{}, err
	}
	defer release()
	chunks, err := r.store.Chunks(ctx, s.ID())
	if err != nil {
		return run.Record{}, err
	}
	u, err := r.store.User(ctx, s.Owner())
	if err != nil {
		return run.Record{}, err
	}
	rec, err := run.NewRecord(ctx, run.RecordInput{
		ID: s.RecordID(), Session: s, Chunks: chunks, Title: how.title,
		ClientFilter: how.clientFilter, WeightKG: u.WeightKG, Filter: r.filter, Now: r.clock.Now(),
	})
	if errors.Is(err, run.ErrRunTooShort) {
		return rec, how.tooShort
	}
	if err != nil {
		return rec, err
	}
	if rec.DistanceMeters < how.minDistanceMeters {
		return rec, how.tooShort
	}
	copied, err := r.store.TrackTaken(ctx, rec.TrackDigest, s.Owner())
	if err != nil {
		return rec, err
	}
	if copied {
		rec.AddFlag(run.FlagCopiedTrack)
	}
	local := r.zones.LocalTime(rec.Route[0], rec.StartedAt)
	rec.LocalHour, rec.LocalDate = local.Hour(), local.Format(time.DateOnly)
	return rec, nil
}

// Record returns one of the runner's records, or run_not_found.
func (r *Runs) Record(ctx context.Context, uid id.User, rid id.Record) (run.Record, error) {
	rec, err := r.store.Record(ctx, rid)
	if err == nil && rec.UserID != uid {
		err = ports.ErrRunNotFound
	}
	return rec, err
}

// SetTitle names a run; "" takes the name away.
func (r *Runs) SetTitle(ctx context.Context, uid id.User, rid id.Record, title string) (rec run.Record, err error) {
	if title, err = run.CheckTitle(title); err != nil {
		return rec, err
	}
	err = r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if rec, err = lockOwnRecord(ctx, tx, uid, rid); err != nil {
			return err
		}
		rec.Title = title
		return tx.SaveRecord(ctx, rec)
	})
	return rec, err
}

// Delete removes a run and takes it out of totals, board and statistics.
func (r *Runs) Delete(ctx context.Context, uid id.User, rid id.Record) error {
	return r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		rec, err := lockOwnRecord(ctx, tx, uid, rid)
		if err != nil {
			return err
		}
		if err := tx.LockUser(ctx, uid); err != nil {
			return err
		}
		standing, err := hold(ctx, tx, uid, rec.CourseID)
		if err != nil {
			return err
		}
		if err := tx.DeleteRecord(ctx, rid); err != nil {
			return err
		}
		if err := discountRun(ctx, tx, rec, r.clock.Now()); err != nil {
			return err
		}
		return standing.settle(ctx, tx, rec.LocalDate, r.clock.Now())
	})
}

func lockOwnRecord(ctx context.Context, tx ports.Records, uid id.User, rid id.Record) (run.Record, error) {
	rec, err := tx.LockRecord(ctx, rid)
	if err == nil && rec.UserID != uid {
		err = ports.ErrRunNotFound
	}
	return rec, err
}

// Await waits until the jobs of a record just made are done or failed, at most for
// d, and returns the record as it then is. When that cannot be found out it is
// returned as it was made: it is stored, whatever became of looking.
func (r *Runs) Await(ctx context.Context, made run.Record, d time.Duration) run.Record {
	job := ports.Job{Kind: ports.JobSettleRun, ID: made.ID.String()}
	_, err := await(ctx, r.ended, job, d, func() (bool, error) {
		p, err := r.store.RecordProcessing(ctx, made.ID)
		return p != run.ProcessingPending, err
	})
	if err == nil {
		var settled run.Record
		if settled, err = r.store.Record(ctx, made.ID); err == nil {
			return settled
		}
	}
	r.log.WarnContext(ctx, "a run was made, and what became of it cannot be read", "run", made.ID.String(), "error", err)
	return made
}
