// Package geos does planar geometry with the GEOS library, on lines projected
// to metres. GEOS panics where others return errors, and its memory is
// invisible to Go: every call here has a context of its own, checks its input
// first, and turns a panic into a fault.
package geos

import (
	"context"
	"fmt"

	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// The corridor's outline.
const (
	quarterSegments  = 16   // a round end of 40 m deviates from its circle by 5 cm
	toleranceMeters  = 0.25 // by which the outline may be simplified
	antimeridianTurn = 360.0
)

// Geometry implements ports.Geometry.
type Geometry struct{}

// New returns GEOS as a port.
func New() Geometry { return Geometry{} }

var errGEOS = fault.New(fault.Internal, "geos_failed", "a shape could not be worked out")

// guarded turns a panic of GEOS into a fault.
func guarded(ctx context.Context, what string, work func()) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = errGEOS.Because(fmt.Errorf("%s: %v", what, p))
		}
	}()
	work()
	return nil
}

// Corridor implements ports.Geometry. Lengths are true within 1 cm on courses
// that stay within 100 km of their middle.
func (Geometry) Corridor(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) (rings [][][]geo.Point, err error) {
	if line.Len() < 2 || straightMeters <= 0 || curveMeters < straightMeters {
		return nil, fault.New(fault.Internal, "bad_corridor", "a corridor needs a line and widths, the curves' the greater")
	}
	err = guarded(ctx, "drawing the corridor", func() { rings = corridor(line, sections, straightMeters, curveMeters) })
	return rings, err
}

func corridor(line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) [][][]geo.Point {
	gc := geos.NewContext()
	plane := geo.NewPlane(middle(line))
	outline := buffer(gc, plane, line.Points(), straightMeters)
	for _, s := range sections {
		outline = outline.Union(buffer(gc, plane, line.Between(s.FromMeters, s.ToMeters), curveMeters))
	}
	if outline = outline.TopologyPreserveSimplify(toleranceMeters); !outline.IsValid() {
		outline = outline.MakeValid()
	}
	return onTheGlobe(gc, plane, outline)
}

// middle is the middle of the line's bounds, where its plane distorts it least.
func middle(l geo.Line) geo.Point {
	b := l.Bounds()
	return geo.MustPoint(b.South, b.West).Interpolate(geo.MustPoint(b.North, b.East), 0.5)
}

func buffer(gc *geos.Context, plane geo.Plane, points []geo.Point, meters float64) *geos.Geom {
	return flat(gc, plane, points).Buffer(meters, quarterSegments)
}

// flat is a line in the plane, or a point where nothing but one place is left.
func flat(gc *geos.Context, plane geo.Plane, points []geo.Point) *geos.Geom {
	coords := make([][]float64, 0, len(points))
	for _, p := range points {
		x, y := plane.Project(p)
		if n := len(coords); n > 0 && coords[n-1][0] == x && coords[n-1][1] == y {
			continue
		}
		coords = append(coords, []float64{x, y})
	}
	if len(coords) == 1 {
		return gc.NewPoint(coords[0])
	}
	return gc.NewLineString(coords)
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
