package geo

import (
	"slices"

	"github.com/runvs/runvs/domain/fault"
)

// Line is a path of at least two points, at least two of them distinct.
// It is immutable.
type Line struct {
	points []Point
}

// NewLine makes a line and keeps its own copy of the points. Fewer than two
// distinct points are refused with Invalid.
func NewLine(points []Point) (Line, error) {
	for i := 1; i < len(points); i++ {
		if points[i] != points[0] {
			return Line{points: append([]Point(nil), points...)}, nil
		}
	}
	return Line{}, fault.InvalidField("route_geometry", "a line needs at least 2 distinct points, got %d points", len(points))
}

// IsZero reports whether the line was never made.
func (l Line) IsZero() bool { return len(l.points) == 0 }

// Len returns the number of points.
func (l Line) Len() int { return len(l.points) }

// At returns the i-th point.
func (l Line) At(i int) Point { return l.points[i] }

// Points returns a copy of the points.
func (l Line) Points() []Point { return append([]Point(nil), l.points...) }

// Start returns the first point.
func (l Line) Start() Point { return l.points[0] }

// End returns the last point.
func (l Line) End() Point { return l.points[len(l.points)-1] }

// Equal reports whether two lines have the same points.
func (l Line) Equal(m Line) bool { return slices.Equal(l.points, m.points) }

// LengthMeters returns the length on the ellipsoid (Distance of each segment).
func (l Line) LengthMeters() float64 {
	sum := 0.0
	for i := 1; i < len(l.points); i++ {
		sum += Distance(l.points[i-1], l.points[i])
	}
	return sum
}

// Bounds returns the smallest box that holds the line.
func (l Line) Bounds() Bounds { return BoundsOf(l.points) }

// Between returns the stretch of the line from one distance along it to
// another, in metres, with interpolated ends; at least two points.
func (l Line) Between(fromMeters, toMeters float64) []Point {
	var out []Point
	at := 0.0
	for i := 1; i < len(l.points); i++ {
		a, b := l.points[i-1], l.points[i]
		d := Distance(a, b)
		next := at + d
		if next >= fromMeters && at <= toMeters && d > 0 {
			if len(out) == 0 {
				out = append(out, a.Interpolate(b, clamp01((fromMeters-at)/d)))
			}
			out = append(out, a.Interpolate(b, clamp01((toMeters-at)/d)))
		}
		at = next
	}
	if len(out) == 0 {
		return []Point{l.End(), l.End()}
	}
	return out
}

func clamp01(t float64) float64 { return min(1, max(0, t)) }
