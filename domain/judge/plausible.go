package judge

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
			if speed(&run[last], a) > teleportMS {
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

// beatsTheWorld looks at every stretch of the course that was run. The way
// between the fixes alone says too much: a receiver's noise, every second, makes
// it far longer than the way run. And the progress alone says too much where the
// course was cut.
func beatsTheWorld(run []aligned) bool {
	for _, best := range worldBest {
		far := best.meters * noiseMargin
		beyond := func(from, to *aligned) bool {
			return to.progress-from.progress >= far && to.travelled-from.travelled >= far
		}
		from := 0
		for to := range run {
			for from < to && beyond(&run[from+1], &run[to]) {
				from++
			}
			if beyond(&run[from], &run[to]) && run[to].seconds-run[from].seconds < best.seconds {
				return true
			}
		}
	}
	return false
}
