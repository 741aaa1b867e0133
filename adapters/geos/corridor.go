// Package geos does planar geometry with the GEOS library, on lines projected
// to metres. GEOS panics where others return errors, and its memory is
// invisible to Go: every call here has a context of its own, checks its input
// first, and turns a panic into a fault.
package geos

import (
	"context"
	"fmt"
	"math"

	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/ports"
)

// The corridor's outline.
const (
	quarterSegments  = 8    // a round end of 40 m deviates from its circle by 20 cm
	toleranceMeters  = 0.25 // by which the outline may be simplified
	antimeridianTurn = 360.0
)

// Geometry implements ports.Geometry.
type Geometry struct{ budget ports.Budget }

// New returns GEOS as a port; it works within a budget.
func New(budget ports.Budget) *Geometry { return &Geometry{budget} }

var errGEOS = fault.New(fault.Internal, "geos_failed", "a shape could not be worked out")

// guarded turns a panic of GEOS into a fault.
func guarded(ctx context.Context, what string, work func() error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = errGEOS.Because(fmt.Errorf("%s: %v", what, p))
		}
	}()
	return work()
}

// Corridor implements ports.Geometry. Lengths are true within 1 cm on courses
// that stay within 100 km of their middle, and within 1 m where a course goes the
// same way again.
func (g *Geometry) Corridor(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) (geoJSON []byte, err error) {
	if line.Len() < 2 || straightMeters <= 0 || curveMeters < straightMeters {
		return nil, fault.New(fault.Internal, "bad_corridor", "a corridor needs a line and widths, the curves' the greater")
	}
	release, err := g.budget.Take(ctx, corridorBytes(line.Len()))
	if err != nil {
		return nil, err
	}
	defer release()
	err = guarded(ctx, "drawing the corridor", func() error {
		rings, err := corridor(ctx, line, sections, straightMeters, curveMeters)
		geoJSON = polygonsJSON(rings)
		return err
	})
	return geoJSON, err
}

// corridorBytes is the memory that GEOS takes at most for a line of so many
// vertices; TestWhatTheWorstCorridorsTake holds it.
func corridorBytes(vertices int) int64 { return 16<<20 + int64(vertices)*4<<10 }

// A ribbon around a whole line costs the square of how often the line crosses
// itself: 2,000 vertices of a square wave took 74 s and 2.3 GB. Ribbons around
// short strands cost next to nothing, and one union of them all grows with what
// they cover.
const (
	// strandLegs and strandMeters say how long a strand is at most.
	strandLegs   = 32
	strandMeters = 2_000
	// sameMeters is the side of the squares by which a leg is told that was gone
	// before, from the one square to the other: another ribbon would add nothing.
	sameMeters = 0.5
	// unionRibbons is how many ribbons are joined before the context is looked at.
	unionRibbons = 64
)

func corridor(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) ([][][]geo.Point, error) {
	gc := geos.NewContext()
	plane := geo.NewPlane(middle(line))
	strands := strandsOf(plane, line.Points())
	ribbons := make([]*geos.Geom, 0, len(strands)+len(sections))
	for _, s := range strands {
		ribbons = append(ribbons, shape(gc, s).Buffer(straightMeters, quarterSegments))
	}
	for _, curve := range stretches(line, sections) {
		for _, s := range strandsOf(plane, curve) {
			ribbons = append(ribbons, shape(gc, s).Buffer(curveMeters, quarterSegments))
		}
	}
	outline, err := union(ctx, gc, ribbons)
	if err != nil {
		return nil, err
	}
	if outline = outline.TopologyPreserveSimplify(toleranceMeters); !outline.IsValid() {
		outline = outline.MakeValid()
	}
	return onTheGlobe(gc, plane, outline), ctx.Err()
}

// union joins shapes, those that follow each other first.
func union(ctx context.Context, gc *geos.Context, shapes []*geos.Geom) (*geos.Geom, error) {
	for len(shapes) > 1 {
		var joined []*geos.Geom
		for from := 0; from < len(shapes); from += unionRibbons {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			joined = append(joined, gc.NewCollection(geos.TypeIDGeometryCollection, shapes[from:min(from+unionRibbons, len(shapes))]).UnaryUnion())
		}
		shapes = joined
	}
	return shapes[0], nil
}

// strandsOf cuts a path of the globe into strands in the plane, in order, and
// leaves out legs that were gone before, in either direction.
func strandsOf(plane geo.Plane, points []geo.Point) [][][]float64 {
	type square [2]int32
	squareOf := func(c []float64) square {
		return square{int32(math.Floor(c[0] / sameMeters)), int32(math.Floor(c[1] / sameMeters))}
	}
	gone := map[[2]square]bool{}
	var strands [][][]float64
	var strand [][]float64
	length := 0.0
	end := func() {
		if len(strand) > 1 {
			strands = append(strands, strand)
		}
		strand, length = nil, 0
	}
	var last []float64
	for _, p := range points {
		x, y := plane.Project(p)
		at := []float64{x, y}
		if last != nil && last[0] == x && last[1] == y {
			continue
		}
		if last != nil {
			from, to := squareOf(last), squareOf(at)
			leg, back := [2]square{from, to}, [2]square{to, from}
			switch {
			case gone[leg] || gone[back]:
				end()
			case len(strand) > strandLegs || length > strandMeters:
				end()
				strand = [][]float64{last, at}
			case strand == nil:
				strand = [][]float64{last, at}
			default:
				strand = append(strand, at)
			}
			gone[leg] = true
			length += math.Hypot(x-last[0], y-last[1])
		}
		last = at
	}
	end()
	if len(strands) == 0 { // one place is left of it
		strands = [][][]float64{{last}}
	}
	return strands
}

// stretches returns the parts of a line that sections name, in one walk along it.
func stretches(line geo.Line, sections []judge.Section) [][]geo.Point {
	var out [][]geo.Point
	along, k := 0.0, 0
	var stretch []geo.Point
	for i := 1; i < line.Len() && k < len(sections); i++ {
		a, b := line.At(i-1), line.At(i)
		length := geo.Distance(a, b)
		if length == 0 {
			continue
		}
		at := func(meters float64) geo.Point { return a.Interpolate(b, min(1, max(0, (meters-along)/length))) }
		for ; k < len(sections) && sections[k].FromMeters <= along+length; k++ {
			if stretch == nil {
				stretch = []geo.Point{at(sections[k].FromMeters)}
			}
			stretch = append(stretch, at(sections[k].ToMeters))
			if sections[k].ToMeters > along+length {
				break
			}
			out, stretch = append(out, stretch), nil
		}
		along += length
	}
	if stretch != nil { // a section that ends with the line, by another rounding
		out = append(out, stretch)
	}
	return out
}

// middle is the middle of the line's bounds, where its plane distorts it least.
func middle(l geo.Line) geo.Point {
	b := l.Bounds()
	return geo.MustPoint(b.South, b.West).Interpolate(geo.MustPoint(b.North, b.East), 0.5)
}

// shape is a path in the plane, or a point where one place is all there is.
func shape(gc *geos.Context, coords [][]float64) *geos.Geom {
	if len(coords) == 1 {
		return gc.NewPoint(coords[0])
	}
	return gc.NewLineString(coords)
}

// flat is a whole line in the plane.
func flat(gc *geos.Context, plane geo.Plane, points []geo.Point) *geos.Geom {
	coords := make([][]float64, 0, len(points))
	for _, p := range points {
		x, y := plane.Project(p)
		if n := len(coords); n > 0 && coords[n-1][0] == x && coords[n-1][1] == y {
			continue
		}
		coords = append(coords, []float64{x, y})
	}
	return shape(gc, coords)
}

// onTheGlobe takes polygons of the plane back to degrees. What crosses ±180° is
// cut there (RFC 7946 §3.1.9); shells run anticlockwise, holes clockwise (§3.1.6).
func onTheGlobe(gc *geos.Context, plane geo.Plane, g *geos.Geom) [][][]geo.Point {
	var out [][][]geo.Point
	for i := 0; i < g.NumGeometries(); i++ {
		polygon := g.Geometry(i)
		rings := [][][]float64{unroll(plane, polygon.ExteriorRing(), 0)}
		base := rings[0][0][0]
		for k := 0; k < polygon.NumInteriorRings(); k++ {
			rings = append(rings, unroll(plane, polygon.InteriorRing(k), base))
		}
		out = append(out, cut(gc, rings)...)
	}
	return out
}

// unroll gives a ring in degrees whose longitudes run on beyond ±180° rather
// than jump; they begin near base when it is not 0.
func unroll(plane geo.Plane, ring *geos.Geom, base float64) [][]float64 {
	coords := ring.CoordSeq().ToCoords()
	out := make([][]float64, len(coords))
	last := base
	for i, c := range coords {
		p := plane.Unproject(c[0], c[1]).Round(7)
		lng := p.Lng()
		if i > 0 || base != 0 {
			for lng-last > 180 {
				lng -= antimeridianTurn
			}
			for lng-last < -180 {
				lng += antimeridianTurn
			}
		}
		out[i] = []float64{lng, p.Lat()}
		last = lng
	}
	return out
}

// cut splits a polygon at the antimeridian and brings each part into ±180°.
func cut(gc *geos.Context, rings [][][]float64) [][][]geo.Point {
	beyond := false
	for _, c := range rings[0] {
		beyond = beyond || c[0] > 180 || c[0] < -180
	}
	if !beyond {
		return [][][]geo.Point{points(rings, 0)}
	}
	var out [][][]geo.Point
	whole := gc.NewPolygon(rings)
	for _, turn := range []float64{-antimeridianTurn, 0, antimeridianTurn} {
		part := whole.Intersection(gc.NewGeomFromBounds(turn-180, -90, turn+180, 90))
		for i := 0; i < part.NumGeometries(); i++ {
			polygon := part.Geometry(i)
			if polygon.TypeID() != geos.TypeIDPolygon || polygon.IsEmpty() {
				continue
			}
			parts := [][][]float64{polygon.ExteriorRing().CoordSeq().ToCoords()}
			for k := 0; k < polygon.NumInteriorRings(); k++ {
				parts = append(parts, polygon.InteriorRing(k).CoordSeq().ToCoords())
			}
			out = append(out, points(parts, turn))
		}
	}
	return out
}

func points(rings [][][]float64, turn float64) [][]geo.Point {
	out := make([][]geo.Point, len(rings))
	for r, ring := range rings {
		if anticlockwise(ring) != (r == 0) {
			for i, j := 0, len(ring)-1; i < j; i, j = i+1, j-1 {
				ring[i], ring[j] = ring[j], ring[i]
			}
		}
		for _, c := range ring {
			out[r] = append(out[r], geo.MustPoint(c[1], min(180, max(-180, c[0]-turn))))
		}
	}
	return out
}

func anticlockwise(ring [][]float64) bool {
	area := 0.0
	for i := 1; i < len(ring); i++ {
		area += (ring[i][0] - ring[i-1][0]) * (ring[i][1] + ring[i-1][1])
	}
	return area < 0
}
