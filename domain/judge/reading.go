package judge

import (
	"context"
	"math"
)

// reading is the work of reading one run: fix by fix, the best ways so far to
// each place near it.
type reading struct {
	course        *Course
	rules         *ReadingRules
	length        float64 // of the course
	start, finish gate

	run      []aligned
	speed    float64 // the runner's own, in metres a second
	gapSpeed float64 // that at which they may have run in a gap

	search  *search
	nearby  nearby // the place nearest to the last fix out of reach
	here    []place
	last    int   // the last fix with places; -1 before the first
	strayed bool  // a fix off the course came after it
	ways    []way // to the places of the last fix, in order of progress
	next    []way // to those of the fix at hand
	leaps   leaps
	kept    kept

	finishes []finishing
	best     way // of all: the one that explains the most of the course
	room
}

// way is the best way to a place: a reading of the run so far.
type way struct {
	progress float64 // of the place
	reached  float64 // the farthest place of the way
	cost     float64 // metres of the course that the way leaves out, and what speaks against it
	missed   float64 // metres of the course that it leaves out
	unseen   float64 // metres that lie in silences longer than a sparse recording's
	owed     float64 // metres of progress beyond what was run
	start    float64 // the progress that it begins with
	begun    int32   // the fix that it begins with
	fix      int32
	from     int32 // how it came here: see kept
	at       int32 // what is kept of it
	late     bool  // it begins behind the start
	cut      bool  // it has a shortcut
	landed   bool  // the last one led to the finish
}

// readings finds the ways through a run.
func (c *Course) readings(ctx context.Context, fixes []Fix) (*reading, error) {
	r := c.reading(fixes)
	for i := range r.run {
		if i%askEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.fix(i)
	}
	return r, nil
}

func (c *Course) reading(fixes []Fix) *reading {
	run := c.rules.Movement.measure(fixes)
	start, finish := c.gates()
	median, fast := c.rules.Movement.ownSpeed(run)
	return &reading{
		course: c, rules: &c.rules.Reading, length: c.LengthMeters(), start: start, finish: finish,
		run: run, speed: median, gapSpeed: max(c.rules.Reading.GapPace*median, fast),
		search: newSearch(c), here: make([]place, 0, 16), last: -1,
		ways: make([]way, 0, 16), next: make([]way, 0, 16),
		leaps: newLeaps(c.LengthMeters()), kept: kept{first: make([]int32, 0, len(run))},
		best: way{at: -1, missed: 2}, // any is better
	}
}

// fix finds the places of fix i, and the best ways to them.
func (r *reading) fix(i int) {
	f := &r.run[i]
	r.kept.first = append(r.kept.first, r.kept.n)
	if f.noise {
		r.nearest(f)
		return
	}
	l := r.leg(i)
	r.here = r.search.places(r.here, f.at, r, l)
	r.here = r.matching(r.here)
	if len(r.here) == 0 {
		r.strayed = true
		r.nearest(f)
		return
	}
	f.on = true
	f.deviation = r.search.nearest // whichever was run
	nearest := r.here[0]
	for _, p := range r.here[1:] {
		if p.deviation < nearest.deviation {
			nearest = p
		}
	}
	f.progress = nearest.progress
	r.extend(i, l)
	r.last, r.strayed = i, false
}

// nearest gives a fix out of reach the nearest place of all.
func (r *reading) nearest(f *aligned) {
	r.nearby = r.course.nearest(f.at, r.nearby.piece)
	f.deviation, f.progress = r.nearby.deviation, r.nearby.progress
}

// matching leaves out the places that a fix there would be deviated from.
func (r *reading) matching(places []place) []place {
	rules := &r.course.rules
	kept := places[:0]
	section := 0
	for _, p := range places {
		if p.deviation <= rules.Straight.DeviateMeters || p.deviation <= rules.Curve.DeviateMeters && r.course.onCurve(p.progress, &section) {
			kept = append(kept, p)
		}
	}
	return kept
}

// leg is the way from the last fix with places to another.
type leg struct {
	run     float64 // metres run
	most    float64 // metres of progress that this may explain
	due     float64 // metres of progress that it is likely to be
	reach   float64 // metres that can have been run
	seconds float64
	gap     bool // a silence
}

func (r *reading) leg(i int) leg {
	if r.last < 0 {
		return leg{}
	}
	a, b := &r.run[r.last], &r.run[i]
	l := leg{run: b.travelled - a.travelled, seconds: b.seconds - a.seconds}
	l.most, l.due, l.reach = l.run/r.rules.RunShare, l.run, r.rules.SlackMeters+r.course.rules.Movement.MaxSpeedMS*l.seconds
	if !r.strayed && l.seconds >= r.rules.GapSeconds {
		l.gap = true
		l.most = max(l.most, r.gapSpeed*l.seconds)
		l.reach = r.rules.PlainStepMeters + r.gapSpeed*l.seconds
		l.due = max(l.run, min(r.speed*l.seconds, l.most))
	}
	return l
}

// extend finds the best way to each place of fix i, and keeps those that matter.
func (r *reading) extend(i int, l leg) {
	r.next = r.next[:0]
	off := r.rules.OffCost * l.run / (r.rules.OffMeters * r.rules.OffMeters)
	away := r.rules.AwayCost * r.run[i].travelled
	low := 0
	for _, p := range r.here {
		best := r.begin(p, i)
		for low < len(r.ways) && r.ways[low].progress < p.progress-l.most-r.rules.SlackMeters {
			low++
		}
		var from *way
		cost, owed := best.cost, 0.0
		for j := low; j < len(r.ways) && r.ways[j].progress <= p.progress+r.rules.BackMeters; j++ {
			if c, o, ok := r.step(&r.ways[j], p, l); ok && c < cost {
				from, cost, owed = &r.ways[j], c, o
			}
		}
		if from != nil {
			best = r.stepped(from, p, l, cost, owed)
		}
		if r.leaps.least+p.progress+r.rules.LeapCost+away < best.cost {
			if w, ok := r.leap(p, i); ok && w.cost < best.cost {
				best = w
			}
		}
		best.progress, best.fix = p.progress, int32(i)
		best.cost += off * p.deviation * p.deviation
		r.next = append(r.next, best)
	}
	r.keep(i)
}

// begin is the way that begins at a place.
func (r *reading) begin(p place, i int) way {
	w := way{reached: p.progress, cost: p.progress, missed: p.progress, start: p.progress, begun: int32(i), from: begins}
	if p.progress > r.start.zone || !r.start.passes(&r.run[i]) {
		w.late = true
		w.cost += r.rules.LateShare * r.length
	}
	return w
}

// step returns the cost of going on along the course, and the progress owed then;
// ok says whether that is possible.
func (r *reading) step(w *way, p place, l leg) (cost, owed float64, ok bool) {
	rules := r.rules
	ahead := p.progress - w.reached
	if ahead < -rules.BackMeters || r.strayed && ahead > rules.PlainStepMeters {
		return 0, 0, false
	}
	ahead = max(0, ahead)
	owed = max(0, w.owed+ahead-l.most)
	if owed > rules.SlackMeters {
		return 0, 0, false
	}
	if ahead > l.reach {
		return 0, 0, false // nobody saw it run, or nobody can have run it
	}
	if l.gap && ahead > rules.PlainStepMeters {
		if ahead > min(rules.MaxGapMeters, rules.MaxGapShare*r.length) || l.seconds > rules.SparseSeconds && l.run < rules.GapShare*ahead {
			return 0, 0, false
		}
	}
	return w.cost + rules.WanderCost*math.Abs(l.due-ahead) + max(0, ahead-l.most), owed, true
}

// stepped is a way that has gone on along the course.
func (r *reading) stepped(w *way, p place, l leg, cost, owed float64) way {
	out := *w
	out.from, out.cost, out.owed = w.at, cost, owed
	if ahead := p.progress - w.reached; l.gap && l.seconds > r.rules.SparseSeconds && ahead > r.rules.PlainStepMeters {
		out.unseen += ahead
	}
	out.reached = max(w.reached, p.progress)
	return out
}

// leap leaves out a part of the course.
func (r *reading) leap(p place, i int) (way, bool) {
	from := r.leaps.best(p.progress)
	if from != nil && from.reached > p.progress+r.rules.BackMeters { // the cells of a long course are long
		from = r.leaps.best(p.progress - r.leaps.cellMeters)
	}
	if from == nil {
		return way{}, false
	}
	hole := max(0, p.progress-from.reached)
	ran := r.run[i].travelled - r.run[from.fix].travelled
	out := *from
	out.from = leapt(from.at)
	out.missed += hole
	out.cost += hole + r.rules.LeapCost + r.rules.AwayCost*ran
	if out.owed = max(0, from.owed+hole-ran/r.rules.RunShare); out.owed > r.rules.SlackMeters {
		out.cut, out.landed, out.owed = true, p.progress >= r.finish.zone, 0
		out.cost += r.rules.CutCost * hole
	}
	out.reached = max(from.reached, p.progress)
	return out, true
}
