package judge

// Rules are the numbers that decide a verdict. Each stands here once, with its
// unit in its name and with its source or its reason beside it.
//
// Version names the values: it is stored with every verdict. A test holds the
// values of each version, so a number cannot change without a new version.
// Numbers that only bound the work of judging stand in bounds.go.
type Rules struct {
	Version string

	// Straight and Curve are the thresholds off and on a curve section. They are
	// the founding numbers of RUNVS: at a curve a GPS track cuts the corner, so the
	// thresholds there are 10 m wider.
	Straight, Curve Thresholds

	MaxDeviatedShare float64 // of the judged fixes, [0, 1]; a founding number
	MinCoverage      float64 // of the course's length, [0, 1]
	MinJudgedPoints  int     // a run of fewer fixes has no direction

	Curves    CurveRules
	Reading   ReadingRules
	Gates     GateRules
	Coverage  CoverageRules
	Movement  MovementRules
	Direction DirectionRules
}

// CurveRules say what a curve section is. Three consecutive points of an evenly
// spaced, smoothed line give a curvature.
type CurveRules struct {
	SpacingMeters   float64 // between the points of the even line, so that it does not matter how densely the course was recorded
	SmoothingMeters float64 // the line is averaged over this length first: 3 m of noise make no curve of a straight road
	ArcMeters       float64 // between the three points that a curvature is measured on
	RadiusMeters    float64 // a smaller radius is a curve: the bend of an athletics track has 36.5 m, a street corner less
	MinMeters       float64 // shorter sections are dropped
	MergeGapMeters  float64 // sections nearer to each other than this are one
}

// ReadingRules say how a run may be read as a run of the course, and which reading
// is the best: the one that explains the most of the course in order.
//
// Costs are metres of the course that are not explained. What else speaks against a
// reading costs a small share of the metres it is about, so that it only decides
// between readings that explain as much.
type ReadingRules struct {
	// ReachMeters is how far from a fix a place of the course may be: as far as a fix
	// on a curve that matches.
	ReachMeters float64
	// RivalMeters is how much farther than the nearest place another place may be
	// and still be where the runner was: two carriageways and a receiver's noise.
	RivalMeters float64
	// SameStretchMeters is how far apart along the course two places must be to count
	// as two: a noisy line has many small minima.
	SameStretchMeters float64
	// RunShare is how much of its progress a runner must have run, and SlackMeters by
	// how much progress may be ahead of that over any window. A tenth is what runners
	// measure less than a noisy course; the slack is that of ShortcutMeters: the
	// threshold on either side of a corner.
	RunShare    float64
	SlackMeters float64
	// BackMeters is how far back a reading may jitter without beginning again: the
	// threshold.
	BackMeters float64
	// PlainStepMeters is how much of the course is covered between two fixes at it,
	// although one between them was not: half a threshold.
	PlainStepMeters float64
	// GapSeconds is how long without a fix makes a gap. In a gap the runner may have
	// run at GapPace times their own speed, or as fast as elsewhere, up to
	// MaxGapMeters or MaxGapShare of the course. Gaps longer than SparseSeconds are no
	// way of recording, which is a fix every minute at the least: they count as unseen.
	GapSeconds    float64
	GapPace       float64
	MaxGapMeters  float64
	MaxGapShare   float64
	SparseSeconds float64
	// GapShare is how much of what such a gap covers must lie between its ends,
	// straight: a turning point that nobody saw was not shown to be reached.
	GapShare float64
	// LateShare is which share of the course it costs to begin behind the start: a
	// reading that passes the start comes before one that does not.
	LateShare float64
	// LeapCost is what it costs to leave out a part of the course, in metres beside
	// those that are left out, CutCost the share of them that it costs besides when
	// less was run, and AwayCost the share of the way run meanwhile: the last leaving
	// of the start comes before an earlier one.
	LeapCost float64
	CutCost  float64
	AwayCost float64
	// WanderCost is the share of what a step differs from the distance run, and
	// OffCost that of the distance run OffMeters off the course: of two places that
	// explain as much, the nearer one.
	WanderCost float64
	OffCost    float64
	OffMeters  float64
}

// GateRules say what passing an end of the course is.
type GateRules struct {
	// DirectionMeters is the length of the course over which its direction at a
	// gate is taken.
	DirectionMeters float64
	// ZoneThresholds is how many deviated thresholds of the course, from its end,
	// belong to the gate: more than one, for the course may bend there. Farther on the
	// course may come by the same place again.
	ZoneThresholds float64
	// PaceMeters is over how much of the run the pace is taken at which metres are
	// added that are missing at an end: who starts a watch late has run them.
	PaceMeters float64
	// NearMeters is how far from the gate the fixes around a crossing may be.
	NearMeters float64
	// AwayMeters is how far somebody must run to have begun anew: the jitter of a
	// receiver at the start is not leaving and coming back.
	AwayMeters float64
	// WindowMeters is how far on either side of a gate the fixes are from which its
	// time is taken. Who is slower there than StandingShare times their pace, by more
	// than StandingSeconds, stands.
	WindowMeters    float64
	StandingShare   float64
	StandingSeconds float64
	// NoiseMeters and AddedShare say how uncertain a crossing is: how far fixes may
	// be off along the course, and which share of an added time.
	NoiseMeters float64
	AddedShare  float64
}

// CoverageRules say which parts of the course were run.
type CoverageRules struct {
	// SeamMeters is how much of the course, at its ends and between covered
	// stretches, is not looked at.
	SeamMeters float64
	// MaxUnseenShare is how much of a course may be covered by gaps that are no way of
	// recording. A course that was hardly seen was not shown to be run.
	MaxUnseenShare float64
	// ShortcutMeters is how long an uncovered stretch must be to be called a
	// shortcut, and ShortcutShare how much of its length the runner must have
	// travelled for it not to be one.
	ShortcutMeters float64
	ShortcutShare  float64
}

// MovementRules say how a person can have moved.
type MovementRules struct {
	// MaxSpeedMS is the speed between two fixes, in metres a second, that no runner
	// has. A fix that is reached and left faster is a spike; a run that is faster for
	// over MaxFastSeconds is no run. The fastest 100 m ever were run at 10.44 m/s on
	// average (U. Bolt, Berlin 2009).
	MaxSpeedMS     float64
	MaxFastSeconds float64
	// AtOnceMeters is how far apart two fixes of one time may be.
	AtOnceMeters float64
	// WorldBest are the best times of anybody. Distances are ascending.
	WorldBest [9]Best
	// PaceSeconds is over how long the runner's own speed is measured, StandingMS the
	// speed below which they stand, and FastShare the share of the time in which they
	// ran fast: downhill, or at the end.
	PaceSeconds float64
	StandingMS  float64
	FastShare   float64
	// RunShare is how much of a progress must have been run to count as speed.
	RunShare float64
	// NoiseMargin is by how much receivers make a run longer than it was.
	NoiseMargin float64
}

// Best is the least time that anybody ever took for a distance.
type Best struct{ Meters, Seconds float64 }

// DirectionRules say which way a run went.
type DirectionRules struct {
	// MaxStrideMeters is the longest step along the course between two fixes that
	// says anything about the direction.
	MaxStrideMeters float64
	// MinRatio is how many times as far as the one way a run must go the other way
	// not to be mixed.
	MinRatio float64
}

// CurrentRules returns today's rules.
func CurrentRules() Rules {
	return Rules{
		Version:          "ordered-1",
		Straight:         Thresholds{WarnMeters: 30, DeviateMeters: 50},
		Curve:            Thresholds{WarnMeters: 40, DeviateMeters: 60},
		MaxDeviatedShare: 0.20,
		MinCoverage:      0.80,
		MinJudgedPoints:  2,
		Curves: CurveRules{
			SpacingMeters:   5,
			SmoothingMeters: 30,
			ArcMeters:       20,
			RadiusMeters:    50,
			MinMeters:       10,
			MergeGapMeters:  20,
		},
		Reading: ReadingRules{
			ReachMeters:       60,
			RivalMeters:       40,
			SameStretchMeters: 10,
			RunShare:          0.9,
			SlackMeters:       100,
			BackMeters:        50,
			PlainStepMeters:   25,
			GapSeconds:        15,
			GapPace:           1.4,
			MaxGapMeters:      2000,
			MaxGapShare:       0.2,
			SparseSeconds:     90,
			GapShare:          0.5,
			LateShare:         0.1,
			LeapCost:          10,
			CutCost:           0.5,
			AwayCost:          0.04,
			WanderCost:        0.05,
			OffCost:           0.02,
			OffMeters:         50,
		},
		Gates: GateRules{
			DirectionMeters: 50,
			ZoneThresholds:  1.5,
			PaceMeters:      200,
			NearMeters:      100,
			AwayMeters:      100,
			WindowMeters:    30,
			StandingShare:   2,
			StandingSeconds: 3,
			NoiseMeters:     6,
			AddedShare:      0.2,
		},
		Coverage: CoverageRules{
			SeamMeters:     1,
			MaxUnseenShare: 0.3,
			ShortcutMeters: 100,
			ShortcutShare:  0.9,
		},
		Movement: MovementRules{
			MaxSpeedMS:     12,
			MaxFastSeconds: 10,
			AtOnceMeters:   1,
			// World Athletics and IAU records as of 2025.
			WorldBest: [9]Best{
				{400, 43.03},     // W. van Niekerk
				{800, 100.91},    // D. Rudisha
				{1500, 206.00},   // H. El Guerrouj
				{3000, 437.55},   // J. Ingebrigtsen
				{5000, 755.36},   // J. Cheptegei
				{10000, 1571.00}, // J. Cheptegei
				{21097.5, 3402},  // J. Kiplimo
				{42195, 7235},    // K. Kiptum
				{100000, 21935},  // A. Sorokin
			},
			PaceSeconds: 15,
			StandingMS:  0.5,
			FastShare:   0.05,
			RunShare:    0.9,
			NoiseMargin: 1.05,
		},
		Direction: DirectionRules{
			MaxStrideMeters: 300,
			MinRatio:        4,
		},
	}
}
