package app

import (
	"context"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// standing is what a runner's runs on a course counted before a change. What
// changes a run holds it before, and settles it after: boards and statistics
// are corrected by the difference, so that the cost of a finish does not grow
// with the runs of others.
type standing struct {
	course ports.CourseAccess // zero for a free run, or when the course is gone
	runner id.User
	before stats.CourseTotals
}

// hold locks a course for what happens to a run on it. The caller holds the
// runner's lock.
func hold(ctx context.Context, tx ports.Boards, uid id.User, cid id.Course) (standing, error) {
	s := standing{runner: uid}
	if cid.IsZero() {
		return s, nil
	}
	c, err := tx.LockBoard(ctx, cid)
	if notFound(err) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	attempts, err := tx.Attempts(ctx, cid, uid)
	s.course, s.before = c, stats.TotalsOf(attempts)
	return s, err
}

// settle makes the boards of days (of the runs that changed, YYYY-MM-DD) and the
// course's statistics equal to what the records now give.
func (s standing) settle(ctx context.Context, tx ports.Boards, now time.Time, days ...string) error {
	cid, meters := s.course.ID, s.course.DistanceMeters
	if cid.IsZero() {
		return nil
	}
	attempts, err := tx.Attempts(ctx, cid, s.runner)
	if err != nil {
		return err
	}
	for _, period := range periodsOf(days) {
		row, ranked := ranking.Best(cid, meters, s.runner, period, attempts)
		if ranked {
			err = tx.PutRanking(ctx, row, now)
		} else {
			err = tx.DropRanking(ctx, cid, s.runner, period)
		}
		if err != nil {
			return err
		}
	}
	if err := tx.CacheRanks(ctx, cid); err != nil {
		return err
	}
	row, err := tx.CourseStats(ctx, cid)
	if err != nil {
		return err
	}
	totals := row.Totals().Replace(s.before, stats.TotalsOf(attempts))
	first, _, err := tx.Board(ctx, ports.BoardQuery{CourseID: cid, Period: ranking.AllTime, Page: ports.Page{Limit: 1}})
	if err != nil {
		return err
	}
	if len(first) > 0 {
		totals.BestDuration = first[0].BestDurationSeconds
	}
	return tx.PutCourseStats(ctx, stats.OfCourse(cid, meters, totals, now))
}

// periodsOf returns the periods that days lie in, each once.
func periodsOf(days []string) []ranking.Period {
	var periods []ranking.Period
	for _, day := range days {
		for _, p := range ranking.PeriodsOf(day) {
			if !slices.Contains(periods, p) {
				periods = append(periods, p)
			}
		}
	}
	return periods
}
