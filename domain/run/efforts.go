package run

// EffortMeters are the distances of which a run's fastest stretch is kept: 1, 5
// and 10 km, half a marathon and a marathon (World Athletics, Technical Rule 55).
var EffortMeters = [...]float64{1000, 5000, 10000, 21097.5, 42195}

// Effort is the fastest stretch of a length within a run.
type Effort struct {
	DistanceMeters  float64
	DurationSeconds float64 // elapsed: resting is not free
}

// efforts finds the fastest stretch of each length in each stretch of the run that
// has no long break.
func (t timeline) efforts(w *work, fixes []Fix, elapsed []float64) []Effort {
	out := []Effort{}
	for _, s := range t.stretches(w, fixes) {
		for k, e := range efforts(w, t.along[s[0]:s[1]], elapsed[s[0]:s[1]]) {
			switch {
			case k == len(out):
				out = append(out, e)
			case e.DurationSeconds < out[k].DurationSeconds:
				out[k] = e
			}
		}
	}
	return out
}

// efforts finds the fastest stretch of each length that the run is long enough
// for, starting and ending anywhere between fixes. Between fixes the speed is
// even, so the shortest stretch begins or ends at one: both are tried, each in
// one pass over the run.
func efforts(w *work, along, elapsed []float64) []Effort {
	out := []Effort{}
	last := len(along) - 1
	for _, meters := range EffortMeters {
		if along[last]-along[0] < meters {
			break
		}
		best := elapsed[last] - elapsed[0]
		for i, to := 0, 0; i <= last && w.step(); i++ { // from fix i on
			for to < last && along[to]-along[i] < meters && w.step() {
				to++
			}
			if along[to]-along[i] < meters {
				break
			}
			if elapsed[to-1]-elapsed[i] < best {
				best = min(best, at(along, elapsed, to, along[i]+meters)-elapsed[i])
			}
		}
		for i, from := 0, 0; i <= last && w.step(); i++ { // up to fix i
			if along[i]-along[0] < meters {
				continue
			}
			for along[from+1] <= along[i]-meters && w.step() {
				from++
			}
			if elapsed[i]-elapsed[from+1] < best {
				best = min(best, elapsed[i]-at(along, elapsed, from+1, along[i]-meters))
			}
		}
		out = append(out, Effort{DistanceMeters: meters, DurationSeconds: round(best, 3)})
	}
	return out
}

// at interpolates when a distance was reached that lies between fixes i-1 and i.
func at(along, elapsed []float64, i int, meters float64) float64 {
	if i == 0 || along[i] == along[i-1] {
		return elapsed[i]
	}
	share := (meters - along[i-1]) / (along[i] - along[i-1])
	return elapsed[i-1] + share*(elapsed[i]-elapsed[i-1])
}
