package judge

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// gate is an end of the course: the line across it that a runner passes.
type gate struct {
	rules     *GateRules
	at        geo.Vector
	direction geo.Vector // of the course there, of length 1
	within    float64    // metres: a fix this near passes it
	from, to  float64    // progress that belongs to this end, not to a passage of the same place on the way
}

func (c *Course) gates() (start, finish gate) {
	length, rules := c.LengthMeters(), &c.rules.Gates
	span := min(rules.DirectionMeters, length)
	section := 0
	startLimits := c.limits(c.onCurve(0, &section))
	finishLimits := c.limits(c.onCurve(length, &section))
	start = gate{
		rules: rules, at: c.at[0], direction: unit(c.place(span).Sub(c.at[0])), within: startLimits.DeviateMeters,
		from: 0, to: min(rules.ZoneThresholds*startLimits.DeviateMeters, length/2),
	}
	end := c.at[len(c.at)-1]
	finish = gate{
		rules: rules, at: end, direction: unit(end.Sub(c.place(length - span))), within: finishLimits.DeviateMeters,
		from: max(length-rules.ZoneThresholds*finishLimits.DeviateMeters, length/2), to: length,
	}
	return start, finish
}

func unit(v geo.Vector) geo.Vector {
	n := v.Norm()
	if n == 0 { // a course that leads back within a few metres: any direction
		return geo.Vector{X: 1}
	}
	return geo.Vector{X: v.X / n, Y: v.Y / n, Z: v.Z / n}
}

// passing reports whether a fix is at the gate, or not farther from being so
// than slack metres.
func (g *gate) passing(a *aligned, slack float64) bool {
	return a.on && a.progress >= g.from-slack && a.progress <= g.to+slack && a.at.Sub(g.at).Norm() <= g.within+slack
}

// beyond returns how many metres a fix is past the gate's line; negative before.
func (g *gate) beyond(a *aligned) float64 { return a.at.Sub(g.at).Dot(g.direction) }

// visit is a stretch of fixes at a gate: [from, to], both included.
type visit struct{ from, to int }

// visits finds the stretches of consecutive fixes at a gate, one after another.
type visits struct {
	gate *gate
	run  []aligned
	next int // the first fix not looked at
}

// following returns the next visit. Fixes without a place between two at the gate
// do not part them.
func (s *visits) following() (v visit, ok bool) {
	for ; s.next < len(s.run); s.next++ {
		a := &s.run[s.next]
		if !a.on {
			continue
		}
		switch at := s.gate.passing(a, 0); {
		case at && ok:
			v.to = s.next
		case at:
			v, ok = visit{s.next, s.next}, true
		case ok && !s.gate.passing(a, s.gate.rules.AwayMeters):
			return v, true
		}
	}
	return v, ok
}

// crossing is when and where a gate was passed.
type crossing struct {
	fix         int     // the first fix behind a start, the last before a finish
	seconds     float64 // since the first fix, interpolated
	travelled   float64 // metres run until then
	progress    float64 // of the course: its end, or as near to it as the runner came
	uncertainty float64 // seconds: half the time between the fixes around it
}

// left returns when the start was left for the last time during a visit. A runner
// who began behind the line leaves it with the first fix.
func (g *gate) left(run []aligned, v visit) crossing {
	line := math.Inf(1)
	from, to := v.from, v.to
	if g.near(run, from-1) && g.beyond(&run[from-1]) <= 0 {
		from--
	}
	if g.near(run, to+1) {
		to++
	}
	for i := from; i <= v.to; i++ {
		line = min(line, g.beyond(&run[i]))
	}
	line = max(line, 0)
	for i := to - 1; i >= from; i-- {
		if g.beyond(&run[i]) <= line && g.beyond(&run[i+1]) > line {
			return g.between(run, i, line, line, i+1)
		}
	}
	return crossingAt(run, v.to, line)
}

// reached returns when the finish was reached for the first time during a visit.
// A runner who stopped before the line reaches it at the nearest place.
func (g *gate) reached(run []aligned, v visit, length float64) crossing {
	line := math.Inf(-1)
	from, to := v.from, v.to
	if g.near(run, from-1) {
		from--
	}
	if g.near(run, to+1) && g.beyond(&run[to+1]) >= 0 {
		to++
	}
	for i := v.from; i <= to; i++ {
		line = max(line, g.beyond(&run[i]))
	}
	line = min(line, 0)
	for i := from; i < to; i++ {
		if g.beyond(&run[i]) < line && g.beyond(&run[i+1]) >= line {
			return g.between(run, i, line, length+line, i)
		}
	}
	return crossingAt(run, v.from, length+line)
}

// near reports whether there is a fix i that may lie on the other side of the
// line from a visit: one that is not far away.
func (g *gate) near(run []aligned, i int) bool {
	return i >= 0 && i < len(run) && !run[i].noise && run[i].at.Sub(g.at).Norm() <= g.rules.NearThresholds*g.within
}

// between interpolates a crossing between two fixes.
func (g *gate) between(run []aligned, i int, line, progress float64, fix int) crossing {
	before, after := &run[i], &run[i+1]
	t := (line - g.beyond(before)) / (g.beyond(after) - g.beyond(before))
	return crossing{
		fix:       fix,
		seconds:   before.seconds + t*(after.seconds-before.seconds),
		travelled: before.travelled + t*(after.travelled-before.travelled),
		progress:  progress, uncertainty: (after.seconds - before.seconds) / 2,
	}
}

// crossingAt is a crossing at a fix, with no other on the far side.
func crossingAt(run []aligned, i int, progress float64) crossing {
	gap := 0.0
	if i > 0 {
		gap = run[i].seconds - run[i-1].seconds
	}
	if i+1 < len(run) {
		gap = max(gap, run[i+1].seconds-run[i].seconds)
	}
	return crossing{fix: i, seconds: run[i].seconds, travelled: run[i].travelled, progress: progress, uncertainty: gap / 2}
}

// attempt is a stretch of the run from the start gate to the finish gate.
type attempt struct {
	start, finish crossing
}

// attempts tells each of try, in order: from the last leaving of the start before
// it to the first reaching of the finish after it. No two share more than the
// fixes at their gates, so that looking at all of them is looking at the run once.
func (c *Course) attempts(run []aligned, try func(attempt) error) (startPassed, finishPassed bool, err error) {
	start, finish := c.gates()
	starts, finishes := visits{gate: &start, run: run}, visits{gate: &finish, run: run}
	s, startPassed := starts.following()
	f, finishPassed := finishes.following()
	for another, ended := startPassed, !finishPassed; another; {
		for !ended && f.from <= s.to {
			var ok bool
			f, ok = finishes.following()
			ended = !ok
		}
		if ended {
			break
		}
		var next visit
		next, another = starts.following()
		// Else the start was left again before the finish.
		if !another || next.from >= f.from {
			a := attempt{start.left(run, s), finish.reached(run, f, c.LengthMeters())}
			if a.finish.seconds > a.start.seconds {
				if err := try(a); err != nil {
					return startPassed, finishPassed, err
				}
			}
		}
		s = next
	}
	return startPassed, finishPassed, nil
}
