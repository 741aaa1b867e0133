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
func (r *repo) NearbyCourses(ctx context.Context, q ports.NearbyQuery) (found []ports.NearbyCourse, err error) {
	if !q.WholeRoute {
		found, err = r.nearbyByStart(ctx, q)
		return found, faultOf(err)
	}
	err = r.dialect.searching(ctx, r, func(r *repo) error {
		found, err = r.nearbyByRoute(ctx, q)
		return err
	})
	return found, faultOf(err)
}

func (r *repo) nearbyByStart(ctx context.Context, q ports.NearbyQuery) ([]ports.NearbyCourse, error) {
	for n := q.Limit + spareNeighbours; ; n *= 4 {
		found := []ports.NearbyCourse{}
		sure, err := r.dialect.near(ctx, r, q, n, func(row summaryRow) error {
			c, err := row.summary()
			if meters := geo.Distance(q.Center, c.Start); err == nil && meters <= q.RadiusMeters {
				found = insertNear(found, ports.NearbyCourse{CourseSummary: c, DistanceM: meters}, q.Limit)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if sure > q.RadiusMeters || (len(found) == q.Limit && found[q.Limit-1].DistanceM < sure) {
			return found, nil
		}
	}
}

// visitRows visits the rows of a statement one by one, so that memory does not
// grow with their number.
func (r *repo) visitRows(ctx context.Context, visit func(summaryRow) error, sql string, args ...any) (err error) {
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
		var row summaryRow
		if err := db.ScanRows(rows, &row); err != nil {
			return err
		}
		if err := visit(row); err != nil {
			return err
		}
	}
	return rows.Err()
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
