package httpapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/runvs/runvs/domain/judge"
)

// Verdict is the judge's answer and its explanation.
type Verdict struct {
	Status                   string   `json:"status"`
	Reasons                  []string `json:"reasons" nullable:"false" enum:"too_few_points,start_not_passed,finish_not_passed,wrong_direction,off_course,coverage_too_low,shortcut,implausible_movement,copied_track" doc:"The first is the main one; empty when completed"`
	RuleVersion              string   `json:"rule_version"`
	RouteMatchPercent        float64  `json:"route_match_percent"`
	MaxDeviationMeters       float64  `json:"max_deviation_meters"`
	JudgedPoints             int      `json:"judged_points"`
	DeviationPoints          int      `json:"deviation_points"`
	WarningPoints            int      `json:"warning_points"`
	CurveSectionCount        int      `json:"curve_section_count"`
	CoveragePercent          float64  `json:"coverage_percent"`
	Missed                   []Missed `json:"missed"`
	Direction                string   `json:"direction"`
	Laps                     int      `json:"laps"`
	Efforts                  []Effort `json:"efforts" nullable:"false"`
	StartGateAt              *Time    `json:"start_gate_at"`
	FinishGateAt             *Time    `json:"finish_gate_at"`
	CourseDurationSeconds    *int     `json:"course_duration_seconds"`
	TimingUncertaintySeconds float64  `json:"timing_uncertainty_seconds"`
	Worst                    *Worst   `json:"worst"`
}

// Missed is a stretch of the course that was not run.
type Missed struct {
	FromMeters float64 `json:"from_meters"`
	ToMeters   float64 `json:"to_meters"`
	Why        string  `json:"why"`
}

// Effort is one whole try at the course within a run.
type Effort struct {
	StartedAt       Time    `json:"started_at"`
	FinishedAt      Time    `json:"finished_at"`
	DurationSeconds float64 `json:"duration_seconds"`
	CoveragePercent float64 `json:"coverage_percent"`
}

// Worst is the fix farthest from the course.
type Worst struct {
	Lat             float64 `json:"lat"`
	Lng             float64 `json:"lng"`
	ProgressMeters  float64 `json:"progress_meters"`
	DeviationMeters float64 `json:"deviation_meters"`
}

// VerdictOf writes a verdict as every answer has it. Lists are never null, though
// those of older rows may be.
func VerdictOf(v judge.Verdict) Verdict {
	return Verdict{
		Status: string(v.Status), Reasons: reasonsOf(v.Reasons), RuleVersion: v.RuleVersion,
		RouteMatchPercent: v.RouteMatchPercent, MaxDeviationMeters: v.MaxDeviationMeters, JudgedPoints: v.JudgedPoints,
		DeviationPoints: v.DeviationPoints, WarningPoints: v.WarningPoints, CurveSectionCount: v.CurveSectionCount,
		CoveragePercent: v.CoveragePercent, Missed: each(v.Missed, func(m judge.Missed) Missed { return Missed(m) }),
		Direction: v.Direction, Laps: v.Laps, Efforts: each(v.Efforts, effortOf),
		StartGateAt: optionalTime(v.StartGateAt), FinishGateAt: optionalTime(v.FinishGateAt),
		CourseDurationSeconds: v.CourseDurationSeconds, TimingUncertaintySeconds: v.TimingUncertaintySeconds, Worst: (*Worst)(v.Worst),
	}
}

func optionalVerdict(v *judge.Verdict) *Verdict {
	if v == nil {
		return nil
	}
	out := VerdictOf(*v)
	return &out
}

func effortOf(e judge.Effort) Effort {
	return Effort{
		StartedAt: Time{e.StartedAt}, FinishedAt: Time{e.FinishedAt}, DurationSeconds: e.DurationSeconds, CoveragePercent: e.CoveragePercent,
	}
}

// VerdictAnswer is the judge's whole explanation.
type VerdictAnswer struct {
	Verdict
	Fixes []FixVerdict `json:"fixes" nullable:"false" doc:"What a map needs to draw the verdict, fix by fix"`
}

// FixVerdict is what the judge found for one fix; appendFix writes it.
type FixVerdict struct {
	Lat             float64 `json:"lat"`
	Lng             float64 `json:"lng"`
	Timestamp       int64   `json:"timestamp"`
	DeviationMeters float64 `json:"deviation_meters"`
	ProgressMeters  float64 `json:"progress_meters"`
	Section         string  `json:"section"`
	Status          string  `json:"status"`
}

// fixBytes is about what one fix of a verdict takes as JSON.
const fixBytes = 180

// verdictFile writes a VerdictAnswer. A long run has 300,000 fixes: they are written
// by hand, for reflection takes three times as long and the memory of two copies.
func verdictFile(v judge.Verdict, fixes []judge.FixVerdict) (*file, error) {
	out, err := json.Marshal(VerdictAnswer{Verdict: VerdictOf(v), Fixes: []FixVerdict{}})
	if err != nil {
		return nil, err
	}
	out = bytes.TrimSuffix(out, []byte("]}")) // fixes is the last member
	out = slices.Grow(out, fixBytes*len(fixes))
	for i := range fixes {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendFix(out, &fixes[i])
	}
	return &file{ContentType: "application/json", Body: append(out, "]}"...)}, nil
}

func appendFix(out []byte, v *judge.FixVerdict) []byte {
	out = strconv.AppendFloat(append(out, `{"lat":`...), v.Lat, 'f', -1, 64)
	out = strconv.AppendFloat(append(out, `,"lng":`...), v.Lng, 'f', -1, 64)
	out = strconv.AppendInt(append(out, `,"timestamp":`...), v.Timestamp, 10)
	out = strconv.AppendFloat(append(out, `,"deviation_meters":`...), v.DeviationMeters, 'f', -1, 64)
	out = strconv.AppendFloat(append(out, `,"progress_meters":`...), v.ProgressMeters, 'f', -1, 64)
	out = strconv.AppendQuote(append(out, `,"section":`...), v.Section)
	out = strconv.AppendQuote(append(out, `,"status":`...), v.Status)
	return append(out, '}')
}

func reasonsOf(reasons []judge.Reason) []string {
	return each(reasons, func(r judge.Reason) string { return string(r) })
}
