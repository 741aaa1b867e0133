package stats

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
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

// RunOf takes it from a record.
func RunOf(r run.Record) Run {
	return Run{
		ID: r.ID, LocalDate: r.LocalDate, FinishedAt: r.FinishedAt,
		DistanceMeters: r.DistanceMeters, DurationSeconds: r.DurationSeconds, Efforts: r.BestEfforts,
	}
}

// Sum is what some runs add up to.
type Sum struct {
	Runs            int
	DistanceMeters  int64
	DurationSeconds int64 // moving
}

// PeriodSum is what a runner's runs of a period add up to.
type PeriodSum struct {
	Period ranking.Period // ever, a month or a week
	Sum
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
	sums := map[ranking.Period]Sum{}
	bests := map[float64]Best{}
	for _, r := range runs {
		for _, one := range r.Sums() {
			sums[one.Period] = sums[one.Period].Plus(one.Sum)
		}
		for _, b := range r.Bests() {
			if known, ok := bests[b.DistanceMeters]; !ok || b.Before(known) {
				bests[b.DistanceMeters] = b
			}
		}
	}
	var kept []PeriodSum
	for p, sum := range sums {
		kept = append(kept, PeriodSum{p, sum})
	}
	return Restore(kept, slices.Collect(maps.Values(bests)))
}

// Restore makes the statistics of the sums and the bests that are kept of a
// runner, in any order.
func Restore(sums []PeriodSum, bests []Best) User {
	u := User{Weeks: []Period{}, Months: []Period{}}
	for _, s := range sums {
		switch s.Period.Span {
		case ranking.Ever:
			u.Total = s.Sum
		case ranking.Week:
			u.Weeks = append(u.Weeks, Period{week(s.Period.StartsOn), s.Sum})
		case ranking.Month:
			u.Months = append(u.Months, Period{s.Period.StartsOn[:len("2026-05")], s.Sum})
		}
	}
	latestFirst := func(a, b Period) int { return cmp.Compare(b.Name, a.Name) }
	slices.SortFunc(u.Weeks, latestFirst)
	slices.SortFunc(u.Months, latestFirst)
	for _, meters := range run.EffortMeters {
		for _, b := range bests {
			if b.DistanceMeters == meters {
				u.Bests = append(u.Bests, b)
			}
		}
	}
	return u
}

// week names the week that begins on a Monday.
func week(monday string) string {
	day, _ := time.Parse(time.DateOnly, monday) // ranking.PeriodOf wrote it
	year, week := day.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// Sums returns what the run alone adds to each period that it lies in.
func (r Run) Sums() (sums []PeriodSum) {
	one := Sum{1, int64(r.DistanceMeters), int64(r.DurationSeconds)}
	for _, p := range ranking.PeriodsOf(r.LocalDate) {
		if p.Span != ranking.Year { // nobody asks for years
			sums = append(sums, PeriodSum{p, one})
		}
	}
	return sums
}

// Bests returns the run's own fastest stretches.
func (r Run) Bests() []Best {
	bests := make([]Best, len(r.Efforts))
	for i, e := range r.Efforts {
		bests[i] = Best{Effort: e, RunID: r.ID, AchievedAt: r.FinishedAt}
	}
	return bests
}

// Plus adds two sums.
func (s Sum) Plus(t Sum) Sum {
	return Sum{s.Runs + t.Runs, s.DistanceMeters + t.DistanceMeters, s.DurationSeconds + t.DurationSeconds}
}

// Negative is what takes a sum away.
func (s Sum) Negative() Sum { return Sum{-s.Runs, -s.DistanceMeters, -s.DurationSeconds} }

// Before orders bests of one length: the faster, then the earlier, then that of
// the lower run id.
func (b Best) Before(other Best) bool {
	return cmp.Or(
		cmp.Compare(b.DurationSeconds, other.DurationSeconds),
		b.AchievedAt.Compare(other.AchievedAt),
		b.RunID.Compare(other.RunID),
	) < 0
}
