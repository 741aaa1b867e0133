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
// But only progress that was run counts, never a leap of the reading.
func (r *MovementRules) beatsTheWorld(run []aligned) bool {
	shortest := r.WorldBest[0].Meters
	marks := r.marks(run)
	least := fastest(marks, shortest*r.NoiseMargin)
	for _, best := range r.WorldBest {
		// A longer stretch holds so many of the shortest, none faster than the fastest.
		if math.Floor(best.Meters/shortest)*least < best.Seconds && fastest(marks, best.Meters*r.NoiseMargin) < best.Seconds {
			return true
		}
	}
	return false
}

// mark is when a runner had come so far.
type mark struct{ meters, seconds float64 }

// marks returns how far a runner came along the course, fix by fix: the progress
// of the reading, as far as it was run.
func (r *MovementRules) marks(run []aligned) []mark {
	out := make([]mark, 0, len(run))
	var last *aligned
	reached, meters := 0.0, 0.0
	for i := range run {
		a := &run[i]
		if !a.read {
			continue
		}
		if last == nil {
			reached = a.progress
		} else {
			meters += min(max(0, a.progress-reached), (a.travelled-last.travelled)/r.RunShare)
			reached = max(reached, a.progress)
		}
		out, last = append(out, mark{meters, a.seconds}), a
	}
	return out
}

// fastest returns the least time in seconds between two marks so many metres
// apart; infinite when there are none.
func fastest(marks []mark, meters float64) float64 {
	least := math.Inf(1)
	from := 0
	for _, to := range marks {
		for ; from < len(marks) && to.meters-marks[from].meters >= meters; from++ {
			least = min(least, to.seconds-marks[from].seconds)
		}
	}
	return least
}
