package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
)

// UserStatistics keeps what the processed runs of users add up to: it equals
// what a recomputation from UserRuns gives. Whoever changes it holds the user's
// lock, and counts a run in the transaction that makes it processed, or deletes it.
type UserStatistics interface {
	// UserStats returns a user's statistics as they are kept, all of one moment.
	// Somebody without runs, or unknown, has zeros.
	UserStats(ctx context.Context, uid id.User) (stats.User, error)
	// CountRuns adds sums to those that are kept of a user's periods; negative
	// ones take runs away again. The sum of all times goes to total_runs and
	// total_distance_meters as well.
	CountRuns(ctx context.Context, uid id.User, sums []stats.PeriodSum, now time.Time) error
	// OfferBests keeps those bests that are before the user's one of their length
	// (stats.Best.Before), or the first of it.
	OfferBests(ctx context.Context, uid id.User, bests []stats.Best, now time.Time) error
	// DropBests forgets the user's bests that a run holds, and reports whether
	// there were any.
	DropBests(ctx context.Context, uid id.User, rid id.Record) (dropped bool, err error)
	// UserRuns returns what a runner's statistics are made of: all processed
	// records, newest first.
	UserRuns(ctx context.Context, uid id.User) ([]stats.Run, error)
}
