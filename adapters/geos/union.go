//go:build cgo

package geos

import (
	"context"
	"fmt"

	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

const (
	// unionRibbons is how many ribbons are joined before the context is looked at.
	unionRibbons = 64
	// vertexBytes is what a vertex of the line costs GEOS at most.
	vertexBytes = 4 << 10
)

var errGEOS = fault.New(fault.Internal, "geos_failed", "a shape could not be worked out")

// draw draws a corridor, and turns a panic of GEOS into a fault.
func draw(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) (polygons [][][]geo.Point, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errGEOS.Because(fmt.Errorf("drawing the corridor: %v", p))
		}
	}()
	return outline(ctx, line, sections, straightMeters, curveMeters)
}

// outline draws a corridor as one union of ribbons around short strands.
func outline(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) ([][][]geo.Point, error) {
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
	area, err := union(ctx, gc, ribbons)
	if err != nil {
		return nil, err
	}
	if area = area.TopologyPreserveSimplify(toleranceMeters); !area.IsValid() {
		area = area.MakeValid()
	}
	return onTheGlobe(gc, plane, area), ctx.Err()
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
		rings := [][][]float64{unroll(plane, polygon.ExteriorRing().CoordSeq().ToCoords(), 0)}
		base := rings[0][0][0]
		for k := 0; k < polygon.NumInteriorRings(); k++ {
			rings = append(rings, unroll(plane, polygon.InteriorRing(k).CoordSeq().ToCoords(), base))
		}
		out = append(out, cut(gc, rings)...)
	}
	return out
}

// cut splits a polygon at the antimeridian and brings each part into ±180°.
func cut(gc *geos.Context, rings [][][]float64) [][][]geo.Point {
	if !beyond(rings[0]) {
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
