package judge

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// resampleMeters is the even spacing on which curvature is measured, so that
// it does not depend on how densely the course was recorded.
const resampleMeters = 5

// curveSections finds the stretches whose radius of curvature is small.
// Curvature is that of the circle through three points a fixed arc apart on an
// evenly resampled, lightly smoothed line.
func curveSections(c *Course, rules Rules) []Section {
	length := c.LengthMeters()
	if length < 2*rules.CurveArcMeters {
		return nil
	}
	n := int(length/resampleMeters) + 1
	step := length / float64(n-1)
	even := make([]geo.Vector, n)
	for i := range even {
		even[i] = c.place(float64(i) * step)
	}
	smooth := average(average(even, rules.SmoothingMeters/2, step), rules.SmoothingMeters/2, step)
	arc := int(math.Round(rules.CurveArcMeters / step))
	var out []Section
	for i := arc; i+arc < n; i++ {
		if radius(smooth[i-arc], smooth[i], smooth[i+arc]) >= rules.CurveRadiusMeters {
			continue
		}
		from, to := (float64(i)-0.5)*step, (float64(i)+0.5)*step
		if i == arc { // nearer to an end than the arc, the curvature is that of the arc's
			from = 0
		}
		if i+arc == n-1 {
			to = length
		}
		if k := len(out); k > 0 && from-out[k-1].ToMeters < rules.MergeCurveGapMeters {
			out[k-1].ToMeters = to
			continue
		}
		out = append(out, Section{FromMeters: from, ToMeters: to})
	}
	kept := out[:0]
	for _, s := range out {
		if s.ToMeters-s.FromMeters >= rules.MinCurveMeters {
			kept = append(kept, s)
		}
	}
	return kept
}

// average is the running mean over width metres; near the ends, over as much
// as there is on both sides alike, so that the ends stay where they are.
func average(v []geo.Vector, width, step float64) []geo.Vector {
	half := int(math.Round(width / 2 / step))
	out := make([]geo.Vector, len(v))
	for i := range v {
		h := min(half, i, len(v)-1-i)
		var sum geo.Vector
		for _, w := range v[i-h : i+h+1] {
			sum.X, sum.Y, sum.Z = sum.X+w.X-v[i].X, sum.Y+w.Y-v[i].Y, sum.Z+w.Z-v[i].Z
		}
		k := float64(2*h + 1)
		out[i] = geo.Vector{X: v[i].X + sum.X/k, Y: v[i].Y + sum.Y/k, Z: v[i].Z + sum.Z/k}
	}
	return out
}

// radius is that of the circle through three points: abc/(4·area); infinite for
// points on a straight line.
func radius(a, b, c geo.Vector) float64 {
	ab, bc, ac := b.Sub(a), c.Sub(b), c.Sub(a)
	cross := geo.Vector{
		X: ab.Y*ac.Z - ab.Z*ac.Y,
		Y: ab.Z*ac.X - ab.X*ac.Z,
		Z: ab.X*ac.Y - ab.Y*ac.X,
	}.Norm()
	if cross == 0 {
		return math.Inf(1)
	}
	return ab.Norm() * bc.Norm() * ac.Norm() / (2 * cross)
}
