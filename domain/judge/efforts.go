package judge

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// effort is one whole try at the course: from leaving the start to reaching the
// finish.
type effort struct {
	start, finish crossing
	finishing
}

// covered is how much of the course an effort covers, its ends with it.
func (e *effort) covered(length float64) float64 { return length - float64(e.missed-e.begins) }

func (e *effort) seconds() float64 { return e.finish.seconds - e.start.seconds }

// efforts returns the tries at the course, in order of their finish.
func (r *reading) efforts(ctx context.Context) ([]effort, error) {
	var out []effort
	for k, f := range r.finishes {
		if k%askEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e := effort{finishing: f}
		e.start = r.pass(&r.start, f.begun, float64(f.begins))
		e.finish = r.pass(&r.finish, f.fix, r.length-float64(f.reached))
		if e.seconds() > 0 {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b effort) int { return cmp.Compare(a.finish.seconds, b.finish.seconds) })
	return out, nil
}

// whole reports whether an effort explains enough of the course.
func (r *reading) whole(e *effort) bool {
	rules := &r.course.rules
	unseen := max(0, float64(e.unseen)-rules.Coverage.MaxUnseenShare*r.length)
	return !e.cut && float64(e.missed-e.begins)+unseen <= (1-rules.MinCoverage)*r.length
}

// trial is an effort with what the judge says of it.
type trial struct {
	effort
	coverage
	way       []stride
	from, to  int // the judged fixes, to not included
	direction string
	reasons   []Reason
}

// try judges one effort: the fixes between its gates.
func (r *reading) try(e effort, known []Reason) trial {
	t := trial{effort: e, way: r.trace(e.at, e.fix), from: e.start.fix, to: max(e.start.fix, e.finish.fix) + 1}
	t.coverage = r.cover(t.way)
	c := r.course
	r.read(t.way)
	judged := r.run[t.from:t.to]
	t.direction = c.direction(judged)
	if t.shortcut {
		t.reasons = append(t.reasons, Shortcut)
	}
	if c.deviated(judged) {
		t.reasons = append(t.reasons, OffCourse)
	}
	if t.coverage.covered < c.rules.MinCoverage*r.length {
		t.reasons = append(t.reasons, CoverageTooLow)
	}
	t.reasons = c.integrity(t.reasons, judged, known)
	return t
}

// read puts the progress of a way on its fixes.
func (r *reading) read(way []stride) {
	for i := range r.run {
		r.run[i].read = false
	}
	for _, s := range way {
		a := &r.run[s.fix]
		a.read, a.progress = true, s.progress
	}
	section := 0
	for i := range r.run {
		r.run[i].curve = r.course.onCurve(r.run[i].progress, &section)
	}
}

// judge finds the effort that counts, and how many whole ones there are.
func (r *reading) judge(ctx context.Context, known []Reason) (best *trial, whole []effort, err error) {
	all, err := r.efforts(ctx)
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	for _, e := range all {
		if r.whole(&e) {
			whole = append(whole, e)
		}
	}
	fastest := slices.Clone(whole)
	slices.SortStableFunc(fastest, func(a, b effort) int { return cmp.Compare(a.seconds(), b.seconds()) })
	for _, e := range fastest[:min(len(fastest), maxTrials)] {
		t := r.try(e, known)
		if len(t.reasons) == 0 {
			return &t, whole, nil
		}
		if best == nil {
			best = &t
		}
	}
	if best == nil {
		most := all[0]
		for _, e := range all {
			if e.cost-e.reached < most.cost-most.reached {
				most = e
			}
		}
		// A way that does not pass both gates may explain more.
		if covered := float64(most.reached - most.missed); r.best.covered() > covered+r.rules.SlackMeters {
			return nil, nil, nil
		}
		t := r.try(most, known)
		best = &t
	}
	r.read(best.way)
	return best, nil, nil
}

// inTurn returns how many of some efforts, in order of their finish, can be run one
// after another. The end of a course may lie beyond its start: one lap may begin as
// much before the other ends as belongs to a gate.
func (r *reading) inTurn(efforts []effort) (laps int) {
	together := r.start.zone / max(r.speed, r.course.rules.Movement.StandingMS)
	last := math.Inf(-1)
	for _, e := range efforts {
		if e.start.seconds >= last-together {
			laps, last = laps+1, e.finish.seconds
		}
	}
	return laps
}
