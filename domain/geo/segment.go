package geo

import "math"

// SegmentDistance returns the straight distance in metres from v to the nearest
// place of the chord from a to b, and the fraction of the chord, in [0, 1], at
// which that place lies. For a chord of L metres it differs from the distance
// on the ellipsoid by the chord's sag, at most L²/(8·6,335,439) m.
func SegmentDistance(v, a, b Vector) (meters, fraction float64) {
	ab, av := b.Sub(a), v.Sub(a)
	if l2 := ab.Dot(ab); l2 > 0 {
		fraction = math.Min(1, math.Max(0, av.Dot(ab)/l2))
	}
	d := Vector{av.X - fraction*ab.X, av.Y - fraction*ab.Y, av.Z - fraction*ab.Z}
	return d.Norm(), fraction
}

// Thin returns the points, or, when there are more than limit, fewer of them on
// nearly the same path: those that Douglas and Peucker (1973) keep, first with a
// tolerance of 0.25 m, of these with 0.5 m, with 1 m … until they are few enough.
// No point lies farther from what is left than twice the last tolerance. limit
// is at least 2; the ends stay.
func Thin(points []Point, limit int) []Point {
	if len(points) <= limit {
		return points
	}
	left := make([]int, len(points)) // indices of points
	vectors := make([]Vector, len(points))
	var walker Walker
	for i, p := range points {
		left[i], vectors[i] = i, walker.Vector(p)
	}
	for tolerance := 0.25; len(left) > limit; tolerance *= 2 {
		kept := douglasPeucker(vectors, tolerance)
		for k, i := range kept { // ascending, so nothing is overwritten before it is read
			left[k], vectors[k] = left[i], vectors[i]
		}
		left, vectors = left[:len(kept)], vectors[:len(kept)]
	}
	out := make([]Point, len(left))
	for k, i := range left {
		out[k] = points[i]
	}
	return out
}

// evenDepth is from which depth on stretches are split in the middle. Where the
// farthest point lies at the end of every stretch, as on a spiral, the work would
// grow with the square of the points; a point too many is kept instead.
const evenDepth = 24

// douglasPeucker returns the indices to keep, ascending. It works off a stack,
// for a line of 100,000 points may split very unevenly.
func douglasPeucker(v []Vector, tolerance float64) []int {
	type stretch struct{ from, to, depth int }
	keep := make([]bool, len(v))
	keep[0], keep[len(v)-1] = true, true
	stack := []stretch{{0, len(v) - 1, 0}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		worst, at := tolerance, -1
		for i := s.from + 1; i < s.to; i++ {
			if d, _ := SegmentDistance(v[i], v[s.from], v[s.to]); d > worst {
				worst, at = d, i
			}
		}
		if at < 0 {
			continue
		}
		if s.depth > evenDepth {
			at = (s.from + s.to) / 2
		}
		keep[at] = true
		stack = append(stack, stretch{s.from, at, s.depth + 1}, stretch{at, s.to, s.depth + 1})
	}
	out := []int{}
	for i, k := range keep {
		if k {
			out = append(out, i)
		}
	}
	return out
}
