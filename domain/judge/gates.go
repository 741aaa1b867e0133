package judge

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// gate is an end of the course: the line across it that a runner passes.
type gate struct {
	at        geo.Vector
	direction geo.Vector   // of the course there, of length 1
	near      float64      // metres: fixes this near may lie around the crossing
	outwards  float64      // which way in time the gate is left by the far side: -1 at the start, 1 at the finish
	stretch   []geo.Vector // the course at the gate
	along     []float64    // metres from the gate to each place of it
	within    float64      // metres: a fix this near passes it
	zone      float64      // the progress up to which the course is that near at its start, or from which on at its end
}

func (c *Course) gates() (start, finish gate) {
	length, rules := c.LengthMeters(), &c.rules.Gates
	span := min(rules.DirectionMeters, length)
	end := c.at[len(c.at)-1]
	start = gate{
		at: c.at[0], direction: unit(c.place(span).Sub(c.at[0])), near: rules.NearMeters, outwards: -1,
		within: c.rules.Curve.DeviateMeters,
	}
	finish = gate{
		at: end, direction: unit(end.Sub(c.place(length - span))), near: rules.NearMeters, outwards: 1,
		within: c.rules.Curve.DeviateMeters,
	}
	start.zone = min(rules.ZoneThresholds*start.within, length/2)
	finish.zone = max(length-rules.ZoneThresholds*finish.within, length/2)
	start.stretch, start.along = c.atGate(&start, 0)
	finish.stretch, finish.along = c.atGate(&finish, length)
	return start, finish
}

// atGate returns the stretch of the course at a gate: a place on its far side, the
// gate, and places of the course from there on. What the course does between them is
// noise.
func (c *Course) atGate(g *gate, end float64) (at []geo.Vector, along []float64) {
	rules := &c.rules.Gates
	stride := min(rules.DirectionMeters, c.LengthMeters()) / 2
	away := g.outwards * g.near
	at = append(at, geo.Vector{X: g.at.X + away*g.direction.X, Y: g.at.Y + away*g.direction.Y, Z: g.at.Z + away*g.direction.Z})
	along = append(along, -g.near)
	for d := 0.0; d <= min(g.near, c.LengthMeters())+1; d += stride {
		at, along = append(at, c.place(end-g.outwards*d)), append(along, d)
	}
	return at, along
}

func unit(v geo.Vector) geo.Vector {
	n := v.Norm()
	if n == 0 { // a course that leads back within a few metres: any direction
		return geo.Vector{X: 1}
	}
	return geo.Vector{X: v.X / n, Y: v.Y / n, Z: v.Z / n}
}

// passes reports whether a fix passes the gate: it is as near as a fix that matches.
func (g *gate) passes(a *aligned) bool {
	d := a.at.Sub(g.at)
	return d.Dot(d) <= g.within*g.within
}

// crossing is when a gate was passed.
type crossing struct {
	fix         int     // the first judged fix behind a start, the last before a finish
	seconds     float64 // since the first fix
	uncertainty float64 // seconds
}

// moment is when a runner was how far from a gate.
type moment struct {
	meters float64 // of the course to the gate; negative on its far side
	after  float64 // seconds between the first moment and this one, backwards in time at the start
}

// crossed returns how long after the first of some moments the gate was passed.
// They come from the course to the gate and beyond it. Only as long as the runner
// kept moving they count: who stands at the start, or stops before the finish, is
// timed as if they had gone on at their own pace, in seconds a metre.
func (r *GateRules) crossed(moments []moment, pace float64) (after float64, moving int) {
	first := moments[0]
	least := first.meters
	for moving = 1; moving < len(moments); moving++ {
		m := moments[moving]
		if m.after > r.StandingShare*pace*(first.meters-m.meters)+r.StandingSeconds {
			break
		}
		least = min(least, m.meters)
	}
	if least > 0 {
		sum, n := 0.0, 0.0
		for _, m := range moments[:moving] {
			if m.meters <= least+r.WindowMeters/2 {
				sum, n = sum+m.after+m.meters*pace, n+1
			}
		}
		return sum / n, moving
	}
	return fitted(moments[:moving]), moving
}

// fitted returns the time at the gate by the straight line that fits the moments
// best.
func fitted(moments []moment) float64 {
	var n, x, y, xx, xy float64
	for _, m := range moments {
		n, x, y, xx, xy = n+1, x+m.meters, y+m.after, xx+m.meters*m.meters, xy+m.meters*m.after
	}
	if d := n*xx - x*x; d > 1e-6 {
		return (y - (n*xy-x*y)/d*x) / n
	}
	return y / n
}

// metersFrom returns how far a fix is from the gate along the course: negative on its
// far side. It lies in a window, for the course may come near itself at the gate.
func (g *gate) metersFrom(a *aligned, w window) float64 {
	least, along := math.Inf(1), w.from
	for k := 1; k < len(g.stretch); k++ {
		from, to := g.along[k-1], g.along[k]
		if to < w.from || from > w.to {
			continue
		}
		_, t := geo.SegmentDistance(a.at, g.stretch[k-1], g.stretch[k])
		t = min(max(t, (w.from-from)/(to-from)), (w.to-from)/(to-from))
		v := a.at.Sub(between(g.stretch[k-1], g.stretch[k], t))
		if d := v.Dot(v); d < least {
			least, along = d, from+t*(to-from)
		}
	}
	return along
}

func between(a, b geo.Vector, t float64) geo.Vector {
	return geo.Vector{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y), Z: a.Z + t*(b.Z-a.Z)}
}

// pass returns when a gate was passed by who is at the course, beside the gate,
// with a fix: so many metres from it. out is the step from fix to fix towards the gate
// and beyond it.
func (r *reading) pass(g *gate, at int32, meters float64) crossing {
	rules := &r.course.rules.Gates
	out := int(g.outwards)
	first, inside := int(at), meters // where the stretch that is looked at begins
	until := max(rules.WindowMeters, meters+rules.WindowMeters/2)
	for i := first - out; i >= 0 && i < len(r.run) && inside < until; i -= out {
		a := &r.run[i]
		if ran := math.Abs(a.travelled - r.run[at].travelled); ran > 2*g.near {
			break
		}
		if a.noise {
			continue
		}
		inside = g.metersFrom(a, r.around(inside, first, i, 1))
		first = i
	}
	pace := r.pace(int(at), -out)
	moments := append(r.moments[:0], moment{inside, 0})
	for i, last := first+out, first; i >= 0 && i < len(r.run); i += out {
		a := &r.run[i]
		if a.noise {
			continue
		}
		inside = g.metersFrom(a, r.around(inside, last, i, -1))
		if inside < -rules.WindowMeters && moments[len(moments)-1].meters <= 0 {
			break
		}
		moments = append(moments, moment{inside, math.Abs(a.seconds - r.run[first].seconds)})
		if inside < -rules.WindowMeters || math.Abs(a.travelled-r.run[at].travelled) > 2*g.near {
			break
		}
		last = i
	}
	r.moments = moments
	after, n := rules.crossed(moments, pace)
	gap := 0.0
	if n > 1 {
		gap = moments[n-1].after - moments[n-2].after
	} else if k := first - out; k >= 0 && k < len(r.run) {
		gap = math.Abs(r.run[k].seconds - r.run[first].seconds)
	}
	missing := max(0, moments[n-1].meters) * pace * rules.AddedShare
	return crossing{
		fix: int(at), seconds: r.run[first].seconds + g.outwards*after,
		uncertainty: math.Hypot(gap/2+missing, rules.NoiseMeters*pace),
	}
}

// around returns where fix j may be, seen from a gate, when fix i is so many metres
// from it, and the runner comes nearer (-1) or goes away from it (1).
func (r *reading) around(meters float64, i, j, way int) window {
	rules := &r.course.rules.Gates
	ran, back := math.Abs(r.run[j].travelled-r.run[i].travelled)/r.rules.RunShare, rules.WindowMeters/2
	if way > 0 {
		return window{meters - back, meters + ran + back}
	}
	return window{meters - ran - back, meters + back}
}

// pace returns the seconds a metre in the nearest PaceMeters of the run from a fix on,
// forwards (1) or backwards (-1) in time. It is measured in strides of strideMeters,
// for noise makes the way between the fixes longer than the way run.
func (r *reading) pace(i, side int) float64 {
	const strideMeters = 15
	last, meters, seconds := &r.run[i], 0.0, 0.0
	for k := i + side; k >= 0 && k < len(r.run); k += side {
		a := &r.run[k]
		d := a.at.Sub(last.at).Norm()
		if a.noise || d < strideMeters {
			continue
		}
		meters, seconds, last = meters+d, seconds+math.Abs(a.seconds-last.seconds), a
		if meters >= r.course.rules.Gates.PaceMeters {
			break
		}
	}
	if meters == 0 {
		return 0
	}
	return seconds / meters
}
