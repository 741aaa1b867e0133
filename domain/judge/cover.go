package judge

// stride is a fix of a reading.
type stride struct {
	fix      int32
	progress float64
	leap     bool // a part of the course may be left out before it
}

// trace returns the strides of the way that ends with what is kept at an index, of
// fix i at most.
func (r *reading) trace(at, i int32) []stride {
	var out []stride
	for at >= 0 {
		i = r.kept.fix(at, i)
		l := r.kept.at(at)
		var leap bool
		at, leap = l.before()
		out = append(out, stride{i, float64(l.progress), leap})
	}
	for a, b := 0, len(out)-1; a < b; a, b = a+1, b-1 {
		out[a], out[b] = out[b], out[a]
	}
	return out
}

// coverage is which parts of the course a reading covers.
type coverage struct {
	covered  float64  // metres, in order and forwards
	missed   []Missed // the first maxListed
	shortcut bool
}

// cover goes along a reading.
func (r *reading) cover(way []stride) coverage {
	c := coverage{}
	rules := &r.course.rules.Coverage
	if len(way) == 0 {
		c.miss(0, r.length, "not_reached")
		return c
	}
	reached, unseen, owed := way[0].progress, 0.0, 0.0
	if reached > r.start.zone {
		c.miss(0, reached, "not_reached")
	} else { // what is missing at an end is added
		c.covered += reached
	}
	for k := 1; k < len(way); k++ {
		before, s := &r.run[way[k-1].fix], way[k]
		now := &r.run[s.fix]
		ahead := max(0, s.progress-reached)
		ran, seconds := now.travelled-before.travelled, now.seconds-before.seconds
		most := ran / r.rules.RunShare
		switch {
		case !s.leap && seconds >= r.rules.GapSeconds:
			most = max(most, r.gapSpeed*seconds)
			if seconds > r.rules.SparseSeconds && ahead > r.rules.PlainStepMeters {
				unseen += ahead
			}
			c.covered += ahead
		case !s.leap || ahead <= rules.SeamMeters:
			c.covered += ahead
		case r.cut(way, k):
			c.shortcut = true
			c.miss(reached, s.progress, "shortcut")
			owed, most = 0, ahead
		default:
			c.miss(reached, s.progress, "off_course")
		}
		if owed = max(0, owed+ahead-most); owed > r.rules.SlackMeters {
			c.shortcut = true
		}
		reached = max(reached, s.progress)
	}
	if reached < r.finish.zone {
		c.miss(reached, r.length, "not_reached")
	} else {
		c.covered += r.length - reached
	}
	c.covered = min(r.length, c.covered-max(0, unseen-rules.MaxUnseenShare*r.length))
	return c
}

// cut reports whether a runner cut what they left out before stride k: they
// travelled less than their share of it.
// Who leaves the course early and comes back to it late travelled on the course
// what is missing beside it, so the stretches of ShortcutMeters before and behind
// count in the runner's favour.
func (r *reading) cut(way []stride, k int) bool {
	rules := &r.course.rules.Coverage
	a, b := k-1, k // what is left out lies between, with the jumps beside it
	for a > 0 && r.jump(way, a) {
		a--
	}
	for b+1 < len(way) && r.jump(way, b+1) {
		b++
	}
	hole := way[b].progress - way[a].progress
	if hole <= rules.ShortcutMeters {
		return false
	}
	travelled := func(s stride) float64 { return r.run[s.fix].travelled }
	spare := func(s stride) float64 { return travelled(s) - rules.ShortcutShare*s.progress }
	least, most := spare(way[a]), spare(way[b])
	for j := a; j > 0 && !way[j].leap && way[a].progress-way[j-1].progress <= rules.ShortcutMeters; j-- {
		least = min(least, spare(way[j-1]))
	}
	for j := b + 1; j < len(way) && !way[j].leap && way[j].progress-way[b].progress <= rules.ShortcutMeters; j++ {
		most = max(most, spare(way[j]))
	}
	return most < least
}

// jump reports whether a stride leads much farther than the runner went.
func (r *reading) jump(way []stride, k int) bool {
	a, b := &r.run[way[k-1].fix], &r.run[way[k].fix]
	return !way[k].leap && b.seconds-a.seconds < r.rules.GapSeconds &&
		way[k].progress-way[k-1].progress > (b.travelled-a.travelled)/r.rules.RunShare+r.rules.PlainStepMeters
}

// miss notes a stretch that was not run, joined to the one before when they are
// one.
func (c *coverage) miss(from, to float64, why string) {
	if n := len(c.missed); n > 0 && c.missed[n-1].Why == why && from-c.missed[n-1].ToMeters <= 1 {
		c.missed[n-1].ToMeters = centi(to)
		return
	}
	if len(c.missed) < maxListed {
		c.missed = append(c.missed, Missed{FromMeters: centi(from), ToMeters: centi(to), Why: why})
	}
}
