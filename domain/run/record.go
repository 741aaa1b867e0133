package run

import (
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/strictjson"
)

// Processing says how far the durable jobs after a run have come.
type Processing string

// The states of processing, as sent and stored.
const (
	ProcessingPending Processing = "pending"
	ProcessingDone    Processing = "done"
	ProcessingFailed  Processing = "failed"
)

// Flags note what a reader of the record should know. They are stored in this
// spelling.
const (
	FlagTimesUnreliable = "timestamps_backwards" // over 1 % of the fixes step back in time or repeat it: their order is in doubt; not ranked
	FlagStepsBack       = "fixes_stepped_back"   // a few fixes whose times fit nowhere were dropped
	FlagClockChanged    = "clock_changed"        // the clock was set back or on within the run; a part was moved in time; not ranked
	FlagClockUnset      = "clock_unset"          // the device did not know the time, or was ahead of it: the run is dated by when its file came; not ranked
	FlagNullIsland      = "null_island"          // fixes at 0° N 0° E, as broken receivers say, were dropped
	FlagLeaps           = "leaps"                // the track leaps faster than anybody runs; the leap is not counted
	FlagPausedRunning   = "paused_running"       // over 500 m were run in pauses that the client sent; they do not count
	FlagCopiedTrack     = "copied_track"         // another runner's earlier record has the same track; not ranked
	FlagSplitsMismatch  = "splits_mismatch"      // the client's splits do not add up to its distance
	FlagGaps            = "gaps"                 // recovered although chunks were missing
	FlagAltimeterBroken = "altimeter_broken"     // the altitudes range over 100 m more than the course's; the climb is the course's
	FlagSkippedPoints   = "skipped_points"       // points of the file without a place were left out
	FlagFileDamaged     = "file_damaged"         // the file is cut off or broken; what was whole was read
)

// Split is one kilometre of a run, or the rest after the last whole one.
type Split struct {
	Index               int // from 1
	DistanceMeters      float64
	DurationSeconds     float64 // moving time
	PaceSecondsPerKM    float64
	ElevationGainMeters float64
	ElevationLossMeters float64
	AvgHeartRate        *int // beats a minute; nil without readings, as the next
	AvgCadence          *int // steps a minute
	// GradeAdjustedPaceSecondsPerKM is the pace on the flat that costs as much; nil
	// without altitudes (Minetti et al., J Appl Physiol 93:1039, 2002).
	GradeAdjustedPaceSecondsPerKM *float64
}

// ProfileSample is the altitude at a distance along a run or a course.
type ProfileSample struct {
	DistanceMeters float64
	AltitudeMeters float64
}

// Discrepancy is a client's claim that differs from what the server computed by
// more than DiscrepancyShare.
type Discrepancy struct {
	Claimed  float64
	Computed float64
}

// Measures is everything that is computed from a run's fixes. Whole-number
// fields are rounded half away from zero.
type Measures struct {
	Indoor               bool // no place was recorded: there is no route, no splits and no course
	DistanceMeters       int
	DurationSeconds      int  // moving: the device's timer, or elapsed without pauses and recording gaps
	TotalElapsedSeconds  int  // first to last usable fix
	AvgPaceSecondsPerKM  *int // nil below MinPaceDistanceMeters
	BestPaceSecondsPerKM *int // best whole kilometre, or the whole run if shorter
	AvgSpeedMS           float32
	MaxSpeedMS           float32 // over a window of 5 s
	Calories             int
	ElevationGainMeters  int
	ElevationLossMeters  int
	Route                []geo.Point // the filtered line, at least 2 points, perhaps all the same
	ElevationProfile     []ProfileSample
	Splits               []Split
	BestEfforts          []Effort // in the order of EffortMeters, of those the run is long enough for
	Pauses               []Break  // in order; moving time leaves out all but standstills
	Heart
	SkippedPoints int // points of a file without a place
	Filter        FilterConfig
	Flags         []string
	StartedAt     time.Time // of the first usable fix
	FinishedAt    time.Time // of the last usable fix
	TrackDigest   Digest
}

// CourseResult is the judge's answer in the columns of the record.
type CourseResult struct {
	Completed          bool
	RouteMatchPercent  float32
	MaxDeviationMeters float32
	DurationSeconds    *int // gate to gate, nil when a gate was not passed
	RuleVersion        string
}

// Record is what became of a run. All but Title, Processing and the course's
// result stays as it was made, until its runner edits it: then it is a new version.
type Record struct {
	ID        id.Record
	UserID    id.User
	SessionID id.Session
	CourseID  id.Course // zero for a free run
	Activity  Activity
	// DuplicateOf is the record that another device made of the same run; zero for most.
	DuplicateOf id.Record
	MergedInto  id.Record // the run that this one is part of now; zero for most, as the next
	SplitFrom   id.Record // the run that this one was split off, while that one is there
	Version     int       // how often the run was edited, or an edit undone
	Edits       Edits
	// EditedDigest is the TrackDigest of the run as it is edited; that of Measures is of
	// what was recorded. Zero for most.
	EditedDigest Digest
	Title        string
	CreatedAt    time.Time
	Measures
	ClientDiscrepancy map[string]Discrepancy // nil when the claims agree
	ClientFilter      strictjson.Document    // what the client wished of the filter; noted, not followed
	Processing        Processing
	LocalHour         int            // 0 to 23, of the start, at the run's place
	LocalDate         string         // YYYY-MM-DD of the start, at the run's place
	Result            *CourseResult  // nil for a free run, and until judged
	Verdict           *judge.Verdict // the whole explanation; nil as Result is
}
