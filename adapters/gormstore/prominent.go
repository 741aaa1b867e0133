package gormstore

import (
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/runvs/runvs/adapters/gormstore/column"
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

// prominentRow is a course on the map.
type prominentRow struct {
	CourseID   column.ID[id.CourseKind]
	Prominence float64
}

// firstOf makes a result of the first n+1 rows, the most prominent first. It is
// complete but for courses that are equal to the n-th, when there are any.
func firstOf(rows []prominentRow, n int) (p prominent, complete bool) {
	if len(rows) <= n {
		return prominentOf(rows), true
	}
	p = prominentOf(rows[:n])
	p.from, p.more = rows[n-1].Prominence, true
	return p, rows[n].Prominence < p.from
}

func prominentOf(rows []prominentRow) (p prominent) {
	seen := make(map[id.Course]bool, len(rows))
	for _, row := range rows {
		if !seen[row.CourseID.ID] {
			seen[row.CourseID.ID] = true
			p.ids = append(p.ids, row.CourseID.ID)
		}
	}
	return p
}

const downwards = " ORDER BY prominence DESC, course_id DESC"

// walkDown goes down from the most prominent course below a prominence, whatever
// its place, until it has met n of the view or looked at budget courses (0: at
// all); done says whether the result is complete. It is fast where a good part of
// all courses is in the view, and slow elsewhere.
func walkDown(db *gorm.DB, q ports.BoundsQuery, below float64, n, budget int) (p prominent, done bool, err error) {
	inner := "SELECT course_id, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east FROM course_map" +
		" WHERE is_public AND prominence < ?" + downwards
	if budget > 0 {
		inner += " LIMIT " + strconv.Itoa(budget)
	}
	view := viewOf(q)
	var rows []prominentRow
	err = db.Raw("SELECT course_id, prominence FROM ("+inner+") AS courses WHERE "+view.all()+downwards+" LIMIT ?",
		append(append([]any{below}, view.args...), n+1)...).Scan(&rows).Error
	if err != nil || (len(rows) <= n && budget > 0) { // the budget may have ended the walk
		return p, false, err
	}
	p, done = firstOf(rows, n)
	return p, done, nil
}

// walkBudget is how many courses are looked at before the spatial index is
// asked: some hundredths of a second's worth.
const walkBudget = 3000

// streetDegrees is how wide a view is at most that may have few courses even in
// a city: 2 to 4 km.
const streetDegrees = 0.04

// prominent sorts the few of a small view. Of others it walks down, and where
// the view has too few of the first courses it goes down the index of the cubes.
func (d postgresDialect) prominent(db *gorm.DB, q ports.BoundsQuery, below float64, n int) (prominent, error) {
	if q.Bounds.North-q.Bounds.South <= streetDegrees {
		rows, err := d.cubes(db, q, -1, everyProminence, below, " LIMIT "+strconv.Itoa(fewCubes+1))
		if err != nil || len(rows) <= fewCubes {
			p, complete := firstOf(rows, n)
			if !complete {
				p = prominentOf(rows)
			}
			return p, err
		}
	}
	p, done, err := walkDown(db, q, below, n, walkBudget)
	if err != nil || done {
		return p, err
	}
	order := " ORDER BY " + cubeOf(q) + " ~> -5 LIMIT " + strconv.Itoa(n) // the lower bound of the third dimension, descending
	rows, err := d.cubes(db, q, -1, below, below, order)
	if err != nil || len(rows) < n {
		return prominentOf(rows), err
	}
	from := rows[n-1].Prominence
	equal, err := d.cubes(db, q, from, from, below, "")
	p = prominentOf(append(rows[:n], equal...))
	p.from, p.more = from, true
	return p, err
}

// fewCubes is up to how many courses of a small view are sorted.
const fewCubes = 1000

func cubeOf(q ports.BoundsQuery) string {
	if q.WholeRoute {
		return "route"
	}
	return "start"
}

// cubes returns courses of a view with a prominence from low to high, and below
// another, the most prominent first; rest goes on for each part of the view.
func (postgresDialect) cubes(db *gorm.DB, q ports.BoundsQuery, low, high, below float64, rest string) (rows []prominentRow, err error) {
	var parts []string
	var args []any
	for _, part := range meridianParts(q.Bounds) {
		parts = append(parts, "(SELECT course_id, prominence FROM course_map WHERE "+cubeOf(q)+
			" && cube(ARRAY[?, ?, ?]::float8[], ARRAY[?, ?, ?]::float8[]) AND is_public AND prominence < ?"+rest+")")
		args = append(args, part.West, part.South, low, part.East, part.North, high, below)
	}
	err = db.Raw("SELECT course_id, prominence FROM ("+strings.Join(parts, " UNION ")+") AS seen ORDER BY prominence DESC", args...).Scan(&rows).Error
	return rows, err
}

// fewCourses is up to how many courses of a view are sorted on SQLite.
const fewCourses = 4000

// prominent sorts what the R*Tree has in the view, or walks down where that is
// too much.
func (sqliteDialect) prominent(db *gorm.DB, q ports.BoundsQuery, below float64, n int) (prominent, error) {
	tree, args := inTree(q.Bounds, q.WholeRoute)
	var found int
	if err := db.Raw("SELECT count(*) FROM ("+tree+" LIMIT ?)", append(args, fewCourses+1)...).Scan(&found).Error; err != nil {
		return prominent{}, err
	}
	if found > fewCourses {
		p, done, err := walkDown(db, q, below, n, 0)
		if err != nil || done {
			return p, err
		}
	}
	view := viewOf(q)
	statement := "SELECT course_id, prominence FROM (SELECT DISTINCT id FROM (" + tree + ")) AS tree CROSS JOIN course_map AS courses" +
		" ON courses.spatial_key = tree.id WHERE " + view.all() + " AND prominence < ?" + downwards
	args = append(append(args, view.args...), below)
	var rows []prominentRow
	err := db.Raw(statement+" LIMIT ?", append(args[:len(args):len(args)], n+1)...).Scan(&rows).Error
	p, complete := firstOf(rows, n)
	if err == nil && !complete {
		err = db.Raw(statement, args...).Scan(&rows).Error
		p = prominentOf(rows)
	}
	return p, err
}

// viewOf is the condition that courses start in the view or, with WholeRoute,
// that their line's box overlaps it.
func viewOf(q ports.BoundsQuery) conditions {
	if q.WholeRoute {
		return routeBox(q.Bounds)
	}
	return startBox(q.Bounds)
}
