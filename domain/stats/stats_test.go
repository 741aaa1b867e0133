package stats

import (
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
)

var (
	noon  = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	river = id.FromBytes[id.CourseKind]([16]byte{1})
)

// runsOf draws the judged runs of one runner on a course.
func runsOf(t *rapid.T, label string) []ranking.Attempt {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ranking.Attempt {
		return ranking.Attempt{
			Completed: rapid.Bool().Draw(t, "completed"), DurationSeconds: rapid.IntRange(1, 100_000).Draw(t, "seconds"),
			LocalHour: rapid.IntRange(0, 23).Draw(t, "hour"),
		}
	}), 0, 6).Draw(t, label)
}

// counted is CourseTotals of the runs of all runners, counted one by one.
func counted(runners ...[]ranking.Attempt) (t CourseTotals) {
	for _, runs := range runners {
		if len(runs) > 0 {
			t.Runners++
		}
		for _, a := range runs {
			t.Runs++
			t.ByHour[a.LocalHour]++
			if a.Completed {
				t.CompletedRuns++
				t.SumDurationSeconds += int64(a.DurationSeconds)
			}
		}
	}
	return t
}

func TestCorrectingByADifferenceIsCountingAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		others, before, after := runsOf(t, "others"), runsOf(t, "before"), runsOf(t, "after")
		got := counted(others, before).Replace(TotalsOf(before), TotalsOf(after))
		if want := counted(others, after); got != want {
			t.Fatalf("\n got %+v\nwant %+v", got, want)
		}
	})
}

func TestTheBestTimeIsTheBoards(t *testing.T) {
	got := CourseTotals{Runs: 1, BestDuration: 300}.Replace(CourseTotals{Runs: 1, BestDuration: 300}, CourseTotals{BestDuration: 200})
	if got.BestDuration != 300 || got.Runs != 0 {
		t.Errorf("%+v", got)
	}
}

func TestACoursesRowSaysWhatItsTotalsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		totals := counted(runsOf(t, "mina"), runsOf(t, "joon"))
		if totals.CompletedRuns > 0 {
			totals.BestDuration = rapid.IntRange(1, 1000).Draw(t, "best")
		}
		row := OfCourse(river, 5000, totals, noon)
		if row.Totals() != totals || row.CourseID != river || !row.UpdatedAt.Equal(noon) {
			t.Fatalf("%+v became %+v", totals, row)
		}
		if totals.CompletedRuns == 0 {
			if row.AvgDurationSeconds != nil || row.AvgPaceSecondsPerKM != nil || row.BestDurationSeconds != nil || row.BestPaceSecondsPerKM != nil || row.CompletionRate != 0 {
				t.Fatalf("of no completed run: %+v", row)
			}
			return
		}
		if avg := float64(totals.SumDurationSeconds) / float64(totals.CompletedRuns); math.Abs(float64(*row.AvgDurationSeconds)-avg) > 0.5 {
			t.Fatalf("the average of %v is %d", avg, *row.AvgDurationSeconds)
		}
		if rate := float64(row.CompletionRate); math.Abs(rate*float64(totals.Runs)-float64(totals.CompletedRuns)) > 1e-4 {
			t.Fatalf("the rate is %v of %+v", rate, totals)
		}
	})
}

func TestTheRowOfACourse(t *testing.T) {
	row := OfCourse(river, 2000, CourseTotals{Runs: 4, Runners: 2, CompletedRuns: 3, SumDurationSeconds: 1801, BestDuration: 580}, noon)
	got := [4]int{*row.AvgDurationSeconds, *row.AvgPaceSecondsPerKM, *row.BestDurationSeconds, *row.BestPaceSecondsPerKM}
	if want := [4]int{600, 300, 580, 290}; got != want || row.CompletionRate != 0.75 || row.UniqueRunners != 2 || row.TotalRuns != 4 {
		t.Errorf("%v of %+v", got, row)
	}
	if empty := OfCourse(river, 0, CourseTotals{}, noon); empty.CompletionRate != 0 || empty.AvgPaceSecondsPerKM != nil {
		t.Errorf("of no run: %+v", empty)
	}
}

func TestARunnersRunIsThatOfTheRecord(t *testing.T) {
	rec := run.Record{
		ID: id.FromBytes[id.RecordKind]([16]byte{7}), LocalDate: "2026-05-01",
		Measures: run.Measures{FinishedAt: noon, DistanceMeters: 1200, DurationSeconds: 400, BestEfforts: []run.Effort{{DistanceMeters: 1000, DurationSeconds: 300}}},
	}
	want := Run{
		ID: rec.ID, LocalDate: "2026-05-01", FinishedAt: noon, DistanceMeters: 1200, DurationSeconds: 400,
		Efforts: []run.Effort{{DistanceMeters: 1000, DurationSeconds: 300}},
	}
	if got := RunOf(rec); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestWhatWasAddedIsTakenAway(t *testing.T) {
	a, b := Sum{3, 9000, 2700}, Sum{1, 1200, 400}
	if got := a.Plus(b).Plus(b.Negative()); got != a {
		t.Errorf("%+v, want %+v", got, a)
	}
	if got := a.Plus(b); got != (Sum{4, 10_200, 3100}) {
		t.Errorf("the sum is %+v", got)
	}
}

func TestOfEqualBestsTheEarlierThenTheLowerCounts(t *testing.T) {
	best := func(seconds float64, at time.Time, b byte) Best {
		return Best{Effort: run.Effort{DistanceMeters: 1000, DurationSeconds: seconds}, RunID: id.FromBytes[id.RecordKind]([16]byte{b}), AchievedAt: at}
	}
	ordered := []Best{best(200, noon.Add(time.Hour), 9), best(201, noon, 2), best(201, noon, 3), best(201, noon.Add(1), 1)}
	for i, a := range ordered {
		for k, b := range ordered {
			if a.Before(b) != (i < k) {
				t.Errorf("%d before %d: %v", i, k, a.Before(b))
			}
		}
	}
}
