package app

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// countRun adds a run that has just become processed to its runner's totals,
// periods and bests. What it costs does not depend on how many runs there were
// before. The caller holds the runner's lock. Judging a run again changes none of
// these.
func countRun(ctx context.Context, tx ports.UserStatistics, rec run.Record, now time.Time) error {
	r := stats.RunOf(rec)
	if err := tx.CountRuns(ctx, rec.UserID, r.Sums(), now); err != nil {
		return err
	}
	return tx.OfferBests(ctx, rec.UserID, r.Bests(), now)
}

// discountRun takes a run out again that has just been deleted. Only when it held
// a best the runner's other runs are looked through for the next one. The caller
// holds the runner's lock.
func discountRun(ctx context.Context, tx ports.UserStatistics, rec run.Record, now time.Time) error {
	if rec.Processing != run.ProcessingDone || !rec.Counts() {
		return nil // it was not counted
	}
	sums := stats.RunOf(rec).Sums()
	for i, s := range sums {
		sums[i].Sum = s.Negative()
	}
	if err := tx.CountRuns(ctx, rec.UserID, sums, now); err != nil {
		return err
	}
	dropped, err := tx.DropBests(ctx, rec.UserID, rec.ID)
	if err != nil || !dropped {
		return err
	}
	others, err := tx.UserRuns(ctx, rec.UserID)
	if err != nil {
		return err
	}
	return tx.OfferBests(ctx, rec.UserID, stats.OfUser(others).Bests, now)
}
