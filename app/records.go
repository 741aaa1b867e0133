package app

import (
	"context"
	"slices"
	"time"

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
// run.Session.Complete, claim_too_large, and run_too_short and run_too_long: of
// what arrived no record can be made, so the session is abandoned.
func (r *Runs) Complete(ctx context.Context, uid id.User, sid id.Session, in CompleteInput) (rec run.Record, created bool, err error) {
	return r.complete(ctx, uid, sid, in, false)
}

// complete is Complete. once refuses what another device has recorded already, with
// already_recorded.
func (r *Runs) complete(ctx context.Context, uid id.User, sid id.Session, in CompleteInput, once bool) (rec run.Record, created bool, err error) {
	title, err := run.CheckTitle(in.Title)
	if err != nil {
		return rec, false, err
	}
	if err := run.CheckClaim("filter_config", in.ClientFilter); err != nil {
		return rec, false, err
	}
	return r.close(ctx, uid, sid, closing{
		title: title, clientFilter: in.ClientFilter, totalChunks: in.TotalChunks, tooShort: run.ErrRunTooShort, once: once,
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

// Delete removes a run, with what was merged into it, and takes it out of totals,
// board and statistics. Faults: run_not_found, run_merged.
func (r *Runs) Delete(ctx context.Context, uid id.User, rid id.Record) error {
	return r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		rec, err := lockOwnRecord(ctx, tx, uid, rid)
		if err != nil {
			return err
		}
		if !rec.MergedInto.IsZero() {
			return run.ErrRunMerged.With("run_id", rec.MergedInto.String())
		}
		heirs, err := lockHeirs(ctx, tx, rid)
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
		for _, of := range heirs {
			if err := inherit(ctx, tx, of); err != nil {
				return err
			}
		}
		if err := discountRun(ctx, tx, rec, r.clock.Now()); err != nil {
			return err
		}
		return standing.settle(ctx, tx, r.clock.Now(), rec.LocalDate)
	})
}

// lockHeirs returns the duplicates of a locked record, and of each that goes with it
// because it was merged into it, locked.
func lockHeirs(ctx context.Context, tx ports.Records, rid id.Record) ([][]run.Record, error) {
	heirs, err := lockDuplicates(ctx, tx, rid)
	if err != nil {
		return nil, err
	}
	out := [][]run.Record{heirs}
	parts, err := tx.PartsOf(ctx, rid)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if _, err := tx.LockRecord(ctx, part); err != nil {
			return nil, err
		}
		more, err := lockHeirs(ctx, tx, part)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// lockDuplicates returns the duplicates of a locked record, locked, in the order they
// were made. Records are locked before their runner.
func lockDuplicates(ctx context.Context, tx ports.Records, rid id.Record) ([]run.Record, error) {
	ids, err := tx.DuplicatesOf(ctx, rid)
	if err != nil {
		return nil, err
	}
	locked := make([]run.Record, len(ids))
	for i, d := range ids {
		if locked[i], err = tx.LockRecord(ctx, d); err != nil {
			return nil, err
		}
	}
	return locked, nil
}

// inherit makes the duplicates of a record that is gone count in its place: each that
// is of another time than those before it. The others are duplicates of these.
func inherit(ctx context.Context, tx ports.Repo, heirs []run.Record) error {
	var count []run.Record
	for _, rec := range heirs {
		rec.DuplicateOf = id.Record{}
		if i := slices.IndexFunc(count, rec.SameTime); i >= 0 {
			rec.DuplicateOf = count[i].ID
		} else {
			rec.Processing = run.ProcessingPending // to be settled again
			count = append(count, rec)
		}
		if err := tx.SaveRecord(ctx, rec); err != nil {
			return err
		}
	}
	for _, rec := range count {
		if err := tx.Enqueue(ctx, ports.Job{Kind: ports.JobSettleRun, ID: rec.ID.String()}); err != nil {
			return err
		}
	}
	return nil
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
