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
// nearly the same path: those that Douglas and Peucker (1973) keep at the
// smallest of the tolerances 0.25 m, 0.5 m, 1 m … that suffices. limit is at
// least 2; the ends stay.
func Thin(points []Point, limit int) []Point {
	if len(points) <= limit {
		return points
	}
	vectors := make([]Vector, len(points))
	for i, p := range points {
		vectors[i] = p.Vector()
	}
	for tolerance := 0.25; ; tolerance *= 2 {
		keep := douglasPeucker(vectors, tolerance)
		if len(keep) <= limit {
			out := make([]Point, len(keep))
			for k, i := range keep {
				out[k] = points[i]
			}
			return out
		}
	}
}

// douglasPeucker returns the indices to keep, ascending. It works off a stack,
// for a line of 100,000 points may split very unevenly.
func douglasPeucker(v []Vector, tolerance float64) []int {
	keep := make([]bool, len(v))
	keep[0], keep[len(v)-1] = true, true
	stack := [][2]int{{0, len(v) - 1}}
	for len(stack) > 0 {
		from, to := stack[len(stack)-1][0], stack[len(stack)-1][1]
		stack = stack[:len(stack)-1]
		worst, at := tolerance, -1
		for i := from + 1; i < to; i++ {
			if d, _ := SegmentDistance(v[i], v[from], v[to]); d > worst {
				worst, at = d, i
			}
		}
		if at >= 0 {
			keep[at] = true
			stack = append(stack, [2]int{from, at}, [2]int{at, to})
		}
	}
	out := []int{}
	for i, k := range keep {
		if k {
			out = append(out, i)
		}
	}
	return out
}
