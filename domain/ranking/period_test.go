package ranking

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/id"
)

func TestADayLiesInItsYearMonthAndWeek(t *testing.T) {
	for day, want := range map[string][]string{
		"2026-05-01": {"", "2026-01-01", "2026-05-01", "2026-04-27"}, // a Friday
		"2026-11-23": {"", "2026-01-01", "2026-11-01", "2026-11-23"}, // a Monday
		"2026-11-29": {"", "2026-01-01", "2026-11-01", "2026-11-23"}, // a Sunday
		"2027-01-01": {"", "2027-01-01", "2027-01-01", "2026-12-28"}, // its week began the year before
		"2028-02-29": {"", "2028-01-01", "2028-02-01", "2028-02-28"},
		"":           {""},
		"2026-02-30": {""},
	} {
		var got []string
		for _, p := range PeriodsOf(day) {
			got = append(got, p.StartsOn)
			if !p.Includes(day) {
				t.Errorf("%s is not in %v", day, p)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", day, got, want)
		}
	}
	if _, err := PeriodOf("decade", "2026-05-01"); err == nil {
		t.Error("a decade has a board")
	}
	if _, err := PeriodOf(Week, "05/01/2026"); err == nil {
		t.Error("05/01/2026 is a day")
	}
}

func TestTheBestIsTheFastestThenTheEarliest(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	try := func(seconds, hours int, day string, completed bool) Attempt {
		return Attempt{Completed: completed, DurationSeconds: seconds, FinishedAt: noon.Add(time.Duration(hours) * time.Hour), LocalDate: day}
	}
	attempts := []Attempt{
		try(310, 0, "2026-05-01", true), try(300, 1, "2026-05-02", true), try(300, 0, "2026-05-03", true),
		try(0, 0, "2026-05-01", false), try(200, 0, "2025-05-01", true),
	}
	for _, c := range []struct {
		span           Span
		day            string
		seconds, count int
		achieved       time.Time
	}{
		{Ever, "", 200, 4, noon}, {Year, "2026-09-09", 300, 3, noon}, {Week, "2026-04-27", 300, 3, noon},
		{Month, "2025-05-31", 200, 1, noon}, {Month, "2025-06-01", 0, 0, time.Time{}},
	} {
		p, err := PeriodOf(c.span, c.day)
		if err != nil {
			t.Fatal(err)
		}
		row, ranked := Best(id.Course{}, 1000, id.User{}, p, attempts)
		if ranked != (c.count > 0) || row.BestDurationSeconds != c.seconds || row.RunCount != c.count || !row.AchievedAt.Equal(c.achieved) {
			t.Errorf("%v: %+v", p, row)
		}
	}
}

// Any page of a board, given how many are ahead of it and tied with its first
// row, has the ranks that the whole board gives.
func TestAPageHasTheRanksOfTheWholeBoard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 40).Draw(t, "times")
		slices.Sort(times)
		from := rapid.IntRange(0, len(times)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(times)).Draw(t, "to")
		ahead, tied := 0, 0
		var page []*Row
		for i, seconds := range times {
			if seconds < times[from] {
				ahead++
			}
			if seconds == times[from] {
				tied++
			}
			if i >= from && i < to {
				page = append(page, &Row{BestDurationSeconds: seconds})
			}
		}
		Assign(page, ahead, tied)
		for _, row := range page {
			if want := slices.Index(times, row.BestDurationSeconds) + 1; row.Rank != want {
				t.Fatalf("%d s has the rank %d, want %d", row.BestDurationSeconds, row.Rank, want)
			}
		}
	})
}
