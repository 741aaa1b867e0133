package run

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestEfforts(t *testing.T) {
	even := func(n int, speed float64) (along, elapsed []float64) {
		for i := range n {
			along, elapsed = append(along, float64(i)*speed), append(elapsed, float64(i))
		}
		return along, elapsed
	}
	for name, c := range map[string]struct {
		along, elapsed []float64
		want           []Effort
	}{
		"too short for any":       {[]float64{0, 999}, []float64{0, 300}, []Effort{}},
		"exactly a kilometre":     {[]float64{0, 1000}, []float64{0, 300}, []Effort{{1000, 300}}},
		"the fast middle":         {[]float64{0, 500, 1500, 2000}, []float64{0, 200, 400, 600}, []Effort{{1000, 200}}},
		"it begins between fixes": {[]float64{0, 2000, 2500}, []float64{0, 800, 900}, []Effort{{1000, 300}}},
		"it ends between fixes":   {[]float64{0, 500, 2500}, []float64{0, 100, 900}, []Effort{{1000, 300}}},
		"a rest is not free":      {[]float64{0, 600, 600, 1200}, []float64{0, 100, 400, 500}, []Effort{{1000, 466.667}}},
	} {
		got := efforts(free(), c.along, c.elapsed)
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
	along, elapsed := even(14100, 3)
	got := efforts(free(), along, elapsed)
	if len(got) != len(EffortMeters) || got[4].DurationSeconds != 42195/3 || got[3].DurationSeconds != round(21097.5/3, 3) {
		t.Errorf("an even marathon at 3 m/s: %v", got)
	}
}

// The fastest stretch is no slower than any that brute force finds, and not
// faster than the fastest of them by more than its step allows.
func TestEffortsAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		along, elapsed := []float64{0}, []float64{0}
		for range rapid.IntRange(3, 60).Draw(t, "fixes") {
			along = append(along, along[len(along)-1]+rapid.Float64Range(0, 120).Draw(t, "metres"))
			elapsed = append(elapsed, elapsed[len(elapsed)-1]+rapid.Float64Range(1, 60).Draw(t, "seconds"))
		}
		got := efforts(free(), along, elapsed)
		if total := along[len(along)-1]; total < 1000 {
			if len(got) != 0 {
				t.Fatalf("%v of a run of %f m", got, total)
			}
			return
		}
		best := math.Inf(1)
		when := func(m float64) float64 {
			for i := 1; i < len(along); i++ {
				if along[i] >= m && along[i] > along[i-1] {
					return elapsed[i-1] + (m-along[i-1])/(along[i]-along[i-1])*(elapsed[i]-elapsed[i-1])
				}
			}
			return elapsed[len(elapsed)-1]
		}
		const step = 0.5
		for m := 0.0; m+1000 <= along[len(along)-1]; m += step {
			// A rest at the very start or end of the stretch is left out by when.
			best = min(best, when(m+1000)-when(m))
		}
		slack := 0.0
		for i := 1; i < len(along); i++ { // how much half a metre can matter, and rests at the ends
			slack = max(slack, elapsed[i]-elapsed[i-1])
		}
		if d := got[0].DurationSeconds; d > best+1e-3+slack || d < best-2*slack-1e-3 {
			t.Fatalf("%f s, brute force %f s", d, best)
		}
	})
}
