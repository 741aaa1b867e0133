// Package stats says what the runs of a course, and of a runner, add up to.
package stats

import (
	"math"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
)

// CourseTotals is what storage counts over the judged runs of a course.
type CourseTotals struct {
	Runs               int   // judged, completed or not
	Runners            int   // different ones
	CompletedRuns      int   // completed and plausible
	SumDurationSeconds int64 // gate to gate, of the completed ones
	BestDuration       int   // the least of them; 0 when there is none
	ByHour             [24]int
}

// TotalsOf counts the judged runs of one runner on a course.
func TotalsOf(attempts []ranking.Attempt) CourseTotals {
	t := CourseTotals{Runs: len(attempts), Runners: min(1, len(attempts))}
	for _, a := range attempts {
		t.ByHour[a.LocalHour]++
		if a.Completed {
			t.CompletedRuns++
			t.SumDurationSeconds += int64(a.DurationSeconds)
		}
	}
	return t
}

// Replace takes away what a runner's runs counted before, and adds what they
// count now. The best time is the board's, and not changed here.
func (t CourseTotals) Replace(before, after CourseTotals) CourseTotals {
	t.Runs += after.Runs - before.Runs
	t.Runners += after.Runners - before.Runners
	t.CompletedRuns += after.CompletedRuns - before.CompletedRuns
	t.SumDurationSeconds += after.SumDurationSeconds - before.SumDurationSeconds
	for hour := range t.ByHour {
		t.ByHour[hour] += after.ByHour[hour] - before.ByHour[hour]
	}
	return t
}

// Course is a course's statistics row.
type Course struct {
	CourseID             id.Course
	CompletedRuns        int
	SumDurationSeconds   int64
	TotalRuns            int
	UniqueRunners        int
	AvgDurationSeconds   *int // the rest are nil until a run is completed
	AvgPaceSecondsPerKM  *int
	BestDurationSeconds  *int
	BestPaceSecondsPerKM *int
	CompletionRate       float32 // completed ÷ all, [0, 1]
	RunsByHour           [24]int // by local hour of the course's place
	UpdatedAt            time.Time
}

// OfCourse makes the row of the totals. Averages are rounded to whole seconds
// here, so that every store gives the same ones.
func OfCourse(course id.Course, distanceMeters int, t CourseTotals, now time.Time) Course {
	s := Course{
		CourseID: course, TotalRuns: t.Runs, UniqueRunners: t.Runners, RunsByHour: t.ByHour, UpdatedAt: now,
		CompletedRuns: t.CompletedRuns, SumDurationSeconds: t.SumDurationSeconds,
	}
	if t.Runs > 0 {
		s.CompletionRate = float32(float64(t.CompletedRuns) / float64(t.Runs))
	}
	if t.CompletedRuns > 0 {
		avg := int(math.Round(float64(t.SumDurationSeconds) / float64(t.CompletedRuns)))
		best := t.BestDuration
		avgPace, bestPace := ranking.Pace(avg, distanceMeters), ranking.Pace(best, distanceMeters)
		s.AvgDurationSeconds, s.BestDurationSeconds = &avg, &best
		s.AvgPaceSecondsPerKM, s.BestPaceSecondsPerKM = &avgPace, &bestPace
	}
	return s
}

// Totals returns what the row was made of.
func (s Course) Totals() CourseTotals {
	t := CourseTotals{
		Runs: s.TotalRuns, Runners: s.UniqueRunners, CompletedRuns: s.CompletedRuns,
		SumDurationSeconds: s.SumDurationSeconds, ByHour: s.RunsByHour,
	}
	if s.BestDurationSeconds != nil {
		t.BestDuration = *s.BestDurationSeconds
	}
	return t
}
