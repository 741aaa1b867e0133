package geos

import (
	"context"
	"math"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// ribbons draws a corridor as a ribbon around each straight piece of the line.
// Each is convex, which needs no library; together they cover what their union
// covers, and overlap.
func ribbons(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) (polygons [][][]geo.Point, err error) {
	plane := geo.NewPlane(middle(line))
	around := func(path []geo.Point, meters float64) error {
		for _, strand := range strandsOf(plane, path) {
			if err := ctx.Err(); err != nil {
				return err
			}
			strand = straightened(strand)
			for i := range max(1, len(strand)-1) {
				ring := ribbon(strand[i], strand[min(i+1, len(strand)-1)], meters)
				polygons = append(polygons, cutConvex(unroll(plane, ring, 0))...)
			}
		}
		return nil
	}
	if err := around(line.Points(), straightMeters); err != nil {
		return nil, err
	}
	for _, curve := range stretches(line, sections) {
		if err := around(curve, curveMeters); err != nil {
			return nil, err
		}
	}
	return polygons, ctx.Err()
}

// straightened leaves out vertices of a strand that are as good as on the way.
func straightened(strand [][]float64) [][]float64 {
	out := strand[:1:1]
	for from := 0; from < len(strand)-1; {
		to := from + 1
		for to+1 < len(strand) && onTheWay(strand[from:to+2]) {
			to++
		}
		out, from = append(out, strand[to]), to
	}
	return out
}

// onTheWay reports whether all of a path is within the tolerance of the straight
// way between its ends.
func onTheWay(path [][]float64) bool {
	a, b := path[0], path[len(path)-1]
	dx, dy := b[0]-a[0], b[1]-a[1]
	square := dx*dx + dy*dy
	for _, p := range path[1 : len(path)-1] {
		along := 0.0
		if square > 0 {
			along = min(1, max(0, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/square))
		}
		if math.Hypot(p[0]-a[0]-along*dx, p[1]-a[1]-along*dy) > toleranceMeters {
			return false
		}
	}
	return true
}

// ribbon is all that is within some metres of a leg: a closed ring, anticlockwise,
// with round ends. A leg of one place gives a disc.
func ribbon(from, to []float64, meters float64) [][]float64 {
	heading := math.Atan2(to[1]-from[1], to[0]-from[0])
	var ring [][]float64
	for i, end := range [][]float64{to, from} {
		first := heading - math.Pi/2 + float64(i)*math.Pi
		for k := range 2*quarterSegments + 1 {
			sin, cos := math.Sincos(first + float64(k)*math.Pi/2/quarterSegments)
			ring = append(ring, []float64{end[0] + meters*cos, end[1] + meters*sin})
		}
	}
	return append(ring, ring[0])
}

// cutConvex splits a convex ring at the antimeridian (RFC 7946 §3.1.9) and brings
// each part into ±180°.
func cutConvex(ring [][]float64) [][][]geo.Point {
	if !beyond(ring) {
		return [][][]geo.Point{points([][][]float64{ring}, 0)}
	}
	var out [][][]geo.Point
	for _, turn := range []float64{-antimeridianTurn, 0, antimeridianTurn} {
		part := clip(clip(ring, turn-180, 1), turn+180, -1)
		if len(part) > 3 {
			out = append(out, points([][][]float64{part}, turn))
		}
	}
	return out
}

// clip keeps what of a closed convex ring lies east (side 1) or west (-1) of a
// longitude.
func clip(ring [][]float64, lng, side float64) (out [][]float64) {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		ahead, behind := (a[0]-lng)*side >= 0, (b[0]-lng)*side >= 0
		if ahead {
			out = append(out, a)
		}
		if ahead != behind {
			out = append(out, []float64{lng, a[1] + (b[1]-a[1])*(lng-a[0])/(b[0]-a[0])})
		}
	}
	if len(out) > 0 {
		out = append(out, out[0])
	}
	return out
}
