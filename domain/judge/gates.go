package judge

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// gate is an end of the course: the line across it that a runner passes.
type gate struct {
	at        geo.Vector
	direction geo.Vector // of the course there, of length 1
	near      float64    // metres: fixes this near may lie around the crossing
	within    float64    // metres: a fix this near passes it
	zone      float64    // the progress up to which the course is that near at its start, or from which on at its end
}

func (c *Course) gates() (start, finish gate) {
	length, rules := c.LengthMeters(), &c.rules.Gates
	span := min(rules.DirectionMeters, length)
	end := c.at[len(c.at)-1]
	start = gate{
		at: c.at[0], direction: unit(c.place(span).Sub(c.at[0])), near: rules.NearMeters,
		within: c.rules.Curve.DeviateMeters,
	}
	finish = gate{
		at: end, direction: unit(end.Sub(c.place(length - span))), near: rules.NearMeters,
		within: c.rules.Curve.DeviateMeters,
	}
	start.zone = c.leaves(&start, 0, 1)
	finish.zone = c.leaves(&finish, length, -1)
	return start, finish
}

// leaves returns the progress at which the course leaves the surroundings of a
// gate, from its end on, forwards (1) or backwards (-1); half its length at most.
func (c *Course) leaves(g *gate, end, way float64) float64 {
	const step = 5
	half := c.LengthMeters() / 2
	for d := 0.0; d < half; d += step {
		if v := c.place(end + way*(d+step)).Sub(g.at); v.Dot(v) > g.within*g.within {
			return end + way*d
		}
	}
	return end + way*half
}

func unit(v geo.Vector) geo.Vector {
	n := v.Norm()
	if n == 0 { // a course that leads back within a few metres: any direction
		return geo.Vector{X: 1}
	}
	return geo.Vector{X: v.X / n, Y: v.Y / n, Z: v.Z / n}
}

// beyond returns how many metres a fix is past the gate's line; negative before.
func (g *gate) beyond(a *aligned) float64 { return a.at.Sub(g.at).Dot(g.direction) }

// by reports whether a fix may lie around the crossing.
func (g *gate) by(a *aligned) bool {
	d := a.at.Sub(g.at)
	return d.Dot(d) <= g.near*g.near
}

// crossing is when a gate was passed.
type crossing struct {
	fix         int     // the first judged fix behind a start, the last before a finish
	seconds     float64 // since the first fix
	uncertainty float64 // seconds
}

// left returns when the start was left for the last time by who begins with a fix,
// at a progress.
func (r *reading) left(begun int32, progress float64) crossing {
	g := &r.start
	from := int(begun)
	for k := from - 1; k >= 0 && !r.run[k].noise; k-- { // the fix before may lie before the line
		if g.by(&r.run[k]) && g.beyond(&r.run[k]) <= 0 && g.beyond(&r.run[from]) > 0 {
			from = k
		}
		break
	}
	cross := crossing{fix: -1}
	last := from
	limit := r.run[from].travelled + 2*g.near
	for i := from + 1; i < len(r.run); i++ {
		a := &r.run[i]
		if a.noise {
			continue
		}
		before := &r.run[last]
		if b, now := g.beyond(before), g.beyond(a); b <= 0 && now > 0 && (g.by(before) || g.by(a)) {
			cross = r.between(last, i, b/(b-now))
			cross.fix = i
		}
		last = i
		if !g.by(a) || a.travelled > limit {
			break
		}
	}
	if cross.fix >= 0 {
		return cross
	}
	return r.completed(int(begun), -progress)
}

// arrived returns when the finish was reached for the first time by who ends with
// a fix, at a progress. at is what is kept of it.
func (r *reading) arrived(fix, at int32, progress float64) crossing {
	g := &r.finishGate
	from := fix
	for k := fix; at >= 0; {
		k = r.kept.fix(at, k)
		l := r.kept.at(at)
		if float64(l.progress) < r.length-g.near || !g.by(&r.run[k]) {
			from = k
			break
		}
		from = k
		at, _ = l.before()
	}
	last := int(from)
	for i := last + 1; i < len(r.run); i++ {
		a := &r.run[i]
		if a.noise {
			continue
		}
		before := &r.run[last]
		if b, now := g.beyond(before), g.beyond(a); b < 0 && now >= 0 && (g.by(before) || g.by(a)) {
			cross := r.between(last, i, b/(b-now))
			cross.fix = last
			return cross
		}
		if i > int(fix) {
			break
		}
		last = i
	}
	return r.completed(int(fix), r.length-progress)
}

// between interpolates a crossing between two fixes.
func (r *reading) between(i, j int, t float64) crossing {
	a, b := &r.run[i], &r.run[j]
	dt := b.seconds - a.seconds
	return crossing{seconds: a.seconds + t*dt, uncertainty: r.uncertainty(dt/2, r.paceAround(i, -1))}
}

// completed is the crossing of who begins or stops within the course: the metres
// that are missing, negative at the start, are added at the runner's own pace.
func (r *reading) completed(i int, metersMissing float64) crossing {
	side := 1
	if metersMissing > 0 {
		side = -1
	}
	pace := r.paceAround(i, side)
	gap := 0.0
	if k := i + side; k >= 0 && k < len(r.run) {
		gap = math.Abs(r.run[k].seconds - r.run[i].seconds)
	}
	return crossing{
		fix: i, seconds: r.run[i].seconds + metersMissing*pace,
		uncertainty: r.uncertainty(gap/2+math.Abs(metersMissing)*pace*r.course.rules.Gates.AddedShare, pace),
	}
}

// uncertainty of a crossing: that of where the runner was between fixes, and that
// of the fixes.
func (r *reading) uncertainty(seconds, pace float64) float64 {
	return math.Hypot(seconds, r.course.rules.Gates.NoiseMeters*pace)
}

// paceAround returns the seconds a metre in the nearest PaceMeters from a fix on,
// forwards or backwards in time.
func (r *reading) paceAround(i, side int) float64 {
	from := &r.run[i]
	for k := i + side; k >= 0 && k < len(r.run); k += side {
		d := math.Abs(r.run[k].travelled - from.travelled)
		if d >= r.course.rules.Gates.PaceMeters || (k == 0 || k == len(r.run)-1) && d > 0 {
			return math.Abs(r.run[k].seconds-from.seconds) / d
		}
	}
	return 0
}
