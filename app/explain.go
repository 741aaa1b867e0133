package app

import (
	"context"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
)

var (
	errNotJudged = fault.New(fault.NotFound, "verdict_not_found", "a free run has no verdict")
	errPending   = fault.New(fault.Conflict, "verdict_pending", "the run has not been judged yet; ask again in a moment")
)

// Verdict returns the judge's answer on a run and, fix by fix, why. Faults:
// run_not_found, verdict_not_found for a free run, verdict_pending,
// course_set_aside, server_busy. On a retired course no fix is explained: the line that
// it was judged on is gone.
func (r *Runs) Verdict(ctx context.Context, uid id.User, rid id.Record) (judge.Verdict, []judge.FixVerdict, error) {
	rec, err := r.Record(ctx, uid, rid)
	if err != nil {
		return judge.Verdict{}, nil, err
	}
	if rec.CourseID.IsZero() {
		return judge.Verdict{}, nil, errNotJudged
	}
	c, err := r.store.CourseAccess(ctx, rec.CourseID)
	if err != nil {
		return judge.Verdict{}, nil, err
	}
	if c.Retired && rec.Verdict != nil {
		return *rec.Verdict, nil, nil
	}
	ready, err := r.prepared.stored(ctx, r.store, c)
	if err != nil {
		return judge.Verdict{}, nil, err
	}
	if rec.Verdict == nil {
		return judge.Verdict{}, nil, errPending
	}
	fixes, release, err := usableFixes(ctx, r.store, r.budget, rec)
	if err != nil {
		return judge.Verdict{}, nil, err
	}
	defer release()
	explained, err := ready.Explain(ctx, run.ForJudge(fixes))
	return *rec.Verdict, explained, err
}
