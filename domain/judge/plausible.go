package judge

import "math"

// worldBest are the fastest times of any runner over a distance, in seconds, as
// of 2025: 400 m W. van Niekerk, 800 m D. Rudisha, 1,500 m H. El Guerrouj, 3,000 m
// J. Ingebrigtsen, 5,000 m and 10,000 m J. Cheptegei, half marathon J. Kiplimo,
// marathon K. Kiptum, 100 km A. Sorokin. Source: World Athletics and IAU records.
var worldBest = [...]struct{ meters, seconds float64 }{
	{400, 43.03}, {800, 100.91}, {1500, 206.00}, {3000, 437.55}, {5000, 755.36},
	{10000, 1571.00}, {21097.5, 3402}, {42195, 7235}, {100000, 21935},
}

// noiseMargin is by how much receivers make a run longer than it was.
const noiseMargin = 1.05

const (
	teleportMS      = 12 // faster than any runner
	teleportSeconds = 10
)

// plausible reports whether a person can have moved so: no stretch faster than
// the world's best over its length, no teleport. Spikes are noise, not cheating.
func plausible(run []aligned) bool {
	return !teleports(run) && !beatsTheWorld(run)
}

func teleports(run []aligned) bool {
	fast := 0.0
	last := -1
	for i := range run {
		a := &run[i]
		if a.noise {
			continue
		}
		if last >= 0 {
			if faster(&run[last], a, teleportMS) {
				if fast += a.seconds - run[last].seconds; fast > teleportSeconds {
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
// anybody ever ran as far. How far a runner came is told by the progress: the
// noise of a receiver that records every second makes the way between the fixes
// far longer than the way run.
func beatsTheWorld(run []aligned) bool {
	shortest := worldBest[0].meters
	least := fastest(run, shortest*noiseMargin)
	for _, best := range worldBest {
		// A longer stretch holds so many of the shortest, none faster than the fastest.
		if math.Floor(best.meters/shortest)*least < best.seconds && fastest(run, best.meters*noiseMargin) < best.seconds {
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
