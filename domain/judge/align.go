package judge

import (
	"context"
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// The alignment gives each fix its progress: the place of the course at which
// the runner was, among others that may be as near. A course comes near itself at
// hairpins, on the way back, at the crossing of a figure of eight, and in every
// lap. The order in which the places were run decides between them.
//
// It is the most likely path through the places near each fix (A. Viterbi, 1967;
// on a road network: P. Newson and J. Krumm, Hidden Markov Map Matching Through
// Noise and Sparseness, 2009). The farther a fix is from a place, the more the
// place costs. A step costs what it differs from the distance run. A leap along
// the course costs JumpCost at most: leaving the course, cutting it and coming
// round again are possible, and dear. AlignmentRules has the prices.

// aligned is a fix with its progress.
type aligned struct {
	place
	at        geo.Vector
	seconds   float64 // since the first fix
	travelled float64 // metres run since the first fix, spikes left out
	on        bool    // it has a place within reach; else progress is that of the nearest
	curve     bool    // its place lies on a curve section
	noise     bool    // a spike: it says nothing of the movement
}

// alignment is the work of aligning one run.
type alignment struct {
	course *Course
	run    []aligned
	chain  *chain
	search *search
	nearby nearby // the place nearest to the last fix out of reach
}

// align finds each fix's place.
func (c *Course) align(ctx context.Context, fixes []Fix) ([]aligned, error) {
	a := c.alignment(fixes)
	for i := range a.run {
		if i%askEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		a.fix(i)
	}
	a.chain.trace(a.run)
	section := 0
	for i := range a.run {
		a.run[i].curve = c.onCurve(a.run[i].progress, &section)
	}
	return a.run, nil
}

func (c *Course) alignment(fixes []Fix) *alignment {
	run := make([]aligned, len(fixes))
	var walker geo.Walker
	for i, f := range fixes {
		run[i].at = walker.Vector(f.Point)
		run[i].seconds = float64(f.Timestamp-fixes[0].Timestamp) / 1000
	}
	c.rules.Movement.measureTravel(run)
	return &alignment{course: c, run: run, chain: newChain(c, len(fixes)), search: newSearch(c)}
}

// fix finds the places of fix i, and the cheapest ways to them.
func (a *alignment) fix(i int) {
	f := &a.run[i]
	l := a.chain.leg(a.run, i)
	a.chain.here = a.search.places(a.chain.here, f.at, a.chain, l)
	if len(a.chain.here) > 0 {
		a.chain.extend(l, i)
		f.on = true
		f.deviation = a.search.nearest // whichever was run
		return
	}
	a.nearby = a.course.nearest(f.at, a.nearby.piece)
	f.deviation, f.progress = a.nearby.deviation, a.nearby.progress
}

// ofPlace prices a place by how far the fix is from it.
func (r *AlignmentRules) ofPlace(p place) float64 {
	d := p.deviation / r.NoiseMeters
	return d * d / 2
}

// leg is the way from one fix to the next that is near the course.
type leg struct {
	straight float64 // metres from one to the other
	run      float64 // metres that may have been run between them
}

// leg measures the way between two fixes; next says that none lies between.
func (r *AlignmentRules) leg(a, b *aligned, next bool) leg {
	l := leg{run: b.travelled - a.travelled}
	if l.straight = l.run; !next || a.noise || b.noise {
		l.straight = b.at.Sub(a.at).Norm()
	}
	if dt := b.seconds - a.seconds; dt >= r.UnseenSeconds {
		l.run = max(l.run, dt*r.UnseenMS)
	}
	l.run = max(l.run, l.straight)
	return l
}

// ofStep prices a step along the course within a leg.
func (r *AlignmentRules) ofStep(l leg, step float64) float64 {
	length := math.Abs(step)
	off := l.straight - length
	if off < 0 {
		off = r.DetourShare*(min(length, l.run)-l.straight) + max(0, length-l.run)
	}
	if step < 0 {
		off += r.BackwardsShare * length
	}
	return off / r.SlackMeters
}

// farthest is the longest step within a leg that costs less than a leap.
func (r *AlignmentRules) farthest(l leg) float64 { return l.run + r.SlackMeters*r.JumpCost }

// measureTravel adds up the distance run, leaving spikes out: single fixes that
// nobody can have reached and left again.
func (r *MovementRules) measureTravel(fixes []aligned) {
	last := &fixes[0] // the last fix that is no spike
	for i := 1; i < len(fixes); i++ {
		a := &fixes[i]
		step := a.at.Sub(last.at).Norm()
		if i+1 < len(fixes) && r.spike(last, a, &fixes[i+1], step) {
			a.noise = true
			a.travelled = last.travelled
			continue
		}
		a.travelled = last.travelled + step
		last = a
	}
}

// spike reports whether b is out of the way from a to c at an impossible speed,
// and c is not. step is how far b is from a, in metres.
func (r *MovementRules) spike(a, b, c *aligned, step float64) bool {
	if dt := b.seconds - a.seconds; dt > 0 && step <= r.MaxSpeedMS*dt {
		return false // as nearly all are
	}
	return r.tooFast(a, b) && r.tooFast(b, c) && !r.tooFast(a, c)
}

// tooFast reports whether nobody can run straight from a to b in the time between.
func (r *MovementRules) tooFast(a, b *aligned) bool {
	d := b.at.Sub(a.at)
	reach := r.AtOnceMeters
	if dt := b.seconds - a.seconds; dt > 0 {
		reach = r.MaxSpeedMS * dt
	}
	return d.Dot(d) > reach*reach
}
