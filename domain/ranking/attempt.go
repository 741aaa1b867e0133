package ranking

import (
	"time"

	"github.com/runvs/runvs/domain/id"
)

// Attempt is a judged run on a course, as its board and statistics see it.
type Attempt struct {
	RecordID        id.Record
	Completed       bool // and plausible: it counts for the board
	DurationSeconds int  // gate to gate, of a completed one
	FinishedAt      time.Time
	LocalDate       string // YYYY-MM-DD of its start at its place, or ""
	LocalHour       int
}

// Best returns the row that a runner's attempts on a course give for a period,
// and whether there is one. Of equal times the earliest finished counts, then
// the lowest record id.
func Best(course id.Course, distanceMeters int, runner id.User, p Period, attempts []Attempt) (Row, bool) {
	var best Attempt
	row := Row{CourseID: course, UserID: runner, Period: p}
	for _, a := range attempts {
		if !a.Completed || !p.Includes(a.LocalDate) {
			continue
		}
		if row.RunCount++; row.RunCount == 1 || a.before(best) {
			best = a
		}
	}
	row.BestDurationSeconds, row.AchievedAt = best.DurationSeconds, best.FinishedAt
	row.BestPaceSecondsPerKM = Pace(best.DurationSeconds, distanceMeters)
	return row, row.RunCount > 0
}

func (a Attempt) before(b Attempt) bool {
	if a.DurationSeconds != b.DurationSeconds {
		return a.DurationSeconds < b.DurationSeconds
	}
	if c := a.FinishedAt.Compare(b.FinishedAt); c != 0 {
		return c < 0
	}
	return a.RecordID.Compare(b.RecordID) < 0
}
