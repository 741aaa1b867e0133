package app

import (
	"context"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// overlapping is how many recordings of one runner at one time are looked at.
const overlapping = 10

// meanwhile is what else its runner recorded at the time of a new record, and some
// places of the new one to compare with that.
type meanwhile struct {
	others []id.Record
	places []run.Fix
}

// meanwhileOf looks for records at the time of a new one. The memory for its fixes is
// the caller's to take.
func (r *Runs) meanwhileOf(ctx context.Context, rec run.Record, chunks []run.Chunk) (m meanwhile, err error) {
	if m.others, err = r.store.Overlapping(ctx, rec.UserID, rec.StartedAt, rec.FinishedAt, overlapping); err != nil || len(m.others) == 0 {
		return m, err
	}
	fixes, err := run.Filter(ctx, run.JoinFixes(chunks), rec.Filter)
	m.places = run.SomePlaces(fixes)
	return m, err
}

// original returns the record that another device made of the run that a new record
// is of; zero for most. It takes memory for the fixes of one record at a time: the
// caller holds none. Faults: those of reading them.
func (r *Runs) original(ctx context.Context, m meanwhile) (id.Record, error) {
	for _, rid := range m.others {
		other, err := r.store.Record(ctx, rid)
		if notFound(err) { // deleted meanwhile
			continue
		}
		if err != nil {
			return id.Record{}, err
		}
		theirs, release, err := usableFixes(ctx, r.store, r.budget, other)
		if notFound(err) {
			continue
		}
		if err != nil {
			return id.Record{}, err
		}
		same, err := run.SameRun(ctx, m.places, theirs)
		release()
		if same || err != nil {
			return rid, err
		}
	}
	return id.Record{}, nil
}

// mark notes on a new record which other it is a duplicate of. once refuses a
// duplicate, with already_recorded.
func (r *Runs) mark(ctx context.Context, rec run.Record, m meanwhile, once bool) (run.Record, error) {
	var err error
	if rec.DuplicateOf, err = r.original(ctx, m); err != nil {
		return rec, err
	}
	if once && !rec.Counts() {
		return rec, run.ErrAlreadyRecorded.With("run_id", rec.DuplicateOf.String())
	}
	return rec, nil
}
