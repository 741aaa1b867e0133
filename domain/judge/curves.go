package judge

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// curveSections finds the stretches whose radius of curvature is small.
// Curvature is that of the circle through three points a fixed arc apart on an
// evenly resampled, lightly smoothed line.
func curveSections(c *Course, rules CurveRules) []Section {
	length := c.LengthMeters()
	if length < 2*rules.ArcMeters {
		return nil
	}
	n := int(length/rules.SpacingMeters) + 1
	step := length / float64(n-1)
	half := int(math.Round(rules.SmoothingMeters / 4 / step)) // two running means, of half the length each
	smooth := c.resample(n, step)
	sums := make([]geo.Vector, n+1)
	average(smooth, sums, half)
	average(smooth, sums, half)
	arc := int(math.Round(rules.ArcMeters / step))
	var out []Section
	for i := arc; i+arc < n; i++ {
		if !tighter(smooth[i-arc], smooth[i], smooth[i+arc], rules.RadiusMeters) {
			continue
		}
		from, to := (float64(i)-0.5)*step, (float64(i)+0.5)*step
		if i == arc { // nearer to an end than the arc, the curvature is that of the arc's
			from = 0
		}
		if i+arc == n-1 {
			to = length
		}
		if k := len(out); k > 0 && from-out[k-1].ToMeters < rules.MergeGapMeters {
			out[k-1].ToMeters = to
			continue
		}
		out = append(out, Section{FromMeters: from, ToMeters: to})
	}
	kept := out[:0]
	for _, s := range out {
		if s.ToMeters-s.FromMeters >= rules.MinMeters {
			kept = append(kept, s)
		}
	}
	return kept
}

// resample returns n places of the course, step metres apart, as seen from its
// start: small numbers lose nothing in sums.
func (c *Course) resample(n int, step float64) []geo.Vector {
	out := make([]geo.Vector, n)
	k := 0
	for i := range out {
		progress := float64(i) * step
		for k+1 < len(c.pieces) && c.pieces[k].begins+c.pieces[k].length < progress {
			k++
		}
		p := &c.pieces[k]
		t := min(1, (progress-p.begins)/p.length)
		out[i] = geo.Vector{X: p.from.X - c.at[0].X + t*p.along.X, Y: p.from.Y - c.at[0].Y + t*p.along.Y, Z: p.from.Z - c.at[0].Z + t*p.along.Z}
	}
	return out
}

// average replaces places by the mean of themselves and half as many on either
// side; near the ends, of as many as there are on both sides alike, so that the
// ends stay where they are. sums is room for one value more than there are places.
func average(v, sums []geo.Vector, half int) {
	for i, w := range v {
		s := sums[i]
		sums[i+1] = geo.Vector{X: s.X + w.X, Y: s.Y + w.Y, Z: s.Z + w.Z}
	}
	for i := range v {
		h := min(half, i, len(v)-1-i)
		k := 1 / float64(2*h+1)
		d := sums[i+h+1].Sub(sums[i-h])
		v[i] = geo.Vector{X: d.X * k, Y: d.Y * k, Z: d.Z * k}
	}
}

// tighter reports whether the circle through three points has a radius under
// limit metres. Its radius is abc/(4·area); squared, it needs no root.
func tighter(a, b, c geo.Vector, limit float64) bool {
	ab, bc, ac := b.Sub(a), c.Sub(b), c.Sub(a)
	cross := geo.Vector{
		X: ab.Y*ac.Z - ab.Z*ac.Y,
		Y: ab.Z*ac.X - ab.X*ac.Z,
		Z: ab.X*ac.Y - ab.Y*ac.X,
	}
	return ab.Dot(ab)*bc.Dot(bc)*ac.Dot(ac) < limit*limit*4*cross.Dot(cross)
}
