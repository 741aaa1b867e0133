// Package ranking says who is where on a course's board.
//
// A board holds one row per runner with a completed, plausible run: the best
// gate-to-gate time. Equal times share a rank (1, 2, 2, 4); rows are listed by
// time, then by when it was achieved, then by user id.
package ranking

import (
	"math"
	"time"

	"github.com/runvs/runvs/domain/id"
)

// Row is one runner's place on the board of a period.
type Row struct {
	CourseID             id.Course
	Period               Period
	UserID               id.User
	BestDurationSeconds  int
	BestPaceSecondsPerKM int
	RunCount             int // completed runs on the course within the period
	Rank                 int // set when the board is listed
	AchievedAt           time.Time
}

// Compare orders two rows as a board lists them.
func Compare(a, b Row) int {
	if a.BestDurationSeconds != b.BestDurationSeconds {
		return a.BestDurationSeconds - b.BestDurationSeconds
	}
	if c := a.AchievedAt.Compare(b.AchievedAt); c != 0 {
		return c
	}
	return a.UserID.Compare(b.UserID)
}

// Assign sets the ranks of neighbours in the order of Compare: ahead rows of the
// board are faster than the first of them, and tied rows, on these pages or
// before, have its time.
func Assign(rows []*Row, ahead, tied int) {
	rank, same := ahead+1, 0
	for i, row := range rows {
		if i > 0 && row.BestDurationSeconds != rows[i-1].BestDurationSeconds {
			if rows[i-1].BestDurationSeconds == rows[0].BestDurationSeconds {
				same = tied
			}
			rank, same = rank+same, 0
		}
		row.Rank = rank
		same++
	}
}

// Pace returns the pace in whole seconds per kilometre of a duration over a
// course's length; 0 for a course of no length.
func Pace(durationSeconds, distanceMeters int) int {
	if distanceMeters <= 0 {
		return 0
	}
	return int(math.Round(float64(durationSeconds) * 1000 / float64(distanceMeters)))
}
