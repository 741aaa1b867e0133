package judge

import "time"

// Status says whether the course was run.
type Status string

// The statuses, as sent and stored.
const (
	Completed    Status = "completed"
	NotCompleted Status = "not_completed"
)

// Reason says why a run is not completed. The first reason is the main one.
type Reason string

// The reasons, as sent and stored.
const (
	TooFewPoints        Reason = "too_few_points"
	StartNotPassed      Reason = "start_not_passed"
	FinishNotPassed     Reason = "finish_not_passed"
	WrongDirection      Reason = "wrong_direction"
	OffCourse           Reason = "off_course"
	CoverageTooLow      Reason = "coverage_too_low"
	Shortcut            Reason = "shortcut"
	ImplausibleMovement Reason = "implausible_movement"
)

// Missed is a stretch of the course that was not run.
type Missed struct {
	FromMeters float64 `json:"from_meters"`
	ToMeters   float64 `json:"to_meters"`
	Why        string  `json:"why"` // off_course, shortcut or not_reached
}

// Effort is one whole try at the course within a run.
type Effort struct {
	StartedAt       time.Time `json:"started_at"`
	FinishedAt      time.Time `json:"finished_at"`
	DurationSeconds float64   `json:"duration_seconds"`
	CoveragePercent float64   `json:"coverage_percent"`
}

// Worst is the fix farthest from the course.
type Worst struct {
	Lat             float64 `json:"lat"`
	Lng             float64 `json:"lng"`
	ProgressMeters  float64 `json:"progress_meters"`
	DeviationMeters float64 `json:"deviation_meters"`
}

// Verdict is the judge's answer and its explanation.
type Verdict struct {
	Status                   Status     `json:"status"`
	Reasons                  []Reason   `json:"reasons"`
	RuleVersion              string     `json:"rule_version"`
	RouteMatchPercent        float64    `json:"route_match_percent"`
	MaxDeviationMeters       float64    `json:"max_deviation_meters"`
	JudgedPoints             int        `json:"judged_points"`
	DeviationPoints          int        `json:"deviation_points"`
	WarningPoints            int        `json:"warning_points"`
	CurveSectionCount        int        `json:"curve_section_count"`
	CoveragePercent          float64    `json:"coverage_percent"`
	Missed                   []Missed   `json:"missed"`    // the first maxListed, as of Efforts
	Direction                string     `json:"direction"` // forwards, backwards or mixed
	Laps                     int        `json:"laps"`
	Efforts                  []Effort   `json:"efforts"`
	StartGateAt              *time.Time `json:"start_gate_at"`
	FinishGateAt             *time.Time `json:"finish_gate_at"`
	CourseDurationSeconds    *int       `json:"course_duration_seconds"`
	TimingUncertaintySeconds float64    `json:"timing_uncertainty_seconds"`
	Worst                    *Worst     `json:"worst"`
}

// FixVerdict is what the judge found for one fix: what a map needs to draw it.
type FixVerdict struct {
	Lat             float64 `json:"lat"`
	Lng             float64 `json:"lng"`
	Timestamp       int64   `json:"timestamp"`
	DeviationMeters float64 `json:"deviation_meters"`
	ProgressMeters  float64 `json:"progress_meters"`
	Section         string  `json:"section"` // straight or curve
	Status          string  `json:"status"`  // ok, warned or deviated
}
