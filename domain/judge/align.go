package judge

import (
	"context"
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// The alignment gives each fix its progress: the place of the course at which
// the runner was, told from others that are as near. A course comes near itself
// at hairpins, on the way back, at the crossing of a figure of eight, and in
// every lap; what tells the places apart is the order in which they were run.
//
// It is the most likely path through the places near each fix (A. Viterbi, 1967;
// on a road network: P. Newson and J. Krumm, Hidden Markov Map Matching Through
// Noise and Sparseness, 2009). A place costs the more the farther the fix is from
// it; a step costs what it differs from the distance run. A leap along the
// course costs jumpCost at most, so that leaving the course, cutting it, and
// coming round again are possible, and dear. Costs are negative logarithms of
// probabilities.
const (
	// reachMeters is how far from a fix a place of the course may be: farther than
	// any fix that matches.
	reachMeters = 75
	// noiseMeters is how far a fix may well be from where the runner was.
	noiseMeters = 20
	// slackMeters is by how much a step along the course may well differ from the
	// distance run.
	slackMeters = 15
	// independentMeters is how far apart two fixes are whose errors have little to
	// do with each other. Nearer ones count for less: how often a phone records must
	// not decide where it was.
	independentMeters = 40
	// backwardsShare is how much of a step's length counts as a difference when it
	// leads backwards: where both directions fit, forwards is meant.
	backwardsShare = 1.0
	// detourShare is the same for steps that are longer than the straight way and
	// no longer than what may have been run.
	detourShare = 0.1
	// jumpCost is that of a leap: as much as a step that is 180 m off.
	jumpCost = 12.0
	// restartCost is that of beginning the course again where it ends: another lap.
	// It is far cheaper than a leap, so that laps begin where the course does, and
	// not somewhere on the way.
	restartCost = 3.0
	// elsewhereCost is that of a run that begins on the way: most begin at the start.
	elsewhereCost = 2.0
)

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
	measureTravel(run)
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

// cost prices a place by how far the fix is from it.
func (p place) cost() float64 {
	d := p.deviation / noiseMeters
	return d * d / 2
}

// leg is the way from one fix to the next that is near the course.
type leg struct {
	straight float64 // metres from one to the other
	run      float64 // metres that may have been run between them
}

// freeRunMS is a speed, in metres a second, at which ground may have been covered
// while there were no fixes, and unseenSeconds how long that takes to matter.
const (
	freeRunMS     = 5
	unseenSeconds = 3
)

// legBetween measures the way between two fixes; next says that none lies between.
func legBetween(a, b *aligned, next bool) leg {
	l := leg{run: b.travelled - a.travelled}
	if l.straight = l.run; !next || a.noise || b.noise {
		l.straight = b.at.Sub(a.at).Norm()
	}
	if dt := b.seconds - a.seconds; dt >= unseenSeconds {
		l.run = max(l.run, dt*freeRunMS)
	}
	l.run = max(l.run, l.straight)
	return l
}

// cost prices a step along the course.
func (l leg) cost(step float64) float64 {
	length := math.Abs(step)
	off := l.straight - length
	if off < 0 {
		off = detourShare*(min(length, l.run)-l.straight) + max(0, length-l.run)
	}
	if step < 0 {
		off += backwardsShare * length
	}
	return off / slackMeters
}

// farthest is the longest step that costs less than a leap.
func (l leg) farthest() float64 { return l.run + slackMeters*jumpCost }

// measureTravel adds up the distance run, leaving spikes out: single fixes that
// nobody can have reached and left again.
func measureTravel(fixes []aligned) {
	last := &fixes[0] // the last fix that is no spike
	for i := 1; i < len(fixes); i++ {
		a := &fixes[i]
		step := a.at.Sub(last.at).Norm()
		if i+1 < len(fixes) && spike(last, a, &fixes[i+1], step) {
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
func spike(a, b, c *aligned, step float64) bool {
	if dt := b.seconds - a.seconds; dt > 0 && step <= spikeMS*dt {
		return false // as nearly all are
	}
	return faster(a, b, spikeMS) && faster(b, c, spikeMS) && !faster(a, c, spikeMS)
}

// spikeMS is the speed, in metres a second, that no runner has.
const spikeMS = 12

// faster reports whether the straight way from a to b takes more than a speed in
// metres a second. Within no time at all nobody comes a metre far.
func faster(a, b *aligned, ms float64) bool {
	d := b.at.Sub(a.at)
	reach := 1.0
	if dt := b.seconds - a.seconds; dt > 0 {
		reach = ms * dt
	}
	return d.Dot(d) > reach*reach
}
