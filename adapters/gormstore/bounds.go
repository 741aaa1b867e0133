package gormstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// boundsBatch is how many candidates are looked at at once when lines must be
// tested against a box; most of them pass.
const boundsBatch = 200

// CoursesInBounds implements ports.Courses.
func (r *repo) CoursesInBounds(ctx context.Context, q ports.BoundsQuery) (found []ports.MapCourse, truncated bool, err error) {
	return r.mostProminent(ctx, q, nil)
}

// mostProminent goes down from the most prominent course of the view, and stops
// when it has enough: how many there are in all does not matter. Courses that
// keep (nil: all) does not keep are passed over.
func (r *repo) mostProminent(ctx context.Context, q ports.BoundsQuery, keep func(mapRow) bool) (found []ports.MapCourse, truncated bool, err error) {
	err = r.dialect.searching(ctx, r, func(r *repo) error {
		found, truncated, err = r.goDown(ctx, q, keep)
		return err
	})
	return found, truncated, faultOf(err)
}

func (r *repo) goDown(ctx context.Context, q ports.BoundsQuery, keep func(mapRow) bool) (found []ports.MapCourse, truncated bool, err error) {
	batch := q.Limit + 1
	if q.WholeRoute {
		batch = max(batch, boundsBatch)
	}
	found = []ports.MapCourse{}
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
			c, err := row.onMap()
			if err != nil {
				return nil, false, err
			}
			found = append(found, c)
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
func (r *repo) inView(ctx context.Context, q ports.BoundsQuery, p prominent, below float64) (rows []mapRow, err error) {
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
		Select("courses.id, courses.title, courses.start_lat, courses.start_lng, courses.distance_meters, courses.map_x, courses.map_y, "+courseRuns).Find(&rows, "courses.id IN ?", column.Keys(p.ids)).Error
	rows = slices.DeleteFunc(rows, func(row mapRow) bool { return row.prominence() < p.from || row.prominence() >= below })
	slices.SortFunc(rows, func(a, b mapRow) int {
		return cmp.Or(cmp.Compare(b.prominence(), a.prominence()), a.ID.Compare(b.ID.ID))
	})
	return rows, err
}

// mapRow is a course on a map.
type mapRow struct {
	ID             column.ID[id.CourseKind]
	Title          string
	StartLat       float64
	StartLng       float64
	DistanceMeters int
	MapX           int
	MapY           int
	TotalRuns      int
}

func (r mapRow) prominence() float64 { return course.Prominence(r.TotalRuns, r.ID.ID) }

func (r mapRow) onMap() (ports.MapCourse, error) {
	start, err := geo.NewPoint(r.StartLat, r.StartLng)
	return ports.MapCourse{ID: r.ID.ID, Title: r.Title, Start: start, DistanceMeters: r.DistanceMeters, TotalRuns: r.TotalRuns}, err
}

// crossing keeps the courses that have a part of their line in the box.
func (r *repo) crossing(ctx context.Context, candidates []id.Course, b geo.Bounds) (kept []id.Course, err error) {
	lines, err := r.CourseLines(ctx, candidates)
	for _, cid := range candidates {
		if line, ok := lines[cid]; ok && b.Crosses(line) {
			kept = append(kept, cid)
		}
	}
	return kept, err
}
