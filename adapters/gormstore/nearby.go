package gormstore

import (
	"context"
	"sort"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

// spareNeighbours is how many courses more than wanted are looked at: indexes
// order by other distances than the ellipsoid's, or not at all.
const spareNeighbours = 12

// NearbyCourses implements ports.Courses. The database finds candidates by its
// spatial index; the exact distances, and the order, are the domain's, so that
// every store gives the same rows. It looks no farther than it must: what lies
// in a whole city is never read for the twenty courses at the corner.
func (r *repo) NearbyCourses(ctx context.Context, q ports.NearbyQuery) ([]ports.NearbyCourse, error) {
	for n := q.Limit + spareNeighbours; ; n *= 4 {
		found := []ports.NearbyCourse{}
		sure, err := r.dialect.near(ctx, r, q, n, func(row cardRow) error {
			near, err := row.near(q)
			if err == nil && near.DistanceM <= q.RadiusMeters {
				found = insertNear(found, near, q.Limit)
			}
			return err
		})
		if err != nil {
			return nil, faultOf(err)
		}
		if sure > q.RadiusMeters || (len(found) == q.Limit && found[q.Limit-1].DistanceM < sure) {
			return found, nil
		}
	}
}

// visitRows visits the rows of a statement one by one, so that memory does not
// grow with their number.
func (r *repo) visitRows(ctx context.Context, visit func(cardRow) error, sql string, args ...any) (err error) {
	db := r.db.WithContext(ctx)
	rows, err := db.Raw(sql, args...).Rows()
	if err != nil {
		return err
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	for rows.Next() {
		var row cardRow
		if err := db.ScanRows(rows, &row); err != nil {
			return err
		}
		if err := visit(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// nearColumns are the columns that near visits.
func nearColumns(q ports.NearbyQuery) string {
	if q.WholeRoute {
		return lightCourse + ", courses.route_geometry"
	}
	return lightCourse
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
