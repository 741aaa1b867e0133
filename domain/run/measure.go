package run

import (
	"cmp"
	"context"
	"maps"
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

// Recording is what a run was recorded as: what is measured.
type Recording struct {
	Fixes  []Fix   // raw, in the order sent
	Pauses []Pause // as sent, or as a file's parts leave them
	Source Source  // what a file says beside its fixes
	Body   Body    // the runner's
	Ground Ground  // of the course that was followed; none for a free run
}

// Body is what energy and heart-rate zones depend on.
type Body struct {
	WeightKG     *float32 // nil means user.DefaultWeightKG
	MaxHeartRate int      // beats a minute; 0 when it is not known
}

// Measure makes everything that follows from a recording, which is not changed.
// Faults: run_too_short when fewer than 2 usable fixes are left, run_too_long beyond
// the bounds of a run; else the context's error.
func Measure(ctx context.Context, r Recording, cfg FilterConfig) (Measures, error) {
	if err := checkFixes(r.Fixes); err != nil {
		return Measures{}, err
	}
	sent := make([]span, len(r.Pauses))
	for i, p := range r.Pauses {
		sent[i] = spanOf(p)
	}
	w := newWork(ctx)
	w.ground = r.Ground
	return w.measure(slices.Clone(r.Fixes), sent, r.Source, r.Body, cfg)
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
func (w *work) measure(raw []Fix, sent []span, source Source, body Body, cfg FilterConfig) (Measures, error) {
	return w.sum(w.read(raw, sent, cfg), source, body, cfg)
}

// sum measures a recording that was read.
func (w *work) sum(t track, source Source, body Body, cfg FilterConfig) (Measures, error) {
	recorded := t.recorded
	if len(recorded) < 2 {
		return Measures{}, cmp.Or(w.err, error(ErrRunTooShort))
	}
	whole := span{recorded[0].Timestamp, recorded[len(recorded)-1].Timestamp}
	if seconds := float64(whole.length()) / 1000; seconds > MaxRunSeconds {
		return Measures{}, cmp.Or(w.err, tooLong(seconds, MaxRunSeconds, "seconds"))
	}
	silent, leapt := gaps(w, recorded, cfg)
	between := breaks(w, whole, t.sent, silent)
	bodily := readBody(w, recorded, between)
	paused := pausedRunning(w, recorded, between, cfg)
	fixes, stood := dropJitter(w, recorded, cfg)
	if len(fixes) < 2 {
		return Measures{}, cmp.Or(w.err, error(ErrRunTooShort))
	}
	line := follow(w, fixes, between, cfg)
	distance, moving := line.along[len(fixes)-1], line.moving[len(fixes)-1]
	if distance > MaxRunMeters {
		return Measures{}, tooLong(distance, MaxRunMeters, "meters")
	}
	elapsed := elapsedSeconds(fixes)
	fastest, best := maxSpeed(w, fixes, line.along), line.efforts(w, fixes, elapsed)
	if w.err != nil {
		return Measures{}, w.err
	}
	up, broken := w.climb(fixes, line)
	duration := source.timed(moving, resting(stood, between), undeclared(whole, between), w.rules.TimerShare)
	odd := maps.Clone(t.odd)
	odd[FlagLeaps], odd[FlagPausedRunning], odd[FlagAltimeterBroken] = leapt, paused, broken
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
		Splits:              splits(line, elapsed, up, bodily),
		BestEfforts:         best,
		Pauses:              line.list(w, stood),
		Heart:               bodily.heart(w, body),
		SkippedPoints:       source.SkippedPoints,
		Filter:              cfg,
		Flags:               flags(source.flags(), odd),
		StartedAt:           time.UnixMilli(whole.from).UTC(),
		FinishedAt:          time.UnixMilli(whole.to).UTC(),
		TrackDigest:         TrackDigest(fixes),
	}
	m.AvgPaceSecondsPerKM, m.BestPaceSecondsPerKM = paces(distance, duration, m.Splits)
	m.Calories = w.rules.Energy.calories(distance, duration, up, body.WeightKG)
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
func splits(line timeline, elapsed []float64, up Climb, body bodily) []Split {
	out := []Split{}
	last := len(line.along) - 1
	total := line.along[last]
	var time0, clock0, gain0, loss0, flat0 float64
	for from := 0.0; from < total; from += splitMeters {
		to := math.Min(from+splitMeters, total)
		seconds, clock := interpolate(line.along, line.moving, to), interpolate(line.along, elapsed, to)
		if to == total { // a stop right at the end belongs to the last split
			seconds, clock = line.moving[last], elapsed[last]
		}
		gain, loss := up.at(to)
		flat, graded := up.flat(to)
		s := Split{
			Index:               len(out) + 1,
			DistanceMeters:      round(to-from, 1),
			DurationSeconds:     round(seconds-time0, 3),
			PaceSecondsPerKM:    round(ratio((seconds-time0)*1000, to-from), 1),
			ElevationGainMeters: round(gain-gain0, 1),
			ElevationLossMeters: round(loss-loss0, 1),
			AvgHeartRate:        body.heartRate.mean(clock0, clock),
			AvgCadence:          body.cadence.mean(clock0, clock),
		}
		if graded && flat > flat0 {
			pace := round((seconds-time0)*1000/(flat-flat0), 1)
			s.GradeAdjustedPaceSecondsPerKM = &pace
		}
		out = append(out, s)
		time0, clock0, gain0, loss0, flat0 = seconds, clock, gain, loss, flat
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

// flags lists what is odd about the run, in the order of the words.
func flags(oddities ...map[string]bool) []string {
	out := []string{}
	for _, odd := range oddities {
		for flag, is := range odd {
			if is {
				out = append(out, flag)
			}
		}
	}
	slices.Sort(out)
	return out
}
