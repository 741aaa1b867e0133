package run

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/user"
)

const (
	// splitMeters is what a split is: a kilometre.
	splitMeters = 1000.0
	// MinPaceDistanceMeters is the least distance that has a pace.
	MinPaceDistanceMeters = 10
)

// Measure makes everything that follows from a run's raw fixes, in the order
// sent, and the pauses the client sent. weightKG nil means user.DefaultWeightKG.
// The input is not changed. Faults: run_too_short when fewer than 2 usable fixes
// are left, run_too_long beyond the bounds of a run; else the context's error.
func Measure(ctx context.Context, raw []Fix, pauses []Pause, weightKG *float32, cfg FilterConfig) (Measures, error) {
	if err := checkFixes(raw); err != nil {
		return Measures{}, err
	}
	sent := make([]span, len(pauses))
	for i, p := range pauses {
		sent[i] = spanOf(p)
	}
	return newWork(ctx).measure(slices.Clone(raw), sent, weightKG, cfg)
}

// checkFixes refuses more fixes than a session accepts today. Sessions from before
// the bound may hold more.
func checkFixes(raw []Fix) error {
	if len(raw) > MaxSessionFixes {
		return tooLong(float64(len(raw)), MaxSessionFixes, "fixes")
	}
	return nil
}

// tooLong is the answer to a run beyond a bound.
func tooLong(value float64, limit int, unit string) error {
	return ErrRunTooLong.With("value", int64(math.Ceil(value))).With("limit", limit).With("unit", unit)
}

// measure is Measure, working in the slices that it is given.
func (w *work) measure(raw []Fix, sent []span, weightKG *float32, cfg FilterConfig) (Measures, error) {
	backwards, nowhere := stepsBack(raw) > 0, slices.ContainsFunc(raw, func(f Fix) bool { return f.Point == geo.Point{} })
	recorded := clean(w, raw, cfg)
	if len(recorded) < 2 {
		return Measures{}, cmp.Or(w.err, error(ErrRunTooShort))
	}
	whole := span{recorded[0].Timestamp, recorded[len(recorded)-1].Timestamp}
	if seconds := float64(whole.length()) / 1000; seconds > MaxRunSeconds {
		return Measures{}, cmp.Or(w.err, tooLong(seconds, MaxRunSeconds, "seconds"))
	}
	silent := gaps(w, recorded, cfg)
	fixes := dropJitter(w, recorded, cfg)
	if len(fixes) < 2 {
		return Measures{}, cmp.Or(w.err, error(ErrRunTooShort))
	}
	along, leapt := distancesRun(w, fixes, cfg)
	distance := along[len(along)-1]
	if distance > MaxRunMeters {
		return Measures{}, tooLong(distance, MaxRunMeters, "meters")
	}
	sent = merge(w, sent)
	out := notMoving(w, whole, sent, silent)
	moving := movingSeconds(w, fixes, out)
	paused := pausedRunning(w, fixes, along, sent)
	fastest, best := maxSpeed(w, fixes, along), efforts(w, along, elapsedSeconds(fixes))
	if w.err != nil {
		return Measures{}, w.err
	}
	up := w.rules.Climb.climb(along, func(i int) float64 { return fixes[i].Altitude })

	duration := moving[len(moving)-1]
	m := Measures{
		DistanceMeters:      int(math.Round(distance)),
		DurationSeconds:     int(math.Round(duration)),
		TotalElapsedSeconds: int(math.Round(float64(whole.length()) / 1000)),
		AvgSpeedMS:          float32(round(ratio(distance, duration), 3)),
		MaxSpeedMS:          float32(round(fastest, 3)),
		ElevationGainMeters: up.GainMeters,
		ElevationLossMeters: up.LossMeters,
		ElevationProfile:    up.Profile,
		Route:               route(fixes),
		Splits:              splits(along, moving, up),
		BestEfforts:         best,
		Pauses:              out,
		Filter:              cfg,
		Flags:               flags(backwards, leapt, paused, nowhere),
		StartedAt:           time.UnixMilli(whole.from).UTC(),
		FinishedAt:          time.UnixMilli(whole.to).UTC(),
		TrackDigest:         TrackDigest(fixes),
	}
	m.AvgPaceSecondsPerKM, m.BestPaceSecondsPerKM = paces(distance, duration, m.Splits)
	m.Calories = w.rules.Energy.calories(distance, duration, up, weightKG)
	return m, nil
}

// route is the line of fixes.
func route(fixes []Fix) []geo.Point {
	points := make([]geo.Point, len(fixes))
	for i, f := range fixes {
		points[i] = f.Point
	}
	return points
}

// distancesRun returns how far the runner had come at each fix, and whether the
// track leaps. A leap is faster than anybody runs and never comes back: the
// receiver found its place, or the runner took a ride. A leg beyond MaxLegMeters is
// treated the same way, because nothing is known of it. Both sides of a leap stay,
// because nobody can say which is wrong, but its length does not count.
func distancesRun(w *work, fixes []Fix, cfg FilterConfig) (along []float64, leapt bool) {
	along = make([]float64, len(fixes))
	from := geo.PlaceOf(fixes[0].Point)
	for i := 1; i < len(fixes) && w.step(); i++ {
		to := geo.PlaceOf(fixes[i].Point)
		meters, run := from.DistanceWithin(to, min(reach(fixes[i-1], fixes[i], cfg), MaxLegMeters))
		along[i], from = along[i-1], to
		if run {
			along[i] += meters
		} else {
			leapt = true
		}
	}
	return along, leapt
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
// the exact place. The rest after the last one is a split of its own. There are
// no more than MaxSplits, for a run is no longer than MaxRunMeters.
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
		gain, loss := up.at(to)
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

// maxSpeed is the highest speed over a window of SpeedWindowSeconds, or over
// the run when it is shorter.
func maxSpeed(w *work, fixes []Fix, along []float64) float64 {
	best, whole, from, window := 0.0, true, 0, w.rules.SpeedWindowSeconds
	for to := 0; to < len(fixes) && w.step(); to++ {
		// The shortest window that ends here and is long enough.
		for from+1 < to && fixes[from+1].Seconds(fixes[to]) >= window && w.step() {
			from++
		}
		if dt := fixes[from].Seconds(fixes[to]); dt >= window {
			best, whole = math.Max(best, (along[to]-along[from])/dt), false
		}
	}
	if whole {
		return ratio(along[len(along)-1], fixes[0].Seconds(fixes[len(fixes)-1]))
	}
	return best
}

// calories is the energy of a run in kilocalories. The equation gives the oxygen
// of a minute by the speed S and the grade G. Summed over a run, S·t is its
// distance and S·G·t its climb. Falling gives nothing back.
func (r EnergyRules) calories(distance, duration float64, up Climb, weightKG *float32) int {
	weight := float64(user.DefaultWeightKG)
	if weightKG != nil {
		weight = float64(*weightKG)
	}
	climbed, _ := up.at(distance)
	millilitresPerKG := r.MillilitresPerMeter*distance + r.MillilitresPerMeterUp*climbed + r.MillilitresPerMinute*duration/60
	return int(math.Round(millilitresPerKG * weight / 1000 * r.KilocaloriesPerLitre))
}

// flags notes what is odd about the run.
func flags(backwards, leapt, pausedRunning, nullIsland bool) []string {
	out := []string{}
	for _, f := range [...]struct {
		flag string
		set  bool
	}{{FlagTimestampsBackwards, backwards}, {FlagLeaps, leapt}, {FlagPausedRunning, pausedRunning}, {FlagNullIsland, nullIsland}} {
		if f.set {
			out = append(out, f.flag)
		}
	}
	return out
}
