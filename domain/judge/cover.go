package judge

// maxGapMS is the speed, in metres along the course a second, at which a stretch
// without fixes may have been run; faster than that it was cut or driven. It is
// that of the world's best over 3 km.
const maxGapMS = 7

// shortcutMeters is how long an uncovered stretch must be to be called a
// shortcut, and shortcutShare how much of its length the runner must have
// travelled for it not to be one.
const (
	shortcutMeters = 100
	shortcutShare  = 0.9
)

// seamMeters is how much of the course, at its ends and between covered
// stretches, is not looked at: fixes lie apart, and gates have a width.
const seamMeters = 1

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
	if length-w.reached > seamMeters {
		w.miss(w.reached, length, "not_reached")
	}
	w.covered = min(w.covered-max(0, w.unseen-maxUnseenShare*length), length)
}

// step goes on from the farthest place covered to a fix beyond it.
func (w *walk) step(a *aligned) {
	from, trail := w.reached, w.trail
	w.reached = a.progress
	if trail == nil { // the first fix: what lies before it was not run
		if a.progress > seamMeters {
			w.miss(0, a.progress, "not_reached")
		}
		return
	}
	// The way here began at the last matching fix. When that lies behind the
	// farthest place, the runner is catching up with it: what is new is what counts.
	ahead := a.progress - trail.progress
	dt := a.seconds - trail.seconds
	ran := a.travelled - trail.travelled
	gap := dt >= gapSeconds && ahead > plainStepMeters
	switch {
	case w.strayed:
	case ahead <= plainStepMeters, !gap && ahead <= plainStepMeters+maxGapMS*dt && ran+plainStepMeters >= shortcutShare*ahead:
		w.covered += a.progress - from
		return
	case gap && ahead <= maxGapMS*dt && ahead <= maxGapMeters:
		w.covered += a.progress - from
		w.unseen += a.progress - from
		return
	}
	hole := a.progress - from
	if w.last != nil {
		ran = a.travelled - w.last.travelled
	}
	switch {
	case hole <= seamMeters:
		w.covered += hole
	case hole > shortcutMeters && ran < shortcutShare*hole:
		w.shortcut = true
		w.miss(from, a.progress, "shortcut")
	default:
		w.miss(from, a.progress, "off_course")
	}
}

// plainStepMeters is by how much a step along the course may be longer than what
// was run: the jitter of two fixes, and the inside of a bend.
const plainStepMeters = 25

// gapSeconds is how long without a fix makes a gap: the way within it is not
// known, and need not be straight.
const gapSeconds = 15

// maxGapMeters is the longest gap that is covered, and maxUnseenShare how much of
// a course may be covered by gaps: a tunnel, a phone asleep. A course that was
// hardly seen was not shown to be run.
const (
	maxGapMeters   = 600
	maxUnseenShare = 0.3
)

// miss notes a stretch that was not run, joined to the one before when they are
// one.
func (w *walk) miss(from, to float64, why string) {
	if n := len(w.missed); n > 0 && w.missed[n-1].Why == why && from-w.missed[n-1].ToMeters <= seamMeters {
		w.missed[n-1].ToMeters = centi(to)
		return
	}
	if len(w.missed) < maxListed {
		w.missed = append(w.missed, Missed{FromMeters: centi(from), ToMeters: centi(to), Why: why})
	}
}
