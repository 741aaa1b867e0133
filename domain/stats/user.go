package stats

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// Run is what a runner's statistics need of a processed record.
type Run struct {
	ID              id.Record
	LocalDate       string // YYYY-MM-DD, where it was run
	FinishedAt      time.Time
	DistanceMeters  int
	DurationSeconds int
	Efforts         []run.Effort
}

// Sum is what some runs add up to.
type Sum struct {
	Runs            int
	DistanceMeters  int64
	DurationSeconds int64 // moving
}

// Period is a week or a month with its runs.
type Period struct {
	Name string // "2026-W18" (ISO 8601) or "2026-05"
	Sum
}

// Best is a runner's fastest stretch of a length inside any run.
type Best struct {
	run.Effort
	RunID      id.Record
	AchievedAt time.Time // when the run ended
}

// User is a runner's statistics.
type User struct {
	Total  Sum
	Weeks  []Period // those with runs, the latest first
	Months []Period
	Bests  []Best // in the order of run.EffortMeters, of those that were run
}

// OfUser adds up runs. Weeks and months are those of the place where a run was
// made; a run without a local day counts in the total alone.
func OfUser(runs []Run) User {
	var u User
	weeks, months := map[string]Sum{}, map[string]Sum{}
	bests := map[float64]Best{}
	for _, r := range runs {
		u.Total = u.Total.with(r)
		if day, err := time.Parse(time.DateOnly, r.LocalDate); err == nil {
			year, week := day.ISOWeek()
			name := fmt.Sprintf("%04d-W%02d", year, week)
			weeks[name] = weeks[name].with(r)
			name = day.Format("2006-01")
			months[name] = months[name].with(r)
		}
		for _, e := range r.Efforts {
			b := Best{Effort: e, RunID: r.ID, AchievedAt: r.FinishedAt}
			if known, ok := bests[e.DistanceMeters]; !ok || b.before(known) {
				bests[e.DistanceMeters] = b
			}
		}
	}
	u.Weeks, u.Months = periods(weeks), periods(months)
	for _, meters := range run.EffortMeters {
		if b, ok := bests[meters]; ok {
			u.Bests = append(u.Bests, b)
		}
	}
	return u
}

func (s Sum) with(r Run) Sum {
	return Sum{s.Runs + 1, s.DistanceMeters + int64(r.DistanceMeters), s.DurationSeconds + int64(r.DurationSeconds)}
}

// before orders bests: the faster, then the earlier, then the lower id.
func (b Best) before(other Best) bool {
	return cmp.Or(
		cmp.Compare(b.DurationSeconds, other.DurationSeconds),
		b.AchievedAt.Compare(other.AchievedAt),
		b.RunID.Compare(other.RunID),
	) < 0
}

func periods(sums map[string]Sum) []Period {
	out := make([]Period, 0, len(sums))
	for name, sum := range sums {
		out = append(out, Period{name, sum})
	}
	slices.SortFunc(out, func(a, b Period) int { return cmp.Compare(b.Name, a.Name) })
	return out
}
