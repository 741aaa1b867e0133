package gormstore

import (
	"context"
	"sort"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

// NearbyCourses implements ports.Courses. The database finds candidates by its
// spatial index; the exact distances, and the order, are the domain's, so that
// every store gives the same rows. It looks no farther than it must: what lies
// in a whole city is never read for the twenty courses at the corner.
func (r *repo) NearbyCourses(ctx context.Context, q ports.NearbyQuery) ([]ports.NearbyCourse, error) {
	reach, err := r.dialect.firstReach(r.db.WithContext(ctx), q)
	if err != nil {
		return nil, faultOf(err)
	}
	for ; ; reach *= 2 {
		reach = min(reach, q.RadiusMeters)
		found, err := r.nearest(ctx, q, reach)
		// Zero doubles to zero, and a radius of zero is its own end.
		if err != nil || len(found) >= q.Limit || reach >= q.RadiusMeters {
			return found, faultOf(err)
		}
	}
}

// nearest returns the q.Limit nearest courses within reach. Candidates are
// looked at one by one, so that memory does not grow with their number.
func (r *repo) nearest(ctx context.Context, q ports.NearbyQuery, reach float64) (found []ports.NearbyCourse, err error) {
	columns := lightCourse
	if q.WholeRoute {
		columns += ", courses.route_geometry"
	}
	db := r.dialect.within(r.withRuns(ctx), q, reach).Where("courses.is_public").Select(columns)
	rows, err := db.Rows()
	if err != nil {
		return nil, err
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	found = []ports.NearbyCourse{}
	for rows.Next() {
		var row cardRow
		if err := db.ScanRows(rows, &row); err != nil {
			return nil, err
		}
		near, err := row.near(q)
		if err != nil {
			return nil, err
		}
		if near.DistanceM <= reach {
			found = insertNear(found, near, q.Limit)
		}
	}
	return found, rows.Err()
}

func (r cardRow) near(q ports.NearbyQuery) (ports.NearbyCourse, error) {
	route := r.Course.RouteGeometry
	r.Course.RouteGeometry = nil
	card, err := r.card()
	if err != nil {
		return ports.NearbyCourse{}, err
	}
	near := ports.NearbyCourse{CourseCard: card}
	if !q.WholeRoute {
		near.DistanceM = geo.Distance(q.Center, card.Start)
		return near, nil
	}
	line, err := geo.NewLine(route)
	if err != nil {
		return near, err
	}
	near.DistanceM = line.DistanceMeters(q.Center)
	return near, nil
}

// insertNear keeps the limit nearest courses in order.
func insertNear(found []ports.NearbyCourse, c ports.NearbyCourse, limit int) []ports.NearbyCourse {
	i := sort.Search(len(found), func(i int) bool {
		f := found[i]
		return f.DistanceM > c.DistanceM || (f.DistanceM == c.DistanceM && f.ID.Compare(c.ID) > 0)
	})
	if i == limit {
		return found
	}
	found = append(found, ports.NearbyCourse{})
	copy(found[i+1:], found[i:])
	found[i] = c
	return found[:min(len(found), limit)]
}
