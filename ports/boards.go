package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
)

// Boards keeps rankings and course statistics. All numbers here equal what a
// recomputation from the records gives.
type Boards interface {
	// LockBoard holds a course's row until the transaction ends, as whoever changes
	// its board or statistics must, and returns the course as it then is. Fault:
	// course.ErrNotFound.
	LockBoard(ctx context.Context, cid id.Course) (CourseAccess, error)
	// Attempts returns all processed runs of a runner on a course.
	Attempts(ctx context.Context, cid id.Course, uid id.User) ([]ranking.Attempt, error)
	// PutRanking stores a user's row of a period's board, or replaces it.
	PutRanking(ctx context.Context, r ranking.Row, now time.Time) error
	// DropRanking removes a user's row of a period's board, if there is one.
	DropRanking(ctx context.Context, cid id.Course, uid id.User, p ranking.Period) error
	// CacheRanks writes the ranks of a short board of all times to its rows, for
	// who reads the table; those of a long one are counted when it is read.
	CacheRanks(ctx context.Context, cid id.Course) error
	// Board returns rows of a board in the order asked for, with their ranks by
	// time, and how many there are in all, of one moment. With q.After, the rows
	// behind that key; else the page.
	Board(ctx context.Context, q BoardQuery) ([]BoardRow, int, error)
	// BoardAround returns up to n rows before and n after a user's row, with it,
	// in the order of time, and the number of all rows. Empty when the user is
	// not ranked.
	BoardAround(ctx context.Context, cid id.Course, p ranking.Period, uid id.User, n int) ([]BoardRow, int, error)
	// PaceBoards makes the paces on all boards of a course those over a length.
	PaceBoards(ctx context.Context, cid id.Course, distanceMeters int, now time.Time) error
	// UserRankings returns up to limit rows of a user on any board, by course, span
	// and first day, behind after (nil for all). Ranks are not counted.
	UserRankings(ctx context.Context, uid id.User, after *RankingKey, limit int) ([]ranking.Row, error)
	// CourseTotals counts a course's processed records, one by one.
	CourseTotals(ctx context.Context, cid id.Course) (stats.CourseTotals, error)
	// PutCourseStats stores a course's statistics row, or replaces it.
	PutCourseStats(ctx context.Context, s stats.Course) error
	// CourseStats returns a course's statistics row; a course without one gives
	// an empty row of zeros.
	CourseStats(ctx context.Context, cid id.Course) (stats.Course, error)
}

// BoardQuery asks for a stretch of the board of a period.
type BoardQuery struct {
	CourseID id.Course
	Period   ranking.Period
	Sort     ranking.Sort // by time when empty
	Page     Page
	After    *BoardKey
}

// BoardKey is a row's place in the orders of a board.
type BoardKey struct {
	RunCount            int // needed by ranking.MostRuns alone
	BestDurationSeconds int
	AchievedAt          time.Time
	UserID              id.User
}

// BoardRow is a row of a board with the person.
type BoardRow struct {
	ranking.Row
	Person user.Person
}

// RankingKey is a row's place among those of one user.
type RankingKey struct {
	CourseID id.Course
	Period   ranking.Period
}
