package run

import (
	"context"
	"math"
	"slices"
	"time"
)

// Source is what a file says of a run beside its fixes. A phone says nothing.
type Source struct {
	TimerSeconds  float64 // the device's moving time; 0 when it does not say
	SkippedPoints int     // points without a place, which were left out
	Damaged       bool    // the file is cut off or broken, and what was whole was read
	ClockUnset    bool    // the device did not know the time, or was ahead of it; the run is dated by when its file came
	Indoor        *Indoor // of a recording without any place
}

// Indoor is what a treadmill or a watch on one measured.
type Indoor struct {
	DistanceMeters float64
	ElapsedSeconds float64
	Heart          Heart
}

// NewIndoor sums up a recording without places, whose fixes have times and readings;
// distance and elapsed time are the device's, the latter 0 when it says nothing.
// Faults: run_too_short when it took no time, or the device knows of no distance.
func NewIndoor(fixes []Fix, distanceMeters, elapsedSeconds float64) (Indoor, error) {
	first, last := fixes[0], fixes[len(fixes)-1]
	elapsed := max(elapsedSeconds, first.Seconds(last))
	if !(distanceMeters > 0) || !(elapsed > 0) {
		return Indoor{}, ErrRunTooShort.Saying("the file has neither places nor a distance: nothing to make a record from")
	}
	w := work{ctx: context.Background(), rules: CurrentMeasure()}
	return Indoor{DistanceMeters: distanceMeters, ElapsedSeconds: elapsed, Heart: readBody(&w, fixes, nil).heart(&w, Body{})}, nil
}

// flags are those that follow from what the file says.
func (s Source) flags() map[string]bool {
	return map[string]bool{FlagSkippedPoints: s.SkippedPoints > 0, FlagFileDamaged: s.Damaged, FlagClockUnset: s.ClockUnset}
}

// timed returns the moving time: the device's timer where there is one, for it knows
// of pauses that left no trace. It is believed as long as it is no longer than the
// run without its declared breaks, and no shorter than what the fixes moved, for else
// they would have to be faster than they are.
func (s Source) timed(moving, resting, most, share float64) float64 {
	if s.TimerSeconds >= (moving-resting)*(1-share) && s.TimerSeconds <= most*(1+share)+1 && s.TimerSeconds > 0 {
		return min(s.TimerSeconds, most)
	}
	return moving
}

// measureIndoors makes the measures of a run without places: what the device says,
// within the bounds of a run. There is no line, so there are no splits and no climb.
// Faults: run_too_short without distance and time, run_too_long.
func (s Source) measureIndoors(startedAt time.Time, body Body, cfg FilterConfig) (Measures, error) {
	distance, elapsed := s.Indoor.DistanceMeters, s.Indoor.ElapsedSeconds
	switch {
	case !(distance >= 0) || !(elapsed > 0):
		return Measures{}, ErrRunTooShort
	case elapsed > MaxRunSeconds:
		return Measures{}, tooLong(elapsed, MaxRunSeconds, "seconds")
	case distance > MaxRunMeters:
		return Measures{}, tooLong(distance, MaxRunMeters, "meters")
	}
	w := work{rules: CurrentMeasure()}
	duration := s.timed(elapsed, elapsed, elapsed, w.rules.TimerShare)
	m := Measures{
		Indoor:              true,
		DistanceMeters:      int(math.Round(distance)),
		DurationSeconds:     int(math.Round(duration)),
		TotalElapsedSeconds: int(math.Round(elapsed)),
		AvgSpeedMS:          float32(round(ratio(distance, duration), 3)),
		MaxSpeedMS:          float32(round(ratio(distance, duration), 3)),
		Calories:            w.rules.Energy.calories(distance, duration, Climb{}, body.WeightKG),
		ElevationProfile:    []ProfileSample{},
		Splits:              []Split{},
		BestEfforts:         []Effort{},
		Heart:               s.Indoor.Heart,
		SkippedPoints:       s.SkippedPoints,
		Filter:              cfg,
		Flags:               flags(s.flags()),
		StartedAt:           startedAt,
		FinishedAt:          startedAt.Add(time.Duration(math.Round(elapsed*1000)) * time.Millisecond),
	}
	m.AvgPaceSecondsPerKM, m.BestPaceSecondsPerKM = paces(distance, duration, nil)
	m.TrackDigest = indoorDigest(m)
	return m, nil
}

// CutPauses returns the pauses between the parts of a recording that follow each
// other in time: its declared breaks. Parts without fixes are none.
func CutPauses(parts [][]Fix) []Pause {
	var pauses []Pause
	parts = slices.DeleteFunc(slices.Clone(parts), func(p []Fix) bool { return len(p) == 0 })
	for i := 1; i < len(parts); i++ {
		before, behind := parts[i-1], parts[i]
		if from, to := before[len(before)-1].Timestamp, behind[0].Timestamp; to > from {
			pauses = append(pauses, Pause{StartedAt: time.UnixMilli(from).UTC(), EndedAt: time.UnixMilli(to).UTC()})
		}
	}
	return pauses
}
