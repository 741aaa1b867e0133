package gormstore

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// postGIS is a connection to a database that has it and nothing else.
func postGIS(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pgtest.Empty(t))
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close(context.Background())) })
	_, err = conn.Exec(t.Context(), "CREATE EXTENSION IF NOT EXISTS postgis")
	must(t, err)
	return conn
}

// TestPostGISAgreesWithTheJudge asks PostGIS about the same lines and places.
func TestPostGISAgreesWithTheJudge(t *testing.T) {
	conn := postGIS(t)
	r := rand.New(rand.NewPCG(11, 11)) // repeatable
	var all, near int
	worst := 0.0
	for i := range 60 {
		lat, lng := -85+170*float64(i)/59, 360*r.Float64()-180
		if i%10 == 0 {
			lng = 180 // across the antimeridian
		}
		w := wander(t, r, geo.MustPoint(lat, lng), 2+r.IntN(120), 3+r.Float64()*100)
		for k, theirs := range w.ask(t, conn, `SELECT ST_Distance(line::geography, place::geography)`) {
			ours, _ := w.course.Nearest(w.places[k])
			// PostGIS chooses the nearest segment on a sphere, so it may be too far.
			if ours > theirs+1e-3 {
				t.Errorf("at %.1f°: %.4f m; PostGIS says %.4f m", lat, ours, theirs)
			}
			all++
			if theirs-ours <= 1e-2 {
				near++
			}
			worst = max(worst, theirs-ours)
		}
	}
	if near*100 < all*99 {
		t.Errorf("only %d of %d are within 1 cm", near, all)
	}
	t.Logf("%d of %d deviations are within 1 cm of PostGIS's; it is at most %.4f m longer", near, all, worst)
}

// TestPostGISFindsTheSameProgress compares with ST_LineLocatePoint, in a plane,
// on lines that do not come near themselves.
func TestPostGISFindsTheSameProgress(t *testing.T) {
	conn := postGIS(t)
	r := rand.New(rand.NewPCG(12, 12)) // repeatable
	for i := range 30 {
		lat := -80 + 160*float64(i)/29
		w := wander(t, r, geo.MustPoint(lat, 10), 2+r.IntN(40), 30)
		plane := geo.NewPlane(w.line.At(w.line.Len() / 2))
		xs, ys := projected(plane, w.line.Points())
		px, py := projected(plane, w.places)
		rows, err := conn.Query(t.Context(), `WITH l AS (SELECT ST_MakeLine(ARRAY(
				SELECT ST_MakePoint(x, y) FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS v(x, y, i) ORDER BY i)) AS line)
			SELECT ST_LineLocatePoint(line, ST_MakePoint(p.x, p.y)) * ST_Length(line)
			FROM l, unnest($3::float8[], $4::float8[]) WITH ORDINALITY AS p(x, y, i) ORDER BY p.i`, xs, ys, px, py)
		must(t, err)
		progress, err := pgx.CollectRows(rows, pgx.RowTo[float64])
		must(t, err)
		for k, theirs := range progress {
			if _, ours := w.course.Nearest(w.places[k]); math.Abs(ours-theirs) > 0.02 {
				t.Errorf("at %.1f°: %.3f m along; PostGIS says %.3f m", lat, ours, theirs)
			}
		}
	}
}

// walk is a random course with places around it.
type walk struct {
	line   geo.Line
	course *judge.Course
	places []geo.Point
}

// wander walks from a place, never turning back on itself, and looks around.
func wander(t *testing.T, r *rand.Rand, from geo.Point, vertices int, step float64) walk {
	t.Helper()
	plane := geo.NewPlane(from)
	x, y, heading := 0.0, 0.0, 0.0
	points := make([]geo.Point, vertices)
	for i := range points {
		points[i] = plane.Unproject(x, y)
		heading = 0.8*heading + 0.1*r.NormFloat64()
		x, y = x+step*math.Cos(heading), y+step*math.Sin(heading)
	}
	line, err := geo.NewLine(points)
	must(t, err)
	w := walk{line: line, course: judge.Prepare(line, judge.CurrentRules())}
	for range 100 {
		near := points[r.IntN(vertices)]
		w.places = append(w.places, geo.NewPlane(near).Unproject(60*r.NormFloat64(), 60*r.NormFloat64()))
	}
	return w
}

// ask runs a query of line and place for each place.
func (w walk) ask(t *testing.T, conn *pgx.Conn, query string) []float64 {
	t.Helper()
	lats, lngs := degrees(w.line.Points())
	plats, plngs := degrees(w.places)
	rows, err := conn.Query(t.Context(), fmt.Sprintf(`WITH l AS (SELECT ST_SetSRID(ST_MakeLine(ARRAY(
			SELECT ST_MakePoint(lng, lat) FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS v(lat, lng, i) ORDER BY i)), 4326) AS line)
		%s FROM l, LATERAL (SELECT p.i, ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326) AS place
			FROM unnest($3::float8[], $4::float8[]) WITH ORDINALITY AS p(lat, lng, i)) q ORDER BY q.i`, query), lats, lngs, plats, plngs)
	must(t, err)
	answers, err := pgx.CollectRows(rows, pgx.RowTo[float64])
	must(t, err)
	return answers
}

func degrees(points []geo.Point) (lats, lngs []float64) {
	for _, p := range points {
		lats, lngs = append(lats, p.Lat()), append(lngs, p.Lng())
	}
	return lats, lngs
}

func projected(plane geo.Plane, points []geo.Point) (xs, ys []float64) {
	for _, p := range points {
		x, y := plane.Project(p)
		xs, ys = append(xs, x), append(ys, y)
	}
	return xs, ys
}
