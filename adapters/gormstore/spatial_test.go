package gormstore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// places are where the globe's coordinates do something odd, and where they do not.
var places = []struct{ lat, lng float64 }{
	{37.52, 127.0}, {37.53, 127.02}, // a city
	{-16.8, 179.999}, {-16.8, -179.999}, {0, 180}, {0, -180}, {1, 180}, {1, -180}, // the antimeridian
	{89.9995, 10}, {89.9995, -170}, {-89.9995, 90}, // the poles
	{0, 0}, {64.1, -21.9},
}

// placed is a course of a world with its number of runs.
type placed struct {
	course.Course
	runs int
}

// world is courses around places, half of them crowded into the first two.
func world(t testing.TB, s *Store, n int) []placed {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	creator := newUser(t, s)
	all := make([]placed, n)
	for i := range all {
		place := places[r.IntN(len(places))]
		if i%2 == 0 {
			place = places[i/2%2]
		}
		line := []geo.Point{around(r, place.lat, place.lng, 3000)}
		if i%9 == 0 { // exactly there: on ±180°, on the equator
			place = places[i/9%len(places)]
			line[0] = geo.MustPoint(place.lat, place.lng)
		}
		if i%10 == 0 && i > 0 {
			line[0] = all[i-10].Route.Start() // many start at the same gate
		}
		for range 1 + r.IntN(6) {
			last := line[len(line)-1]
			line = append(line, around(r, last.Lat(), last.Lng(), []float64{80, 700, 9000}[r.IntN(3)]))
		}
		c := newCourse(t, s, creator, line, func(c *course.Course) { c.IsPublic = i%7 != 0 })
		all[i] = placed{c, r.IntN(4)}
		_, err := s.sql.Exec("INSERT INTO course_stats (course_id, total_runs) VALUES ($1, $2)", c.ID.String(), all[i].runs)
		must(t, err)
	}
	return all
}

// around is a place within some metres of another, on whatever side of a pole
// or of ±180° that is.
func around(r *rand.Rand, lat, lng, meters float64) geo.Point {
	plane := geo.NewPlane(geo.MustPoint(lat, lng))
	return plane.Unproject((2*r.Float64()-1)*meters, (2*r.Float64()-1)*meters)
}

func TestNearbyCoursesAreTheNearestOfAll(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		all := world(t, s, 300)
		r := rand.New(rand.NewPCG(3, 4))
		for i := range 150 {
			place := places[r.IntN(len(places))]
			q := ports.NearbyQuery{
				Center:       around(r, place.lat, place.lng, 4000),
				RadiusMeters: []float64{1, 50, 700, 3000, 50_000}[r.IntN(5)],
				Limit:        []int{1, 5, 20, 1000}[r.IntN(4)],
				WholeRoute:   i%2 == 0,
			}
			if i%15 == 0 { // exactly at a start
				q.Center = all[r.IntN(len(all))].Route.Start()
			}
			got, err := s.NearbyCourses(t.Context(), q)
			must(t, err)
			want := nearest(all, q)
			if fmt.Sprint(idsOf(got)) != fmt.Sprint(idsOf(want)) {
				t.Fatalf("%+v: got\n%v, wanted\n%v", q, distances(got), distances(want))
			}
			for k := range got {
				if math.Abs(got[k].DistanceM-want[k].DistanceM) > 1e-3 {
					t.Errorf("%+v: a distance of %f, wanted %f", q, got[k].DistanceM, want[k].DistanceM)
				}
				if got[k].Start != want[k].Start || got[k].Title != want[k].Title || got[k].TotalRuns != want[k].TotalRuns {
					t.Errorf("%+v: the course is %+v", q, got[k])
				}
			}
		}
	})
}

// nearest is what NearbyCourses promises, one course at a time.
func nearest(all []placed, q ports.NearbyQuery) []ports.NearbyCourse {
	out := []ports.NearbyCourse{}
	for _, c := range all {
		d := geo.Distance(q.Center, c.Route.Start())
		if q.WholeRoute {
			d = c.Route.DistanceMeters(q.Center)
		}
		if c.IsPublic && d <= q.RadiusMeters {
			out = append(out, ports.NearbyCourse{CourseSummary: ports.CourseSummary{ID: c.ID, Title: c.Title, Start: c.Route.Start(), TotalRuns: c.runs}, DistanceM: d})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].DistanceM != out[j].DistanceM {
			return out[i].DistanceM < out[j].DistanceM
		}
		return out[i].ID.Compare(out[j].ID) < 0
	})
	return out[:min(q.Limit, len(out))]
}

func idsOf(found []ports.NearbyCourse) []id.Course {
	out := make([]id.Course, len(found))
	for i, c := range found {
		out[i] = c.ID
	}
	return out
}

func distances(found []ports.NearbyCourse) string {
	out := ""
	for _, c := range found {
		out += fmt.Sprintf("%s %.6f\n", c.ID, c.DistanceM)
	}
	return out
}

func TestCoursesInBoundsAreAllThatLieInThem(t *testing.T) {
	boxes := []geo.Bounds{
		{South: -90, West: -180, North: 90, East: 180}, // the world
		{South: -90, West: 0, North: 90, East: 180},
		{South: -20, West: 179, North: 20, East: -179}, // across ±180°
		{South: -20, West: 179.5, North: 20, East: 180},
		{South: -20, West: -180, North: 20, East: -179.5},
		{South: 0, West: 180, North: 0, East: 180},    // one place
		{South: -1, West: -180, North: 2, East: -180}, // a line
		{South: 89.9, West: -180, North: 90, East: 180},
		{South: 37.515, West: 126.99, North: 37.525, East: 127.01},
		{South: 10, West: 10, North: 20, East: -10}, // nearly all the way round
	}
	eachStore(t, func(t *testing.T, s *Store) {
		all := world(t, s, 300)
		r := rand.New(rand.NewPCG(5, 6))
		for range 60 {
			place := places[r.IntN(len(places))]
			boxes = append(boxes, geo.Around(around(r, place.lat, place.lng, 4000), 10+r.Float64()*5000))
		}
		for i, box := range boxes {
			for _, wholeRoute := range []bool{false, true} {
				q := ports.BoundsQuery{Bounds: box, Limit: []int{500, 3}[i%2], WholeRoute: wholeRoute}
				got, truncated, err := s.CoursesInBounds(t.Context(), q)
				must(t, err)
				want := inside(all, q)
				more := len(want) > q.Limit
				want = want[:min(q.Limit, len(want))]
				if truncated != more || mapList(got) != mapList(want) {
					t.Fatalf("%+v: truncated %v, got\n%s, wanted\n%s", q, truncated, mapList(got), mapList(want))
				}
			}
		}
	})
}

func inside(all []placed, q ports.BoundsQuery) []ports.MapCourse {
	var out []ports.MapCourse
	for _, c := range all {
		in := q.Bounds.Contains(c.Route.Start())
		if q.WholeRoute {
			in = q.Bounds.Crosses(c.Route)
		}
		if in && c.IsPublic {
			out = append(out, ports.MapCourse{ID: c.ID, TotalRuns: c.runs})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return course.Prominence(out[i].TotalRuns, out[i].ID) > course.Prominence(out[j].TotalRuns, out[j].ID)
	})
	return out
}

func mapList(all []ports.MapCourse) string {
	out := ""
	for _, c := range all {
		out += fmt.Sprintf("%s %d\n", c.ID, c.TotalRuns)
	}
	return out
}

// A geodesic near a pole runs far from the box of its ends.
func TestALongSegmentIsFoundWhereItBulges(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		newCourse(t, s, newUser(t, s), []geo.Point{geo.MustPoint(89.5, 0), geo.MustPoint(89.5, 170)})
		got, err := s.NearbyCourses(t.Context(), ports.NearbyQuery{Center: geo.MustPoint(89.9, 85), RadiusMeters: 10_000, Limit: 5, WholeRoute: true})
		must(t, err)
		if len(got) != 1 {
			t.Errorf("found %d courses", len(got))
		}
	})
}
