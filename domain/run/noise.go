package run

import "math"

// noise is what altitudes are wrong by where nothing else is known.
type noise struct {
	meters float64 // the standard deviation of a single altitude
	alike  float64 // how many altitudes in a row are wrong by about the same
}

// of returns the standard deviation of the mean of so many neighbouring altitudes.
func (n noise) of(width int) float64 {
	return n.meters * math.Sqrt(min(1, n.alike/float64(width)))
}

// noise compares altitudes so many seconds apart, by when an altimeter has forgotten
// what it was wrong by. How much less neighbours differ says how alike they are.
func (m altimetry) noise(apart float64) noise {
	n := len(m.level)
	stride := max(1, int(apart*float64(n-1)/max(1, m.seconds[n-1]-m.seconds[0])))
	out := noise{noiseOf(m.level, stride), 1}
	if stride > 1 && out.meters > 0 {
		r := correlation(noiseOf(m.level, 1) / out.meters)
		out.alike = min(float64(stride), (1+r)/(1-r)) // of noise that fades by r from one to the next
	}
	return out
}

// fourth are the weights of a fourth difference: slopes and hills vanish in it, and
// noise does not. squares is the sum of their squares.
var fourth = [...]float64{1, -4, 6, -4, 1}

const squares = 1 + 16 + 36 + 16 + 1

// noiseOf estimates the standard deviation of noise by the mean size of the fourth
// differences of altitudes a stride apart.
func noiseOf(level []float64, stride int) float64 {
	n := len(level) - 4*stride
	if n <= 0 {
		return 0
	}
	size := 0.0
	for i := range n {
		sum := 0.0
		for k, weight := range fourth {
			sum += weight * level[i+k*stride]
		}
		size += math.Abs(sum)
	}
	const normal = 1.2533 // of a normal distribution's deviation to its mean size
	return normal * size / float64(n) / math.Sqrt(squares)
}

// correlation returns by how much noise fades from one altitude to the next, in
// [0, 1), when neighbours differ by such a share of what distant ones do.
func correlation(share float64) float64 {
	low, high := 0.0, 1.0
	for range 20 { // halved to a millionth
		r := (low + high) / 2
		// The variance of a fourth difference of noise that fades by r.
		if (squares-112*r+56*r*r-16*r*r*r+2*r*r*r*r)/squares > share*share {
			low = r
		} else {
			high = r
		}
	}
	return low
}

// smoothed averages so many altitudes around each as leaves least wrong with them
// (Mallows, Technometrics 15:661, 1973): averaging takes noise away, and hills too.
// So a barometer's altitudes stay as they are, and a satellite's become smooth.
func (m altimetry) smoothed(n noise) (smooth []float64, width int) {
	size := len(m.level)
	sums := make([]float64, size+1)
	for i, v := range m.level {
		sums[i+1] = sums[i] + v
	}
	mean := func(i, width int) float64 {
		from, to := max(0, i-width/2), min(size, i+width/2+1)
		return (sums[to] - sums[from]) / float64(to-from)
	}
	width = 1
	variance := n.meters * n.meters
	least := variance
	for w := 3; w <= size/2 && variance > 0; w = 2*w + 1 {
		residual := 0.0
		for i, v := range m.level {
			d := v - mean(i, w)
			residual += d * d
		}
		if wrong := residual/float64(size) + 2*variance*min(1, n.alike/float64(w)) - variance; wrong < least {
			least, width = wrong, w
		}
	}
	smooth = make([]float64, size)
	for i := range smooth {
		smooth[i] = mean(i, width)
	}
	return smooth, width
}
