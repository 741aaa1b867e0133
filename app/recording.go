package app

import (
	"context"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// fixStore reads what sessions sent.
type fixStore interface {
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error)
}

// judgedFix is what a fix takes as the judge is given it, and is explained.
const judgedFix = 32 + 72

// usableFixes returns the fixes that a record was measured from. They, and what
// judging them takes, are within the budget until release is called.
func usableFixes(ctx context.Context, store fixStore, budget ports.Budget, rec run.Record) (fixes []run.Fix, release func(), err error) {
	return fixesFor(ctx, store, budget, rec, func(fixes int) int64 { return judge.JudgeBytes(fixes) + judgedFix*int64(fixes) })
}

// fixesFor is usableFixes for work that takes so many bytes.
func fixesFor(ctx context.Context, store fixStore, budget ports.Budget, rec run.Record, work func(fixes int) int64) (fixes []run.Fix, release func(), err error) {
	tapes, release, err := load(ctx, store, budget, rec.Takes(), work)
	if err != nil {
		return nil, nil, err
	}
	if fixes, err = run.Usable(ctx, tapes, rec.Filter); err != nil {
		release()
		return nil, nil, err
	}
	return fixes, release, nil
}

// load returns what takes are of. It, what measuring it takes, and what more costs
// for so many fixes, are within the budget until release is called. Faults:
// session_not_found for what is gone, server_busy.
func load(ctx context.Context, store fixStore, budget ports.Budget, takes []run.Take, more func(fixes int) int64) (tapes []run.Tape, release func(), err error) {
	tapes = make([]run.Tape, len(takes))
	price, fixes := int64(0), 0
	for i, t := range takes {
		if tapes[i].Session, err = store.Session(ctx, t.SessionID); err != nil {
			return nil, nil, err
		}
		tapes[i].Take = t
		l := tapes[i].Session.Ledger()
		price, fixes = price+l.LoadBytes(), fixes+l.Fixes()
	}
	release, err = budget.Take(ctx, price+run.MeasureBytes(fixes)+more(fixes))
	if err != nil {
		return nil, nil, err
	}
	for i, t := range takes {
		if tapes[i].Chunks, err = store.Chunks(ctx, t.SessionID); err != nil {
			release()
			return nil, nil, err
		}
	}
	return tapes, release, nil
}
