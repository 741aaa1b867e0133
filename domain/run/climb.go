package run

import (
	"math"
	"slices"

	"github.com/runvs/runvs/domain/geo"
)

// Climb is what the altitudes along a path add up to.
type Climb struct {
	GainMeters int
	LossMeters int
	Profile    []ProfileSample // evenly spaced by distance; empty without altitudes

	along, gain, loss []float64 // up to each place with an altitude, ascending
	level             []float64 // metres on the flat that would have cost as much
	rangeMeters       float64   // from the lowest altitude to the highest
}

// flat returns how many metres on the flat cost as much as the path up to a
// distance along it. ok is false without altitudes.
func (c Climb) flat(along float64) (meters float64, ok bool) {
	if len(c.along) == 0 {
		return 0, false
	}
	return interpolate(c.along, c.level, along), true
}

// at returns the climb up to a distance along the path.
func (c Climb) at(along float64) (gain, loss float64) {
	if len(c.along) == 0 {
		return 0, 0
	}
	return interpolate(c.along, c.gain, along), interpolate(c.along, c.loss, along)
}

// ClimbAlong measures a path of places with altitudes in metres (NaN where
// unknown). Altitudes are smoothed as much as they are noisy, and a rise counts only
// when it is at least as high as the hysteresis, so that noise on a flat run gives
// about 0.
func ClimbAlong(points []geo.Point, altitudes []float64) Climb {
	return CurrentMeasure().Climb.timeless(ascent{along: distancesAlong(points), altitude: func(i int) float64 { return altitudes[i] }})
}

// timeless measures a path that nobody was timed on, as if it were walked.
func (r ClimbRules) timeless(a ascent) Climb {
	a.seconds = make([]float64, len(a.along))
	for i := range a.along {
		a.seconds[i] = a.along[i] / r.WalkingMS
	}
	return r.climb(a)
}

func distancesAlong(points []geo.Point) []float64 {
	along := make([]float64, len(points))
	for i := 1; i < len(points); i++ {
		along[i] = along[i-1] + geo.Distance(points[i-1], points[i])
	}
	return along
}

// climb measures a path. Where its places tell drift from climb, the drift is taken out.
func (r ClimbRules) climb(a ascent) Climb {
	m := r.altitudes(a)
	if len(m.level) < 2 {
		return Climb{Profile: []ProfileSample{}}
	}
	up := r.measured(m)
	if drift := r.drift(m, a.place); math.Abs(drift) >= r.DriftMeters {
		m.tilt(drift)
		// What drifted to and fro is not made even, and a hill is no drift.
		if even := r.measured(m); even.GainMeters+even.LossMeters < up.GainMeters+up.LossMeters {
			return even
		}
	}
	return up
}

// measured adds up altitudes, two at least.
func (r ClimbRules) measured(m altimetry) Climb {
	n := len(m.level)
	noise := m.noise(r.NoiseSeconds)
	smooth, width := m.smoothed(noise)
	gain, loss := hysteresis(smooth, math.Max(r.HysteresisMeters, r.NoiseFactor*noise.of(width)))
	return Climb{
		GainMeters: int(math.Round(gain[n-1])), LossMeters: int(math.Round(loss[n-1])), Profile: profile(m.along, smooth, r.MaxSamples),
		along: m.along, gain: gain, loss: loss, level: levelled(m.along, smoothAlong(m.along, smooth, r.GradeMeters)),
		rangeMeters: slices.Max(smooth) - slices.Min(smooth),
	}
}

// levelled returns, for each place along a path of smoothed altitudes, how many
// metres on the flat cost as much energy. Beyond maxGrade nothing was measured.
func levelled(d, smooth []float64) []float64 {
	const maxGrade = 0.45 // the steepest treadmill of the source
	out := make([]float64, len(d))
	for i := 1; i < len(d); i++ {
		out[i] = out[i-1]
		if leg := d[i] - d[i-1]; leg > 0 {
			grade := max(-maxGrade, min((smooth[i]-smooth[i-1])/leg, maxGrade))
			out[i] += leg * costOfRunning(grade) / costOfRunning(0)
		}
	}
	return out
}

// costOfRunning is the energy of running at a grade, in J/(kg·m) (Minetti et al.,
// J Appl Physiol 93:1039, 2002).
func costOfRunning(grade float64) float64 {
	return ((((155.4*grade-30.4)*grade-43.3)*grade+46.3)*grade+19.5)*grade + 3.6
}

// smoothAlong averages v over so many metres of distance around each place. Fixes of a standstill, at one distance, are averaged too.
func smoothAlong(d, v []float64, meters float64) []float64 {
	out := make([]float64, len(v))
	from, to, sum := 0, 0, 0.0
	for i := range v {
		for to < len(v) && d[to] <= d[i]+meters/2 {
			sum += v[to]
			to++
		}
		for d[from] < d[i]-meters/2 {
			sum -= v[from]
			from++
		}
		out[i] = sum / float64(to-from)
	}
	return out
}

// hysteresis returns, for each altitude, the rise and the fall so far, taking a
// turn by less than turn metres for none. A leg counts from turning point to
// turning point, so nothing of it is lost.
func hysteresis(alt []float64, turn float64) (gain, loss []float64) {
	gain, loss = make([]float64, len(alt)), make([]float64, len(alt))
	low, high := alt[0], alt[0] // since the last turning point
	up, down := false, false
	doneGain, doneLoss := 0.0, 0.0
	for i, a := range alt {
		switch {
		case up && a < high-turn:
			doneGain += high - low
			up, down, low = false, true, a
		case down && a > low+turn:
			doneLoss += high - low
			up, down, high = true, false, a
		case up:
			high = math.Max(high, a)
		case down:
			low = math.Min(low, a)
		default:
			low, high = math.Min(low, a), math.Max(high, a)
			up, down = a > low+turn, a < high-turn
			if up {
				high = a
			} else if down {
				low = a
			}
		}
		gain[i], loss[i] = doneGain, doneLoss
		if up {
			gain[i] += high - low
		} else if down {
			loss[i] += high - low
		}
	}
	return gain, loss
}

// profile samples altitudes evenly along the distance, so many at most.
func profile(d, alt []float64, most int) []ProfileSample {
	n := min(most, len(d))
	length := d[len(d)-1] - d[0]
	out := make([]ProfileSample, 0, n)
	for k := 0; k < n; k++ {
		at := d[0] + length*float64(k)/float64(n-1)
		out = append(out, ProfileSample{DistanceMeters: round(at, 1), AltitudeMeters: round(interpolate(d, alt, at), 1)})
	}
	return out
}

// interpolate returns v at x, between the neighbours in ascending xs; beyond
// the ends, the end's value.
func interpolate(xs, v []float64, x float64) float64 {
	i, _ := slices.BinarySearch(xs, x)
	switch {
	case i == 0:
		return v[0]
	case i == len(xs):
		return v[len(v)-1]
	case xs[i] == xs[i-1]:
		return v[i]
	}
	t := (x - xs[i-1]) / (xs[i] - xs[i-1])
	return v[i-1] + t*(v[i]-v[i-1])
}

func round(v float64, decimals int) float64 {
	k := math.Pow10(decimals)
	return math.Round(v*k) / k
}
