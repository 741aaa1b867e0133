package gormstore

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// outlineRow is a small copy of a course's line.
type outlineRow struct {
	CourseID  column.ID[id.CourseKind] `gorm:"column:course_id;primaryKey"`
	Outline   []byte
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (outlineRow) TableName() string { return "course_outlines" }

const (
	// firstReachMeters is how far is looked first for lines: in a city that has
	// thousands around a place, the nearest are nearer.
	firstReachMeters = 50
	// wider is by how much each round looks farther.
	wider = 4
	// routeSlackMeters is what the box of a line may miss of it (boundsOf).
	routeSlackMeters = 2
	// wholeBatch is how many lines are read at once.
	wholeBatch = 200
)

// bounded is a course with bounds of its distance in metres.
type bounded struct {
	id          id.Course
	least, most float64
}

// nearbyByRoute finds courses by the nearest place of their lines. It measures
// outlines within a reach, which widens until there are enough, and reads those
// lines whole that may be among the nearest.
func (r *repo) nearbyByRoute(ctx context.Context, q ports.NearbyQuery) ([]ports.NearbyCourse, error) {
	for reach := float64(firstReachMeters); ; reach *= wider {
		reach = min(reach, q.RadiusMeters)
		around, err := r.outlinesAround(ctx, q.Center, reach)
		if err != nil {
			return nil, err
		}
		// At least Limit courses are no farther than this.
		enough := math.Inf(1)
		if len(around) >= q.Limit {
			slices.SortFunc(around, func(a, b bounded) int { return cmp.Compare(a.most, b.most) })
			enough = around[q.Limit-1].most
		}
		if enough > reach && reach < q.RadiusMeters {
			continue
		}
		limit := min(enough, q.RadiusMeters)
		around = slices.DeleteFunc(around, func(c bounded) bool { return c.least > limit })
		return r.nearestOf(ctx, q, around)
	}
}

// outlinesAround returns the courses whose line may be within reach, and perhaps
// others. A course without an outline may be anywhere.
func (r *repo) outlinesAround(ctx context.Context, center geo.Point, reach float64) (around []bounded, err error) {
	from := r.dialect.routesIn(geo.Around(center, reach+routeSlackMeters))
	rows, err := r.db.WithContext(ctx).Raw("SELECT m.course_id, o.outline FROM "+from.all()+
		" LEFT JOIN course_outlines AS o ON o.course_id = m.course_id WHERE m.is_public", from.args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	place := center.Vector()
	for rows.Next() {
		var row outlineRow
		if err := rows.Scan(&row.CourseID, &row.Outline); err != nil {
			return nil, err
		}
		c := bounded{id: row.CourseID.ID, most: math.Inf(1)}
		if row.Outline != nil {
			o, err := geo.ParseOutline(row.Outline)
			if err != nil {
				return nil, err
			}
			c.least, c.most = o.Distance(place)
		}
		around = append(around, c)
	}
	return around, rows.Err()
}

// nearestOf reads candidates whole and returns the nearest of them within the radius.
func (r *repo) nearestOf(ctx context.Context, q ports.NearbyQuery, candidates []bounded) ([]ports.NearbyCourse, error) {
	found := []ports.NearbyCourse{}
	for batch := range slices.Chunk(candidates, wholeBatch) {
		keys := make([]string, len(batch))
		for i, c := range batch {
			keys[i] = c.id.String()
		}
		var rows []summaryRow
		err := r.db.WithContext(ctx).Table("courses").Select(courseSummary+", courses.route_geometry").Where("courses.is_public").Find(&rows, "courses.id IN ?", keys).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			line, err := geo.NewLine(row.Course.RouteGeometry)
			if err != nil {
				return nil, err
			}
			c, err := row.summary()
			if err != nil {
				return nil, err
			}
			if meters := line.DistanceMeters(q.Center); meters <= q.RadiusMeters {
				found = insertNear(found, ports.NearbyCourse{CourseSummary: c, DistanceM: meters}, q.Limit)
			}
		}
	}
	return found, nil
}
