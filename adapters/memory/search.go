package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

// NearbyCourses implements ports.Courses. Every public course is looked at; the
// ball round a line tells most of them to be too far away.
func (r *repo) NearbyCourses(ctx context.Context, q ports.NearbyQuery) (found []ports.NearbyCourse, err error) {
	type near struct {
		row    courseRow
		meters float64
	}
	center := q.Center.Vector()
	err = r.read(ctx, func(x *snapshot) error {
		var rows []near
		for _, row := range x.courses.all() {
			if !row.IsPublic || row.sphere.beyond(center, q.RadiusMeters) {
				continue
			}
			var meters float64
			if q.WholeRoute {
				meters = row.Route.DistanceMeters(q.Center)
			} else {
				meters = geo.Distance(q.Center, row.Route.Start())
			}
			if meters <= q.RadiusMeters {
				rows = append(rows, near{row, meters})
			}
		}
		slices.SortFunc(rows, func(a, b near) int {
			return cmp.Or(cmp.Compare(a.meters, b.meters), a.row.ID.Compare(b.row.ID))
		})
		for _, n := range stretch(rows, ports.Page{Limit: q.Limit}) {
			found = append(found, ports.NearbyCourse{CourseSummary: x.summary(n.row), DistanceM: n.meters})
		}
		return nil
	})
	return found, err
}

// CoursesInBounds implements ports.Courses.
func (r *repo) CoursesInBounds(ctx context.Context, q ports.BoundsQuery) (found []ports.MapCourse, truncated bool, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var rows []listed
		for _, row := range x.courses.all() {
			if row.IsPublic && (q.Bounds.Contains(row.Route.Start()) || (q.WholeRoute && q.Bounds.Crosses(row.Route))) {
				rows = append(rows, listed{row, x.totalRuns(row.ID)})
			}
		}
		truncated = len(rows) > q.Limit
		for _, row := range mostProminent(rows, q.Limit) {
			found = append(found, row.onMap())
		}
		return nil
	})
	return found, truncated, err
}
