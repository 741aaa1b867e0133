package memory

import (
	"context"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
)

// UserStats implements ports.UserStatistics.
func (r *repo) UserStats(ctx context.Context, uid id.User) (u stats.User, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var sums []stats.PeriodSum
		for row := range x.sumsOf.of(&x.sums, uid) {
			sums = append(sums, row.PeriodSum)
		}
		var bests []stats.Best
		for row := range x.bestsOf.of(&x.bests, uid) {
			bests = append(bests, row.Best)
		}
		u = stats.Restore(sums, bests)
		return nil
	})
	return u, err
}

// CountRuns implements ports.UserStatistics.
func (r *repo) CountRuns(ctx context.Context, uid id.User, sums []stats.PeriodSum, now time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		u, ok := x.users.get(uid)
		if !ok {
			return errNoUser
		}
		for _, s := range sums {
			row := sumRow{uid, s}
			kept, _ := x.sums.get(row.key())
			row.Sum = kept.Plus(s.Sum)
			if row.Runs == 0 {
				x.sums.delete(row.key())
			} else {
				x.sums.put(row.key(), row)
			}
			if s.Period == ranking.AllTime {
				u.TotalRuns += s.Runs
				u.TotalDistanceMeters += s.DistanceMeters
			}
		}
		u.UpdatedAt = stamp(now)
		x.users.put(uid, u)
		return nil
	})
}

// OfferBests implements ports.UserStatistics.
func (r *repo) OfferBests(ctx context.Context, uid id.User, bests []stats.Best, _ time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		if len(bests) > 0 && !x.users.has(uid) {
			return errNoUser
		}
		for _, b := range bests {
			b.AchievedAt = stamp(b.AchievedAt)
			row := bestRow{uid, b}
			if kept, ok := x.bests.get(row.key()); !ok || b.Before(kept.Best) {
				x.bests.put(row.key(), row)
			}
		}
		return nil
	})
}

// DropBests implements ports.UserStatistics.
func (r *repo) DropBests(ctx context.Context, uid id.User, rid id.Record) (dropped bool, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		for _, row := range x.bestsOf.collect(&x.bests, uid) {
			if row.RunID == rid {
				x.bests.delete(row.key())
				dropped = true
			}
		}
		return nil
	})
	return dropped, err
}

// UserRuns implements ports.UserStatistics.
func (r *repo) UserRuns(ctx context.Context, uid id.User) (runs []stats.Run, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		rows := x.recordsOf.collect(&x.records, uid)
		slices.SortFunc(rows, newestFirst)
		for _, row := range rows {
			if row.Processing == run.ProcessingDone && row.Counts() {
				runs = append(runs, stats.RunOf(cloneRecord(row)))
			}
		}
		return nil
	})
	return runs, err
}
