package run

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// Ground is how high a course lies along its line.
type Ground struct {
	Line    geo.Line
	Profile []ProfileSample
}

// NeedsGround reports whether the altitudes of chunks range so far that the
// altimeter may be broken, which only the ground of the course can tell.
func NeedsGround(chunks []Chunk) bool {
	low, high := math.Inf(1), math.Inf(-1)
	for _, c := range chunks {
		for _, f := range c.Fixes() {
			if Has(f.Altitude) {
				low, high = min(low, f.Altitude), max(high, f.Altitude)
			}
		}
	}
	return high-low > CurrentMeasure().Climb.BrokenMeters
}

// climb measures the climb of a run. The altitudes of a broken altimeter give way to
// the ground's, where the run is on the course; elsewhere nobody knows them.
func (w *work) climb(fixes []Fix, line timeline) (up Climb, broken bool) {
	a := ascent{
		along: line.along, seconds: line.moving,
		altitude: func(i int) float64 {
			if line.rests(i) {
				return Absent // what was climbed in a break is not the run's
			}
			return fixes[i].Altitude
		},
		place: func(i int) geo.Point { return fixes[i].Point },
	}
	up = w.rules.Climb.climb(a)
	limit := w.ground.rangeMeters() + w.rules.Climb.BrokenMeters
	if len(w.ground.Profile) < 2 || up.rangeMeters <= limit {
		return up, false
	}
	levels := w.levels(fixes)
	a.altitude = func(i int) float64 {
		if !Has(levels[i]) || line.rests(i) {
			return Absent // not on the course, where a hill may be
		}
		return fixes[i].Altitude
	}
	if w.rules.Climb.climb(a).rangeMeters <= limit {
		return up, false
	}
	a.altitude = func(i int) float64 { return levels[i] }
	return w.rules.Climb.climb(a), true
}

// rangeMeters is how much higher the highest place of the ground is than the lowest.
func (g Ground) rangeMeters() float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range g.Profile {
		low, high = min(low, s.AltitudeMeters), max(high, s.AltitudeMeters)
	}
	return high - low
}

// levels returns the altitudes of the ground where the fixes are; Absent for those
// that are not on the course.
func (w *work) levels(fixes []Fix) []float64 {
	samples := w.ground.Profile
	way := w.ground.Line.Way()
	at := make([]geo.Vector, len(samples))
	for i, s := range samples {
		at[i] = way.Place(s.DistanceMeters)
	}
	// A chord between samples cuts corners.
	near := w.rules.Climb.BesideMeters + (samples[len(samples)-1].DistanceMeters-samples[0].DistanceMeters)/float64(len(samples)-1)/2
	levels := make([]float64, len(fixes))
	for i := range fixes {
		levels[i] = Absent
		if !w.step() {
			continue
		}
		v, least := fixes[i].Point.Vector(), near
		for k := 1; k < len(samples); k++ { // of a profile, so few
			if meters, t := geo.SegmentDistance(v, at[k-1], at[k]); meters <= least {
				a, b := samples[k-1].AltitudeMeters, samples[k].AltitudeMeters
				least, levels[i] = meters, a+t*(b-a)
			}
		}
	}
	return levels
}
