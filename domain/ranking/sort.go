package ranking

import "cmp"

// Sort is an order in which a board is listed. Ranks are by time in each.
type Sort string

// The orders of a board; the user id is the last key of each. The zero Sort is
// Fastest.
const (
	Fastest  Sort = "time"   // Compare
	Latest   Sort = "recent" // achieved_at descending
	MostRuns Sort = "runs"   // run_count descending, then as Fastest
)

// Compare orders two rows.
func (s Sort) Compare(a, b Row) int {
	switch s {
	case Latest:
		return cmp.Or(b.AchievedAt.Compare(a.AchievedAt), a.UserID.Compare(b.UserID))
	case MostRuns:
		return cmp.Or(cmp.Compare(b.RunCount, a.RunCount), Compare(a, b))
	}
	return Compare(a, b)
}
