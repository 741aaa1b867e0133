package run

import (
	"math"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/user"
)

// What a record's numbers are measured over.
const (
	splitMeters           = 1000.0
	maxSpeedWindowSeconds = 5.0
	// MinPaceDistanceMeters is the least distance that has a pace.
	MinPaceDistanceMeters = 10
)

// Measure makes everything that follows from a run's raw fixes, in the order
// sent, and the pauses the client sent. weightKG nil means user.DefaultWeightKG.
// Fault: run_too_short when fewer than 2 usable fixes are left.
func Measure(raw []Fix, pauses []Pause, weightKG *float32, cfg FilterConfig) (Measures, error) {
	recorded := clean(raw, cfg)
	fixes := dropJitter(recorded, cfg)
	if len(fixes) < 2 {
		return Measures{}, ErrRunTooShort
	}
	points := make([]geo.Point, len(fixes))
	altitudes := make([]float64, len(fixes))
	for i, f := range fixes {
		points[i], altitudes[i] = f.Point, f.Altitude
	}
	along, leapt := distancesRun(fixes, cfg)
	out := notMoving(recorded, fixes, pauses, cfg)
	moving := movingSeconds(fixes, out)
	up := climb(along, altitudes)

	distance, duration := along[len(along)-1], moving[len(moving)-1]
	m := Measures{
		DistanceMeters:      int(math.Round(distance)),
		DurationSeconds:     int(math.Round(duration)),
		TotalElapsedSeconds: int(math.Round(fixes[0].Seconds(fixes[len(fixes)-1]))),
		AvgSpeedMS:          float32(round(ratio(distance, duration), 3)),
		MaxSpeedMS:          float32(round(maxSpeed(fixes, along), 3)),
		ElevationGainMeters: up.GainMeters,
		ElevationLossMeters: up.LossMeters,
		ElevationProfile:    up.Profile,
		Route:               points,
		Splits:              splits(along, moving, up),
		BestEfforts:         efforts(along, elapsedSeconds(fixes)),
		Pauses:              out,
		Filter:              cfg,
		Flags:               flags(raw, leapt, pausedRunning(fixes, along, pauses)),
		StartedAt:           time.UnixMilli(fixes[0].Timestamp).UTC(),
		FinishedAt:          time.UnixMilli(fixes[len(fixes)-1].Timestamp).UTC(),
		TrackDigest:         TrackDigest(fixes),
	}
	m.AvgPaceSecondsPerKM, m.BestPaceSecondsPerKM = paces(distance, duration, m.Splits)
	m.Calories = calories(distance, duration, up, weightKG)
	return m, nil
}

// distancesRun returns how far the runner had come at each fix, and whether the
// track leaps. A leap faster than anybody runs that never comes back may be a
// receiver that found itself, or a ride: both sides of it stay, for nobody can
// say which is wrong, but its length was not run.
func distancesRun(fixes []Fix, cfg FilterConfig) (along []float64, leapt bool) {
	along = make([]float64, len(fixes))
	for i := 1; i < len(fixes); i++ {
		along[i] = along[i-1]
		if reachable(fixes[i-1], fixes[i], cfg) {
			along[i] += geo.Distance(fixes[i-1].Point, fixes[i].Point)
		} else {
			leapt = true
		}
	}
	return along, leapt
}

// pausedRunningMeters is how far somebody may come in a pause without it being
// odd: to the shop and back.
const pausedRunningMeters = 500

// pausedRunning reports whether much of the run lies in pauses that were sent.
func pausedRunning(fixes []Fix, along []float64, pauses []Pause) bool {
	meters := 0.0
	for i := 1; i < len(fixes); i++ {
		for _, p := range pauses {
			if fixes[i-1].Timestamp >= p.StartedAt.UnixMilli() && fixes[i].Timestamp <= p.EndedAt.UnixMilli() {
				meters += along[i] - along[i-1]
				break
			}
		}
	}
	return meters > pausedRunningMeters
}

// elapsedSeconds are the seconds from the first fix to each.
func elapsedSeconds(fixes []Fix) []float64 {
	out := make([]float64, len(fixes))
	for i, f := range fixes {
		out[i] = fixes[0].Seconds(f)
	}
	return out
}

// ratio is a/b, or 0 where b is 0.
func ratio(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}

// splits cuts the run at each whole kilometre, interpolating time and climb at
// the exact place. The rest after the last one is a split of its own.
func splits(along, moving []float64, up Climb) []Split {
	out := []Split{}
	total := along[len(along)-1]
	var time0, gain0, loss0 float64
	for from := 0.0; from < total; from += splitMeters {
		to := math.Min(from+splitMeters, total)
		seconds := interpolate(along, moving, to)
		if to == total { // a stop right at the end belongs to the last split
			seconds = moving[len(moving)-1]
		}
		gain, loss := interpolate(along, up.gain, to), interpolate(along, up.loss, to)
		out = append(out, Split{
			Index:               len(out) + 1,
			DistanceMeters:      round(to-from, 1),
			DurationSeconds:     round(seconds-time0, 3),
			PaceSecondsPerKM:    round(ratio((seconds-time0)*1000, to-from), 1),
			ElevationGainMeters: round(gain-gain0, 1),
			ElevationLossMeters: round(loss-loss0, 1),
		})
		time0, gain0, loss0 = seconds, gain, loss
	}
	return out
}

// paces returns the run's pace and the best of a whole kilometre, or of the
// whole run when it is shorter; nil for a run that went nowhere, or was all pause.
func paces(distance, duration float64, s []Split) (avg, best *int) {
	whole := int(math.Round(ratio(duration*1000, distance)))
	if distance < MinPaceDistanceMeters || whole == 0 {
		return nil, nil
	}
	least := 0
	for _, split := range s {
		if split.DistanceMeters < splitMeters {
			continue
		}
		if pace := int(math.Round(split.DurationSeconds)); pace > 0 && (least == 0 || pace < least) {
			least = pace
		}
	}
	if least == 0 {
		least = whole
	}
	return &whole, &least
}

// maxSpeed is the highest speed over a window of maxSpeedWindowSeconds, or over
// the run when it is shorter.
func maxSpeed(fixes []Fix, along []float64) float64 {
	best, whole, from := 0.0, true, 0
	for to := range fixes {
		// The shortest window that ends here and is long enough.
		for from+1 < to && fixes[from+1].Seconds(fixes[to]) >= maxSpeedWindowSeconds {
			from++
		}
		if dt := fixes[from].Seconds(fixes[to]); dt >= maxSpeedWindowSeconds {
			best, whole = math.Max(best, (along[to]-along[from])/dt), false
		}
	}
	if whole {
		return ratio(along[len(along)-1], fixes[0].Seconds(fixes[len(fixes)-1]))
	}
	return best
}

// calories is the energy of a run in kilocalories by the running equation of
// the American College of Sports Medicine (Guidelines for Exercise Testing and
// Prescription, 10th ed., table 6.3): VO₂ = 0.2·S + 0.9·S·G + 3.5 in ml/kg/min,
// S in m/min and G the grade, with 5 kcal a litre of oxygen. Summed over a run,
// S·t is its distance and S·G·t its climb. Falling gives nothing back.
func calories(distance, duration float64, up Climb, weightKG *float32) int {
	weight := float64(user.DefaultWeightKG)
	if weightKG != nil {
		weight = float64(*weightKG)
	}
	climbed := up.gain[len(up.gain)-1]
	millilitresPerKG := 0.2*distance + 0.9*climbed + 3.5*duration/60
	return int(math.Round(millilitresPerKG * weight / 1000 * 5))
}

// flags notes what is odd about the run.
func flags(raw []Fix, leapt, pausedRunning bool) []string {
	out := []string{}
	if stepsBack(raw) > 0 {
		out = append(out, FlagTimestampsBackwards)
	}
	if leapt {
		out = append(out, FlagLeaps)
	}
	if pausedRunning {
		out = append(out, FlagPausedRunning)
	}
	for _, f := range raw {
		if f.Point == (geo.Point{}) {
			return append(out, FlagNullIsland)
		}
	}
	return out
}
