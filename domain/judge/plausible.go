package judge

import "math"

// plausible reports whether a person can have moved so: no stretch faster than
// the world's best over its length, no teleport. Spikes are noise, not cheating.
func (r *MovementRules) plausible(run []aligned) bool {
	return !r.teleports(run) && !r.beatsTheWorld(run)
}

func (r *MovementRules) teleports(run []aligned) bool {
	fast := 0.0
	last := -1
	for i := range run {
		a := &run[i]
		if a.noise {
			continue
		}
		if last >= 0 {
			if r.tooFast(&run[last], a) {
				if fast += a.seconds - run[last].seconds; fast > r.MaxFastSeconds {
					return true
				}
			} else {
				fast = 0
			}
		}
		last = i
	}
	return false
}

// beatsTheWorld reports whether a stretch of the course was run faster than
// anybody ever ran that far. The progress says how far a runner came: with a fix
// every second, noise makes the way between the fixes far longer than the way run.
func (r *MovementRules) beatsTheWorld(run []aligned) bool {
	shortest := r.WorldBest[0].Meters
	least := fastest(run, shortest*r.NoiseMargin)
	for _, best := range r.WorldBest {
		// A longer stretch holds so many of the shortest, none faster than the fastest.
		if math.Floor(best.Meters/shortest)*least < best.Seconds && fastest(run, best.Meters*r.NoiseMargin) < best.Seconds {
			return true
		}
	}
	return false
}

// fastest returns the least time in seconds in which so many metres of the course
// were run; infinite when they never were. It passes over every fix twice at most,
// as the end of a stretch and as its beginning.
func fastest(run []aligned, meters float64) float64 {
	least := math.Inf(1)
	from, next := -1, 0 // the last beginning of a stretch so long, and what comes after it
	for to := range run {
		a := &run[to]
		if a.lost() || from >= 0 && a.progress-run[from].progress < meters {
			continue
		}
		for ; next < to; next++ {
			b := &run[next]
			if b.lost() {
				continue
			}
			if a.progress-b.progress < meters {
				break
			}
			from, least = next, min(least, a.seconds-b.seconds)
		}
	}
	return least
}

// lost reports whether a fix does not say where on the course the runner was: it
// may be near any part of it.
func (a *aligned) lost() bool { return !a.on || a.noise }
