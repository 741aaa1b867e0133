package gormstore

import (
	"context"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// boundsBatch is how many candidates are looked at at once when lines must be
// tested against a box; most of them pass.
const boundsBatch = 200

// CoursesInBounds implements ports.Courses.
func (r *repo) CoursesInBounds(ctx context.Context, q ports.BoundsQuery) (found []ports.CourseCard, truncated bool, err error) {
	batch := q.Limit + 1
	if q.WholeRoute {
		batch = max(batch, boundsBatch)
	}
	found = []ports.CourseCard{}
	for offset := 0; ; offset += batch {
		var rows []cardRow
		err := r.dialect.inBox(r.withRuns(ctx), q).Where("courses.is_public").Select(lightCourse).
			Order("total_runs DESC, courses.id").Offset(offset).Limit(batch).Find(&rows).Error
		if err != nil {
			return nil, false, faultOf(err)
		}
		candidates := len(rows)
		if q.WholeRoute {
			if rows, err = r.crossing(ctx, rows, q.Bounds); err != nil {
				return nil, false, faultOf(err)
			}
		}
		cards, err := cards(rows)
		if err != nil {
			return nil, false, err
		}
		found = append(found, cards...)
		if len(found) > q.Limit {
			return found[:q.Limit], true, nil
		}
		if candidates < batch {
			return found, false, nil
		}
	}
}

// crossing keeps the courses that have a part of their line in the box. The
// lines are read here, for the candidates alone, so that they are not sorted
// with the rest.
func (r *repo) crossing(ctx context.Context, candidates []cardRow, b geo.Bounds) ([]cardRow, error) {
	keys := make([]string, len(candidates))
	for i, row := range candidates {
		keys[i] = row.Course.ID.String()
	}
	var lines []courseRow
	if err := r.db.WithContext(ctx).Select("id", "route_geometry").Find(&lines, "id IN ?", keys).Error; err != nil {
		return nil, err
	}
	crosses := make(map[id.Course]bool, len(lines))
	for _, row := range lines {
		line, err := geo.NewLine(row.RouteGeometry)
		if err != nil {
			return nil, err
		}
		crosses[row.ID.ID] = b.Crosses(line)
	}
	kept := candidates[:0]
	for _, row := range candidates {
		if crosses[row.Course.ID.ID] {
			kept = append(kept, row)
		}
	}
	return kept, nil
}
