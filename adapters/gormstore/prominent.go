package gormstore

import (
	"math"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// prominent are the public courses of a view, or of its neighbourhood, whose
// prominence is at least that of from, and below what was asked.
type prominent struct {
	ids  []id.Course
	from float64
	more bool // there are others below from
}

// everyProminence is above all that there are.
const everyProminence = 1e12

// prominent walks the index from the most prominent course down.
func (postgresDialect) prominent(db *gorm.DB, q ports.BoundsQuery, below float64, n int) (prominent, error) {
	column := "start"
	if q.WholeRoute {
		column = "route"
	}
	type row struct {
		CourseID   uuid[id.CourseKind]
		Prominence float64
	}
	between := func(low, high float64, limit string) ([]row, error) {
		var parts []string
		var args []any
		for _, part := range meridianParts(q.Bounds) {
			parts = append(parts, "(SELECT course_id, prominence FROM course_map WHERE "+column+
				" && cube(ARRAY[?, ?, ?]::float8[], ARRAY[?, ?, ?]::float8[]) AND is_public AND prominence < ?"+limit+")")
			args = append(args, part.West, part.South, low, part.East, part.North, high, below)
		}
		var rows []row
		err := db.Raw("SELECT course_id, prominence FROM ("+strings.Join(parts, " UNION ")+") AS seen ORDER BY prominence DESC", args...).Scan(&rows).Error
		return rows, err
	}
	// -5 is the lower bound of the third dimension, descending.
	rows, err := between(-1, below, " ORDER BY "+column+" ~> -5 LIMIT "+strconv.Itoa(n))
	if err != nil {
		return prominent{}, err
	}
	p := prominent{more: len(rows) >= n}
	if p.more {
		p.from = rows[n-1].Prominence
		equal, err := between(p.from, p.from, "")
		if err != nil {
			return prominent{}, err
		}
		rows = append(rows[:n], equal...)
	}
	seen := map[id.Course]bool{}
	for _, r := range rows {
		if !seen[r.CourseID.ID] {
			seen[r.CourseID.ID] = true
			p.ids = append(p.ids, r.CourseID.ID)
		}
	}
	return p, nil
}

// prominent looks for a prominence that few courses of the view reach, and
// enough: the R*Tree passes over the others.
func (sqliteDialect) prominent(db *gorm.DB, q ports.BoundsQuery, below float64, n int) (prominent, error) {
	count := func(from float32) (found int, err error) {
		tree, args := treeAbove(q, from, below)
		err = db.Raw("SELECT count(*) FROM (SELECT 1 FROM ("+tree+") LIMIT ?)", append(args, 4*n)...).Scan(&found).Error
		return found, err
	}
	from := float32(0)
	found, err := count(from)
	if err != nil {
		return prominent{}, err
	}
	p := prominent{more: found >= 4*n}
	if p.more {
		// Positive floats are ordered as their bits are: halving those goes down by
		// powers first.
		low, high := math.Float32bits(from), math.Float32bits(float32(below))
		for high-low > 1 {
			mid := low + (high-low)/2
			if found, err = count(math.Float32frombits(mid)); err != nil {
				return prominent{}, err
			}
			if found >= n {
				low = mid
			} else {
				high = mid
			}
			if found >= n && found < 4*n {
				break
			}
		}
		from = math.Float32frombits(low)
	}
	p.from = float64(from)
	tree, args := treeAbove(q, from, below)
	var ids []uuid[id.CourseKind]
	err = db.Raw("SELECT DISTINCT courses.id FROM ("+tree+") AS tree CROSS JOIN courses ON courses.spatial_key = tree.id", args...).Scan(&ids).Error
	for _, key := range ids {
		p.ids = append(p.ids, key.ID)
	}
	return p, err
}

// treeAbove selects the ids that an R*Tree has in a view from a prominence on,
// and a little more: its numbers are rounded outwards to 32 bits.
func treeAbove(q ports.BoundsQuery, from float32, below float64) (statement string, args []any) {
	tree := "course_starts"
	if q.WholeRoute {
		tree = "course_routes"
	}
	var parts []string
	for _, part := range meridianParts(q.Bounds) {
		parts = append(parts, "SELECT id FROM "+tree+" WHERE east >= ? AND west <= ? AND north >= ? AND south <= ? AND most >= ? AND least <= ?")
		args = append(args, part.West, part.East, part.South, part.North, from, below)
	}
	return strings.Join(parts, " UNION ALL "), args
}

// exactly narrows courses to those that start in the view or, with WholeRoute,
// whose line's box overlaps it.
func exactly(db *gorm.DB, q ports.BoundsQuery) *gorm.DB {
	if q.WholeRoute {
		return routeBox(db, q.Bounds)
	}
	return startBox(db, q.Bounds)
}
