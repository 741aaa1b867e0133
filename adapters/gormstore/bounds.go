package gormstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// boundsBatch is how many candidates are looked at at once when lines must be
// tested against a box; most of them pass.
const boundsBatch = 200

// CoursesInBounds implements ports.Courses.
func (r *repo) CoursesInBounds(ctx context.Context, q ports.BoundsQuery) (found []ports.CourseCard, truncated bool, err error) {
	return r.mostProminent(ctx, q, nil)
}

// mostProminent goes down from the most prominent course of the view, and stops
// when it has enough: how many there are in all does not matter. Courses that
// keep (nil: all) does not keep are passed over.
func (r *repo) mostProminent(ctx context.Context, q ports.BoundsQuery, keep func(cardRow) bool) (found []ports.CourseCard, truncated bool, err error) {
	err = r.dialect.searching(ctx, r, func(r *repo) error {
		found, truncated, err = r.goDown(ctx, q, keep)
		return err
	})
	return found, truncated, faultOf(err)
}

func (r *repo) goDown(ctx context.Context, q ports.BoundsQuery, keep func(cardRow) bool) (found []ports.CourseCard, truncated bool, err error) {
	batch := q.Limit + 1
	if q.WholeRoute {
		batch = max(batch, boundsBatch)
	}
	found = []ports.CourseCard{}
	for below := everyProminence; ; {
		p, err := r.dialect.prominent(r.db.WithContext(ctx), q, below, batch)
		if err != nil {
			return nil, false, err
		}
		rows, err := r.inView(ctx, q, p, below)
		if err != nil {
			return nil, false, err
		}
		for _, row := range rows {
			if keep != nil && !keep(row) {
				continue
			}
			card, err := row.card()
			if err != nil {
				return nil, false, err
			}
			found = append(found, card)
		}
		if len(found) > q.Limit {
			return found[:q.Limit], true, nil
		}
		if !p.more {
			return found, false, nil
		}
		below = p.from
	}
}

// inView returns those candidates that are in the view, the most prominent first.
func (r *repo) inView(ctx context.Context, q ports.BoundsQuery, p prominent, below float64) (rows []cardRow, err error) {
	if q.WholeRoute {
		if p.ids, err = r.crossing(ctx, p.ids, q.Bounds); err != nil {
			return nil, err
		}
	}
	if len(p.ids) == 0 {
		return nil, nil
	}
	view := viewOf(q)
	err = r.db.WithContext(ctx).Table("courses").Where(view.all(), view.args...).Where("courses.is_public").
		Select(lightCourse+", courses.map_x, courses.map_y").Find(&rows, "courses.id IN ?", keysOf(p.ids)).Error
	rows = slices.DeleteFunc(rows, func(row cardRow) bool { return row.prominence() < p.from || row.prominence() >= below })
	slices.SortFunc(rows, func(a, b cardRow) int {
		return cmp.Or(cmp.Compare(b.prominence(), a.prominence()), a.Course.ID.Compare(b.Course.ID.ID))
	})
	return rows, err
}

func (r cardRow) prominence() float64 { return course.Prominence(r.TotalRuns, r.Course.ID.ID) }

// crossing keeps the courses that have a part of their line in the box.
func (r *repo) crossing(ctx context.Context, candidates []id.Course, b geo.Bounds) (kept []id.Course, err error) {
	lines, err := r.routes(ctx, candidates)
	for _, cid := range candidates {
		if line, ok := lines[cid]; ok && b.Crosses(line) {
			kept = append(kept, cid)
		}
	}
	return kept, err
}

// routes reads the lines of courses, and nothing else of them.
func (r *repo) routes(ctx context.Context, ids []id.Course) (map[id.Course]geo.Line, error) {
	var rows []courseRow
	if err := r.db.WithContext(ctx).Select("id", "route_geometry").Find(&rows, "id IN ?", keysOf(ids)).Error; err != nil {
		return nil, err
	}
	lines := make(map[id.Course]geo.Line, len(rows))
	for _, row := range rows {
		line, err := geo.NewLine(row.RouteGeometry)
		if err != nil {
			return nil, err
		}
		lines[row.ID.ID] = line
	}
	return lines, nil
}
