package main

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// bruteForce is the distance of every fix to every piece of the course: what is
// written first in any language.
func bruteForce(w work) func() error {
	at := make([]geo.Vector, w.line.Len())
	for i := range at {
		at[i] = w.line.At(i).Vector()
	}
	return func() error {
		sum := 0.0
		for _, f := range w.fixes {
			v, best := f.Point.Vector(), math.Inf(1)
			for i := 1; i < len(at); i++ {
				d, _ := geo.SegmentDistance(v, at[i-1], at[i])
				best = min(best, d)
			}
			sum += best
		}
		return finite(sum)
	}
}

// geosPrepared is the distance alone, in a plane, by GEOS with its index.
func geosPrepared(w work) func() error {
	gc := geos.NewContext()
	plane := geo.NewPlane(w.line.At(w.line.Len() / 2))
	coords := make([][]float64, w.line.Len())
	for i := range coords {
		x, y := plane.Project(w.line.At(i))
		coords[i] = []float64{x, y}
	}
	course := gc.NewLineString(coords)
	prepared := course.Prepare()
	return func() error {
		sum := 0.0
		for _, f := range w.fixes {
			x, y := plane.Project(f.Point)
			fix := gc.NewPoint([]float64{x, y})
			near := prepared.NearestPoints(fix)
			sum += math.Hypot(near.X(0)-x, near.Y(0)-y)
		}
		return finite(sum)
	}
}

// foundingSQL is the design that RUNVS began with: one query for all fixes, with
// the distance on the spheroid and the place by ST_LineLocatePoint. It has no
// alignment: it would be wrong on every way back.
const foundingSQL = `
	SELECT p.i, ST_Distance(c.route, g.point), ST_LineLocatePoint(c.route::geometry, g.point::geometry)
	FROM bench_course c, unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS p(lat, lng, i),
		LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326)::geography AS point) g
	ORDER BY p.i`

// postgis asks the founding query of a database; close ends the connection.
func postgis(ctx context.Context, w work) (ask func() error, end func(), err error) {
	address := os.Getenv("RUNVS_TEST_POSTGRES_URL")
	if address == "" {
		return nil, nil, fmt.Errorf("RUNVS_TEST_POSTGRES_URL is not set; run make bench")
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	end = func() { _ = conn.Close(ctx) } // it was only read
	for _, sql := range []string{
		"CREATE EXTENSION IF NOT EXISTS postgis",
		"CREATE TEMP TABLE bench_course (route GEOGRAPHY(LINESTRING, 4326))",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			end()
			return nil, nil, err
		}
	}
	lats, lngs := degrees(w.line.Points())
	if _, err := conn.Exec(ctx, `INSERT INTO bench_course SELECT ST_SetSRID(ST_MakeLine(ARRAY(SELECT ST_MakePoint(lng, lat)
		FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS v(lat, lng, i) ORDER BY i)), 4326)::geography`, lats, lngs); err != nil {
		end()
		return nil, nil, err
	}
	places := make([]geo.Point, len(w.fixes))
	for i, f := range w.fixes {
		places[i] = f.Point
	}
	lats, lngs = degrees(places)
	return func() error {
		rows, err := conn.Query(ctx, foundingSQL, lats, lngs)
		if err != nil {
			return err
		}
		defer rows.Close()
		var i int
		var distance, fraction, sum float64
		for rows.Next() {
			if err := rows.Scan(&i, &distance, &fraction); err != nil {
				return err
			}
			sum += distance
		}
		if i != len(w.fixes) {
			return fmt.Errorf("%d of %d fixes were answered", i, len(w.fixes))
		}
		return finite(sum)
	}, end, nil
}

func degrees(points []geo.Point) (lats, lngs []float64) {
	for _, p := range points {
		lats, lngs = append(lats, p.Lat()), append(lngs, p.Lng())
	}
	return lats, lngs
}

// ours is everything: distance, progress, alignment and verdict.
func ours(ctx context.Context, w work) func() error {
	course := judge.Prepare(w.line, judge.CurrentRules())
	return func() error {
		v, err := course.Judge(ctx, w.fixes)
		if err == nil && v.Status != judge.Completed {
			err = fmt.Errorf("the run is not completed: %v", v.Reasons)
		}
		return err
	}
}

// finite keeps the compiler from leaving the work out.
func finite(sum float64) error {
	if math.IsNaN(sum) || math.IsInf(sum, 0) {
		return fmt.Errorf("the distances add up to %v", sum)
	}
	return nil
}
