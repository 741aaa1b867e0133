package judge

import (
	"context"
	"math"
	"slices"
	"time"
)

// Judge says whether the fixes, in order of time, are a run of the course.
// known are the reasons against it that its record gives, whatever the path is: its
// clock went back, or it is a copy. It fails only when the context ends.
func (c *Course) Judge(ctx context.Context, fixes []Fix, known ...Reason) (Verdict, error) {
	v := Verdict{
		Status: NotCompleted, Reasons: []Reason{}, RuleVersion: c.rules.Version,
		CurveSectionCount: len(c.sections), Missed: []Missed{}, Efforts: []Effort{}, Direction: "mixed",
	}
	if len(fixes) < c.rules.MinJudgedPoints {
		v.Reasons = append(v.Reasons, TooFewPoints)
		return v, nil
	}
	r, err := c.readings(ctx, fixes)
	if err != nil {
		return Verdict{}, err
	}
	best, whole, err := r.judge(ctx, known)
	if err != nil {
		return Verdict{}, err
	}
	if best == nil {
		r.withoutEffort(&v, fixes, known)
		return v, nil
	}
	c.count(&v, fixes[best.from:best.to], r.run[best.from:best.to])
	v.Reasons = append(v.Reasons, best.reasons...)
	v.CoveragePercent, v.Direction = c.percent(best.coverage.covered), best.direction
	v.Missed = append(v.Missed, best.coverage.missed...)
	start, finish := instant(fixes, best.start.seconds), instant(fixes, best.finish.seconds)
	v.StartGateAt, v.FinishGateAt = &start, &finish
	seconds := int(math.Round(best.seconds()*1000) / 1000) // cut: nobody is ranked by a time they did not reach
	v.CourseDurationSeconds = &seconds
	v.TimingUncertaintySeconds = centi(math.Hypot(best.start.uncertainty, best.finish.uncertainty))
	v.Laps = r.inTurn(whole)
	if len(best.reasons) == 0 {
		v.Status = Completed
	} else {
		whole = []effort{best.effort}
	}
	for _, e := range whole[:min(len(whole), maxListed)] {
		covered := e.covered(r.length)
		if e.at == best.at {
			covered = best.coverage.covered
		}
		v.Efforts = append(v.Efforts, Effort{
			StartedAt: instant(fixes, e.start.seconds), FinishedAt: instant(fixes, e.finish.seconds),
			DurationSeconds: math.Round(e.seconds()*1000) / 1000, CoveragePercent: c.percent(covered),
		})
	}
	return v, nil
}

// withoutEffort explains a run that has no whole try at the course.
func (r *reading) withoutEffort(v *Verdict, fixes []Fix, known []Reason) {
	c := r.course
	way := r.trace(r.best.at, r.best.fix)
	r.read(way)
	w := r.cover(way)
	c.count(v, fixes, r.run)
	v.CoveragePercent, v.Direction = c.percent(w.covered), c.direction(r.run)
	v.Missed = append(v.Missed, w.missed...)
	if v.Direction == "backwards" {
		v.Reasons = append(v.Reasons, WrongDirection)
	}
	if r.best.late {
		v.Reasons = append(v.Reasons, StartNotPassed)
	}
	if !r.best.late || r.best.reached < r.finish.zone {
		v.Reasons = append(v.Reasons, FinishNotPassed)
	}
	if c.deviated(r.run) {
		v.Reasons = append(v.Reasons, OffCourse)
	}
	if w.shortcut {
		v.Reasons = append(v.Reasons, Shortcut)
	}
	if w.covered < c.rules.MinCoverage*r.length {
		v.Reasons = append(v.Reasons, CoverageTooLow)
	}
	v.Reasons = c.integrity(v.Reasons, r.run, known)
}

// integrity adds the reasons that do not ask where the runner was: what is known
// against the record, and movement that no person has.
func (c *Course) integrity(reasons []Reason, run []aligned, known []Reason) []Reason {
	if !slices.Contains(known, ImplausibleMovement) && !c.rules.Movement.plausible(run) {
		reasons = append(reasons, ImplausibleMovement)
	}
	return append(reasons, known...)
}

// matches reports whether a fix is not deviated.
func (c *Course) matches(a *aligned) bool { return a.deviation <= c.limits(a.curve).DeviateMeters }

// deviated reports whether too many fixes do not match.
func (c *Course) deviated(run []aligned) bool {
	off := 0
	for i := range run {
		if !c.matches(&run[i]) {
			off++
		}
	}
	return float64(off) > c.rules.MaxDeviatedShare*float64(len(run))
}

func (c *Course) percent(meters float64) float64 {
	return centi(100 * max(0, meters) / c.LengthMeters())
}

// count fills in what follows from the judged fixes one by one.
func (c *Course) count(v *Verdict, fixes []Fix, run []aligned) {
	v.JudgedPoints = len(run)
	worst := 0
	for i := range run {
		a := &run[i]
		limits := c.limits(a.curve)
		switch {
		case a.deviation > limits.DeviateMeters:
			v.DeviationPoints++
		case a.deviation > limits.WarnMeters:
			v.WarningPoints++
		}
		if a.deviation > run[worst].deviation {
			worst = i
		}
	}
	v.RouteMatchPercent = centi(100 * float64(v.JudgedPoints-v.DeviationPoints) / float64(v.JudgedPoints))
	v.MaxDeviationMeters = centi(run[worst].deviation)
	v.Worst = &Worst{
		Lat: fixes[worst].Point.Lat(), Lng: fixes[worst].Point.Lng(),
		ProgressMeters: centi(run[worst].progress), DeviationMeters: v.MaxDeviationMeters,
	}
}

// direction says which way most of the steps along the course went.
func (c *Course) direction(run []aligned) string {
	rules, forwards, backwards := &c.rules.Direction, 0.0, 0.0
	last := -1
	for i := range run {
		a := &run[i]
		if !a.on || a.noise {
			continue
		}
		if last >= 0 {
			if step := a.progress - run[last].progress; math.Abs(step) <= rules.MaxStrideMeters {
				forwards += max(step, 0)
				backwards += max(-step, 0)
			}
		}
		last = i
	}
	switch {
	case forwards > rules.MinRatio*backwards:
		return "forwards"
	case backwards > rules.MinRatio*forwards:
		return "backwards"
	}
	return "mixed"
}

// Explain returns what the judge found for each fix. It fails only when the
// context ends.
func (c *Course) Explain(ctx context.Context, fixes []Fix) ([]FixVerdict, error) {
	if len(fixes) == 0 {
		return []FixVerdict{}, nil
	}
	r, err := c.readings(ctx, fixes)
	if err != nil {
		return nil, err
	}
	best, _, err := r.judge(ctx, nil)
	if err != nil {
		return nil, err
	}
	if best == nil {
		r.read(r.trace(r.best.at, r.best.fix))
	}
	out := make([]FixVerdict, len(fixes))
	for i, a := range r.run {
		limits := c.limits(a.curve)
		out[i] = FixVerdict{
			Lat: fixes[i].Point.Lat(), Lng: fixes[i].Point.Lng(), Timestamp: fixes[i].Timestamp,
			DeviationMeters: centi(a.deviation), ProgressMeters: centi(a.progress),
			Section: "straight", Status: "ok",
		}
		if a.curve {
			out[i].Section = "curve"
		}
		switch {
		case a.deviation > limits.DeviateMeters:
			out[i].Status = "deviated"
		case a.deviation > limits.WarnMeters:
			out[i].Status = "warned"
		}
	}
	return out, nil
}

// instant is a time of the run, to the millisecond.
func instant(fixes []Fix, seconds float64) time.Time {
	return time.UnixMilli(fixes[0].Timestamp + int64(math.Round(seconds*1000))).UTC()
}

// centi cuts to hundredths: finer is noise, and shorter to store.
func centi(v float64) float64 { return math.Round(v*100) / 100 }
