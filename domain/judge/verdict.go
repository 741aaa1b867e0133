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
	CopiedTrack         Reason = "copied_track" // another runner's earlier record has the same track
)

// Missed is a stretch of the course that was not run.
type Missed struct {
	FromMeters float64
	ToMeters   float64
	Why        string // off_course, shortcut or not_reached
}

// Effort is one whole try at the course within a run.
type Effort struct {
	StartedAt       time.Time
	FinishedAt      time.Time
	DurationSeconds float64
	CoveragePercent float64
}

// Worst is the fix farthest from the course.
type Worst struct {
	Lat             float64
	Lng             float64
	ProgressMeters  float64
	DeviationMeters float64
}

// Verdict is the judge's answer and its explanation.
type Verdict struct {
	Status                   Status
	Reasons                  []Reason
	RuleVersion              string
	RouteMatchPercent        float64
	MaxDeviationMeters       float64
	JudgedPoints             int
	DeviationPoints          int
	WarningPoints            int
	CurveSectionCount        int
	CoveragePercent          float64
	Missed                   []Missed // the first maxListed, as of Efforts
	Direction                string   // forwards, backwards or mixed
	Laps                     int
	Efforts                  []Effort
	StartGateAt              *time.Time
	FinishGateAt             *time.Time
	CourseDurationSeconds    *int
	TimingUncertaintySeconds float64
	Worst                    *Worst
}

// FixVerdict is what the judge found for one fix: what a map needs to draw it.
type FixVerdict struct {
	Lat             float64
	Lng             float64
	Timestamp       int64
	DeviationMeters float64
	ProgressMeters  float64
	Section         string // straight or curve
	Status          string // ok, warned or deviated
}
