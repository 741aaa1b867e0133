package portstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// tileCourses are many in a city, some across ±180°, and some near a pole. Some
// were elsewhere before.
func tileCourses(t *testing.T, f Fixture, r *rand.Rand) (all []course.Course, runs map[id.Course]int) {
	mina := newUser(t, f.Store, "mina")
	runs = map[id.Course]int{}
	for i := range 420 {
		start := geo.MustPoint(37.5+r.NormFloat64()*0.02, 127+r.NormFloat64()*0.02)
		switch i % 20 {
		case 1:
			start = geo.MustPoint(-17+r.NormFloat64()*0.01, math.Remainder(180+r.NormFloat64()*0.01, 360))
		case 2:
			start = geo.MustPoint(86+r.Float64()*3, r.Float64()*360-180)
		case 3:
			start = geo.MustPoint(r.Float64()*160-80, r.Float64()*360-180)
		}
		line := []geo.Point{start, geo.NewPlane(start).Unproject(150, r.NormFloat64()*300)}
		for range r.IntN(8) {
			line = append(line, geo.NewPlane(line[len(line)-1]).Unproject(r.NormFloat64()*800, r.NormFloat64()*800))
		}
		all = append(all, makeCourse(t, mina, func(c *course.Course) { c.IsPublic = i%15 != 0 }, line...))
	}
	ok(t, f.Store.InsertCourses(ctx, all))
	for i := 7; i < len(all); i += 7 {
		all[i].Route = all[i-7].Route
		ok(t, f.Store.ReplaceRoute(ctx, all[i]))
	}
	for _, c := range all {
		if n := r.IntN(4); n > 0 {
			runs[c.ID] = n
			ok(t, f.Store.PutCourseStats(ctx, stats.Course{CourseID: c.ID, TotalRuns: n, UpdatedAt: noon}))
		}
	}
	return all, runs
}

// mapTiles holds the tiles at many places and zooms against what brute force
// gives: which courses, clusters and lines, with what is said of them, and where.
func mapTiles(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(9, 10)) // repeatable
	all, runs := tileCourses(t, f, r)
	seen := map[string]int{}
	for i := range 90 {
		z := i % 18
		at := maptile.At(all[r.IntN(len(all))].Route.Start())
		tile, err := maptile.New(z, at.X>>(maptile.Bits-z), at.Y>>(maptile.Bits-z))
		ok(t, err)
		want := contentOf(tile, all, runs)
		data, err := f.Store.MapTile(ctx, tile)
		ok(t, err)
		again, err := f.Store.MapTile(ctx, tile)
		ok(t, err)
		equal(t, "the same tile again", again, data)
		layers, err := mvt.Unmarshal(data)
		ok(t, err)
		got := map[string][]*geojson.Feature{}
		for _, layer := range layers {
			got[layer.Name] = layer.Features
			equal(t, "version and extent", []any{layer.Version, layer.Extent}, []any{uint32(2), uint32(maptile.Extent)})
			seen[layer.Name]++
		}
		name := fmt.Sprintf("tile %d/%d/%d, ", tile.Z(), tile.X(), tile.Y())
		equal(t, name+"clusters", len(got["clusters"]), len(want.Clusters))
		for k, cluster := range want.Clusters {
			equal(t, name+"cluster", got["clusters"][k].Properties["courses"], float64(cluster.Courses))
			checkPoint(t, name, tile, got["clusters"][k], cluster.X, cluster.Y)
		}
		checkCourses(t, name+"courses", got["courses"], want.Starts)
		for k, c := range want.Starts {
			at := maptile.At(c.Start)
			checkPoint(t, name, tile, got["courses"][k], float64(at.X)/(1<<maptile.Bits), float64(at.Y)/(1<<maptile.Bits))
		}
		drawn := make([]ports.MapCourse, len(want.Routes))
		for k, c := range want.Routes {
			drawn[k] = c.MapCourse
		}
		checkCourses(t, name+"routes", got["routes"], drawn)
		for k, c := range want.Routes {
			checkRoute(t, name+c.ID.String(), tile, got["routes"][k].Geometry, c.Line)
		}
	}
	if seen["clusters"] < 5 || seen["courses"] < 20 || seen["routes"] < 20 {
		t.Errorf("layers seen: %v", seen)
	}
	sea, err := maptile.New(12, 0, 0)
	ok(t, err)
	data, err := f.Store.MapTile(ctx, sea)
	ok(t, err)
	equal(t, "a tile without courses", len(data), 0)
}

// contentOf is what a tile must show, one course at a time.
func contentOf(tile maptile.Tile, all []course.Course, runs map[id.Course]int) (c ports.MapContent) {
	type sum struct{ n, x, y, cellX, cellY int }
	sums := map[[2]int]sum{}
	level, _, _, _ := tile.Clusters()
	for _, each := range all {
		if !each.IsPublic {
			continue
		}
		one := ports.MapCourse{ID: each.ID, Title: each.Title, Start: each.Route.Start(), DistanceMeters: each.DistanceMeters, TotalRuns: runs[each.ID]}
		if at := maptile.At(one.Start); tile.Holds(at) {
			c.Starts = append(c.Starts, one)
			cell := [2]int{at.Y >> (maptile.Bits - level), at.X >> (maptile.Bits - level)}
			s := sums[cell]
			sums[cell] = sum{s.n + 1, s.x + at.X, s.y + at.Y, cell[1], cell[0]}
		}
		if tile.Z() >= maptile.FirstRoutes && tile.Bounds().Crosses(each.Route) {
			c.Routes = append(c.Routes, ports.MapRoute{MapCourse: one, Line: each.Route})
		}
	}
	before := func(a, b ports.MapCourse) bool {
		return course.Prominence(a.TotalRuns, a.ID) > course.Prominence(b.TotalRuns, b.ID)
	}
	sort.Slice(c.Starts, func(i, j int) bool { return before(c.Starts[i], c.Starts[j]) })
	sort.Slice(c.Routes, func(i, j int) bool { return before(c.Routes[i].MapCourse, c.Routes[j].MapCourse) })
	c.Routes = c.Routes[:min(len(c.Routes), maptile.MaxRoutes)]
	if len(c.Starts) > maptile.MaxPoints && tile.Z() <= maptile.LastClustered {
		c.Starts = nil
		var cells []sum
		for _, s := range sums {
			cells = append(cells, s)
		}
		sort.Slice(cells, func(i, j int) bool {
			return cells[i].cellY < cells[j].cellY || (cells[i].cellY == cells[j].cellY && cells[i].cellX < cells[j].cellX)
		})
		for _, s := range cells {
			n := float64(s.n) * (1 << maptile.Bits)
			c.Clusters = append(c.Clusters, ports.MapCluster{Courses: s.n, X: float64(s.x) / n, Y: float64(s.y) / n})
		}
	}
	c.Starts = c.Starts[:min(len(c.Starts), maptile.MaxPoints)]
	return c
}

func checkCourses(t *testing.T, name string, got []*geojson.Feature, want []ports.MapCourse) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d, want %d", name, len(got), len(want))
	}
	for i, c := range want {
		equal(t, name, got[i].Properties, geojson.Properties{
			"id": c.ID.String(), "title": c.Title, "distance_meters": float64(c.DistanceMeters), "total_runs": float64(c.TotalRuns),
		})
	}
}

func checkPoint(t *testing.T, name string, tile maptile.Tile, f *geojson.Feature, x, y float64) {
	t.Helper()
	wantX, wantY := tile.Local(x, y)
	got, isPoint := f.Geometry.(orb.Point)
	if !isPoint || math.Abs(got[0]-wantX) > 1 || math.Abs(got[1]-wantY) > 1 {
		t.Errorf("%sa point at %v, want %.1f %.1f", name, f.Geometry, wantX, wantY)
	}
}

// checkRoute holds what is drawn against the line: no vertex drawn beside it, and
// none of its vertices in the tile left out.
func checkRoute(t *testing.T, name string, tile maptile.Tile, drawn orb.Geometry, line geo.Line) {
	t.Helper()
	var parts orb.MultiLineString
	switch g := drawn.(type) {
	case orb.LineString:
		parts = orb.MultiLineString{g}
	case orb.MultiLineString:
		parts = g
	default:
		t.Fatalf("%s: drawn as %v", name, drawn)
	}
	var copies orb.MultiLineString // of the line, beside each other
	for _, shift := range []float64{-1, 0, 1} {
		var copied orb.LineString
		lng := line.At(0).Lng()
		for i := range line.Len() {
			lng += math.Remainder(line.At(i).Lng()-lng, 360)
			x, y := tile.Local(lng/360+0.5+shift, maptile.Height(line.At(i).Lat()))
			copied = append(copied, orb.Point{x, y})
		}
		copies = append(copies, copied)
	}
	for _, part := range parts {
		for _, p := range part {
			if d := apart(copies, p); d > 1.5 {
				t.Errorf("%s: %v is drawn %.1f beside the line", name, p, d)
			}
			if p[0] < -maptile.Buffer-1 || p[0] > maptile.Extent+maptile.Buffer+1 || p[1] < -maptile.Buffer-1 || p[1] > maptile.Extent+maptile.Buffer+1 {
				t.Errorf("%s: %v is drawn beyond the buffer", name, p)
			}
		}
	}
	for _, copied := range copies {
		for _, p := range copied {
			if p[0] >= 0 && p[0] <= maptile.Extent && p[1] >= 0 && p[1] <= maptile.Extent {
				if d := apart(parts, p); d > 1.5 {
					t.Errorf("%s: %v is %.1f from what is drawn", name, p, d)
				}
			}
		}
	}
}

// apart is the distance of a point to the nearest line.
func apart(lines orb.MultiLineString, p orb.Point) float64 {
	nearest := math.Inf(1)
	for _, line := range lines {
		for i := 1; i < len(line); i++ {
			a, b := line[i-1], line[i]
			dx, dy := b[0]-a[0], b[1]-a[1]
			s := 0.0
			if d := dx*dx + dy*dy; d > 0 {
				s = math.Max(0, math.Min(1, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/d))
			}
			nearest = math.Min(nearest, math.Hypot(p[0]-a[0]-s*dx, p[1]-a[1]-s*dy))
		}
	}
	return nearest
}
