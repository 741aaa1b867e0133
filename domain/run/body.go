package run

import (
	"math"
	"slices"
)

// HeartRateZones are the lower ends of the five zones, as shares of the highest heart
// rate (American College of Sports Medicine, Guidelines, 10th ed., ch. 6). What is
// below the first belongs to it.
var HeartRateZones = [...]float64{0.5, 0.6, 0.7, 0.8, 0.9}

// Heart is what heart rate and cadence were over a run; nil where nothing was measured.
type Heart struct {
	AvgHeartRate *int  // beats a minute
	MaxHeartRate *int  // beats a minute
	AvgCadence   *int  // steps a minute, while there were any
	ZoneSeconds  []int // in each of HeartRateZones; nil when the runner's highest is not known
}

// bodily is the readings of a run's sensors.
type bodily struct {
	heartRate, cadence readings
}

// readBody takes the readings of the fixes that are not within a break.
func readBody(w *work, recorded []Fix, between []rest) bodily {
	begin := recorded[0]
	var b bodily
	k := 0
	for i := 0; i < len(recorded) && w.step(); i++ {
		f := recorded[i]
		for k < len(between) && i > 0 && between[k].to <= recorded[i-1].Timestamp && w.step() {
			k++
		}
		seconds := 1.0
		if i > 0 {
			counts := f.Timestamp - recorded[i-1].Timestamp
			for j := k; j < len(between) && between[j].from < f.Timestamp && w.step(); j++ {
				counts -= between[j].within(recorded[i-1].Timestamp, f.Timestamp)
			}
			seconds = math.Min(float64(counts)/1000, w.rules.ReadingSeconds)
		}
		if seconds <= 0 {
			continue
		}
		b.heartRate.add(begin.Seconds(f), f.HeartRate, seconds)
		b.cadence.add(begin.Seconds(f), f.Cadence, seconds)
	}
	return b
}

// heart sums the readings up.
func (b bodily) heart(w *work, body Body) Heart {
	h := Heart{AvgHeartRate: b.heartRate.mean(0, math.Inf(1)), AvgCadence: b.cadence.mean(0, math.Inf(1))}
	if h.AvgHeartRate == nil {
		return h
	}
	top := int(math.Round(b.heartRate.top))
	h.MaxHeartRate = &top
	if body.MaxHeartRate > 0 {
		h.ZoneSeconds = b.heartRate.zones(w, float64(body.MaxHeartRate))
	}
	return h
}

// readings are the values of one sensor, each with the seconds it stands for. A
// value of 0 is none.
type readings struct {
	at, sum, seconds []float64 // the time of each, and the sums up to and with it
	top              float64
}

func (r *readings) add(at, v, seconds float64) {
	if !(v > 0) {
		return
	}
	n := len(r.at)
	sum, total := v*seconds, seconds
	if n > 0 {
		sum, total = sum+r.sum[n-1], total+r.seconds[n-1]
	}
	r.at, r.sum, r.seconds, r.top = append(r.at, at), append(r.sum, sum), append(r.seconds, total), math.Max(r.top, v)
}

// mean returns the mean of the readings after from and up to to, in seconds of the
// run; those at the very start count when from is 0. It is nil when there are none.
func (r readings) mean(from, to float64) *int {
	lo, hi := 0, 0
	if from > 0 {
		lo = r.until(from)
	}
	hi = r.until(to)
	if hi <= lo {
		return nil
	}
	sum, seconds := r.sum[hi-1], r.seconds[hi-1]
	if lo > 0 {
		sum, seconds = sum-r.sum[lo-1], seconds-r.seconds[lo-1]
	}
	v := int(math.Round(sum / seconds))
	return &v
}

// until returns how many readings were made up to a time.
func (r readings) until(t float64) int {
	n, _ := slices.BinarySearchFunc(r.at, t, func(at, t float64) int {
		if at <= t {
			return -1
		}
		return 1
	})
	return n
}

// zones returns the seconds in each of HeartRateZones.
func (r readings) zones(w *work, highest float64) []int {
	var seconds [len(HeartRateZones)]float64
	before, beforeSum := 0.0, 0.0
	for i := 0; i < len(r.at) && w.step(); i++ {
		dt := r.seconds[i] - before
		share := (r.sum[i] - beforeSum) / dt / highest
		zone := 0
		for zone+1 < len(HeartRateZones) && share >= HeartRateZones[zone+1] {
			zone++
		}
		seconds[zone] += dt
		before, beforeSum = r.seconds[i], r.sum[i]
	}
	out := make([]int, len(seconds))
	for i, s := range seconds {
		out[i] = int(math.Round(s))
	}
	return out
}
