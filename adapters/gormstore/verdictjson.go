package gormstore

import (
	"time"

	"github.com/runvs/runvs/domain/judge"
)

// What run_records keeps of a verdict, by the same rules as its other JSON.

type missedJSON struct {
	FromMeters float64 `json:"from_meters"`
	ToMeters   float64 `json:"to_meters"`
	Why        string  `json:"why"`
}

func missedJSONOf(m judge.Missed) missedJSON { return missedJSON(m) }
func (m missedJSON) missed() judge.Missed    { return judge.Missed(m) }

// tryJSON is a judge.Effort.
type tryJSON struct {
	StartedAt       time.Time `json:"started_at"`
	FinishedAt      time.Time `json:"finished_at"`
	DurationSeconds float64   `json:"duration_seconds"`
	CoveragePercent float64   `json:"coverage_percent"`
}

func tryJSONOf(e judge.Effort) tryJSON { return tryJSON(e) }
func (e tryJSON) effort() judge.Effort { return judge.Effort(e) }

type worstJSON struct {
	Lat             float64 `json:"lat"`
	Lng             float64 `json:"lng"`
	ProgressMeters  float64 `json:"progress_meters"`
	DeviationMeters float64 `json:"deviation_meters"`
}

type verdictJSON struct {
	Status                   judge.Status   `json:"status"`
	Reasons                  []judge.Reason `json:"reasons"`
	RuleVersion              string         `json:"rule_version"`
	RouteMatchPercent        float64        `json:"route_match_percent"`
	MaxDeviationMeters       float64        `json:"max_deviation_meters"`
	JudgedPoints             int            `json:"judged_points"`
	DeviationPoints          int            `json:"deviation_points"`
	WarningPoints            int            `json:"warning_points"`
	CurveSectionCount        int            `json:"curve_section_count"`
	CoveragePercent          float64        `json:"coverage_percent"`
	Missed                   []missedJSON   `json:"missed"`
	Direction                string         `json:"direction"`
	Laps                     int            `json:"laps"`
	Efforts                  []tryJSON      `json:"efforts"`
	StartGateAt              *time.Time     `json:"start_gate_at"`
	FinishGateAt             *time.Time     `json:"finish_gate_at"`
	CourseDurationSeconds    *int           `json:"course_duration_seconds"`
	TimingUncertaintySeconds float64        `json:"timing_uncertainty_seconds"`
	Worst                    *worstJSON     `json:"worst"`
}

func verdictJSONOf(v judge.Verdict) verdictJSON {
	return verdictJSON{
		Status: v.Status, Reasons: v.Reasons, RuleVersion: v.RuleVersion, RouteMatchPercent: v.RouteMatchPercent,
		MaxDeviationMeters: v.MaxDeviationMeters, JudgedPoints: v.JudgedPoints, DeviationPoints: v.DeviationPoints,
		WarningPoints: v.WarningPoints, CurveSectionCount: v.CurveSectionCount, CoveragePercent: v.CoveragePercent,
		Missed: listOf(missedJSONOf)(v.Missed), Direction: v.Direction, Laps: v.Laps, Efforts: listOf(tryJSONOf)(v.Efforts),
		StartGateAt: v.StartGateAt, FinishGateAt: v.FinishGateAt, CourseDurationSeconds: v.CourseDurationSeconds,
		TimingUncertaintySeconds: v.TimingUncertaintySeconds, Worst: (*worstJSON)(v.Worst),
	}
}

func (v verdictJSON) verdict() judge.Verdict {
	return judge.Verdict{
		Status: v.Status, Reasons: v.Reasons, RuleVersion: v.RuleVersion, RouteMatchPercent: v.RouteMatchPercent,
		MaxDeviationMeters: v.MaxDeviationMeters, JudgedPoints: v.JudgedPoints, DeviationPoints: v.DeviationPoints,
		WarningPoints: v.WarningPoints, CurveSectionCount: v.CurveSectionCount, CoveragePercent: v.CoveragePercent,
		Missed: listOf(missedJSON.missed)(v.Missed), Direction: v.Direction, Laps: v.Laps, Efforts: listOf(tryJSON.effort)(v.Efforts),
		StartGateAt: v.StartGateAt, FinishGateAt: v.FinishGateAt, CourseDurationSeconds: v.CourseDurationSeconds,
		TimingUncertaintySeconds: v.TimingUncertaintySeconds, Worst: (*judge.Worst)(v.Worst),
	}
}
