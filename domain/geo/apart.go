package geo

import "math"

const (
	evenMeters   = 10  // between the places at which lines are compared
	mostCompared = 400 // of them, so that the longest lines take a millisecond
)

// Apart returns the Fréchet distance of two lines in metres: the shortest leash
// with which somebody on the one can walk somebody on the other, both from start
// to end and never back. It is that of even places (H. Mannila and others,
// Computing Discrete Fréchet Distance, TU Vienna CD-TR 94/64, 1994), so within
// evenMeters, or a mostCompared-th of the longer line where that is more, of the
// exact one. Distances are chords, straight through the earth.
func Apart(a, b Line) float64 {
	v, w := a.Way(), b.Way()
	every := max(evenMeters, max(v.LengthMeters(), w.LengthMeters())/(mostCompared-1))
	p, q := v.even(every), w.even(every)
	// reach[j] is the square of the shortest leash to p[i] and q[j].
	reach := make([]float64, len(q))
	for i := range p {
		diagonal := math.Inf(1) // to p[i-1] and q[j-1]
		for j := range q {
			d := p[i].Sub(q[j])
			best := min(reach[j], diagonal)
			if i == 0 {
				best = math.Inf(1)
			}
			if j > 0 {
				best = min(best, reach[j-1])
			} else if i == 0 {
				best = 0
			}
			diagonal, reach[j] = reach[j], max(best, d.Dot(d))
		}
	}
	return math.Sqrt(reach[len(q)-1])
}

// even returns places of the way, both ends among them, at most so many metres
// apart along it.
func (w Way) even(every float64) []Vector {
	n := max(1, int(math.Ceil(w.LengthMeters()/every)))
	out := make([]Vector, n+1)
	for k := range out {
		out[k] = w.Place(float64(k) / float64(n) * w.LengthMeters())
	}
	return out
}
