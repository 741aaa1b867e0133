package judge

// walk follows the aligned fixes of one attempt forwards along the course. What
// lies behind the farthest place reached is not covered again: order counts.
type walk struct {
	course   *Course
	covered  float64  // metres, in order and forwards
	unseen   float64  // metres of them that lie in gaps
	missed   []Missed // the first maxListed
	shortcut bool

	reached float64  // the farthest place covered
	last    *aligned // the fix at it; nil before the first
	trail   *aligned // the last matching fix, wherever it was
	strayed bool     // a fix off the course came after trail
}

// follow goes on to further fixes.
func (w *walk) follow(run []aligned) {
	for i := range run {
		a := &run[i]
		if a.noise {
			continue
		}
		if !a.on || !w.course.matches(a) {
			w.strayed = true
			continue
		}
		if a.progress > w.reached {
			w.step(a)
			w.last = a
		}
		w.trail, w.strayed = a, false
	}
}

// end notes what was not reached, and allows for what was not seen.
func (w *walk) end() {
	length := w.course.LengthMeters()
	if length-w.reached > w.course.rules.Coverage.SeamMeters {
		w.miss(w.reached, length, "not_reached")
	}
	w.covered = min(w.covered-max(0, w.unseen-w.course.rules.Coverage.MaxUnseenShare*length), length)
}

// step goes on from the farthest place covered to a fix beyond it.
func (w *walk) step(a *aligned) {
	rules, from, trail := &w.course.rules.Coverage, w.reached, w.trail
	w.reached = a.progress
	if trail == nil { // the first fix: what lies before it was not run
		if a.progress > rules.SeamMeters {
			w.miss(0, a.progress, "not_reached")
		}
		return
	}
	// The way here began at the last matching fix. When that lies behind the
	// farthest place, the runner is catching up with it: what is new is what counts.
	ahead := a.progress - trail.progress
	dt := a.seconds - trail.seconds
	ran := a.travelled - trail.travelled
	gap := dt >= rules.GapSeconds && ahead > rules.PlainStepMeters
	switch {
	case w.strayed:
	case ahead <= rules.PlainStepMeters, !gap && ahead <= rules.PlainStepMeters+rules.MaxGapMS*dt && ran+rules.PlainStepMeters >= rules.ShortcutShare*ahead:
		w.covered += a.progress - from
		return
	case gap && ahead <= rules.MaxGapMS*dt && ahead <= rules.MaxGapMeters:
		w.covered += a.progress - from
		w.unseen += a.progress - from
		return
	}
	hole := a.progress - from
	if w.last != nil {
		ran = a.travelled - w.last.travelled
	}
	switch {
	case hole <= rules.SeamMeters:
		w.covered += hole
	case hole > rules.ShortcutMeters && ran < rules.ShortcutShare*hole:
		w.shortcut = true
		w.miss(from, a.progress, "shortcut")
	default:
		w.miss(from, a.progress, "off_course")
	}
}

// miss notes a stretch that was not run, joined to the one before when they are
// one.
func (w *walk) miss(from, to float64, why string) {
	if n := len(w.missed); n > 0 && w.missed[n-1].Why == why && from-w.missed[n-1].ToMeters <= w.course.rules.Coverage.SeamMeters {
		w.missed[n-1].ToMeters = centi(to)
		return
	}
	if len(w.missed) < maxListed {
		w.missed = append(w.missed, Missed{FromMeters: centi(from), ToMeters: centi(to), Why: why})
	}
}
