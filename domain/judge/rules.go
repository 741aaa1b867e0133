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
	Alignment AlignmentRules
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

// AlignmentRules price the ways that a runner may have taken along the course.
// Costs are negative logarithms of probabilities (P. Newson and J. Krumm, Hidden
// Markov Map Matching Through Noise and Sparseness, 2009). The values were chosen
// on recorded runs.
type AlignmentRules struct {
	// ReachMeters is how far from a fix a place of the course may be: farther than
	// any fix that matches.
	ReachMeters float64
	// RivalMeters is how much farther than the nearest place another place may be
	// and still be where the runner was.
	RivalMeters float64
	// SameStretchMeters is how far apart along the course two places must be to count
	// as two: a noisy line has many small minima.
	SameStretchMeters float64
	// NoiseMeters is how far a fix may well be from where the runner was.
	NoiseMeters float64
	// SlackMeters is by how much a step along the course may well differ from the
	// distance run.
	SlackMeters float64
	// IndependentMeters is how far apart two fixes are whose errors have little to
	// do with each other. Nearer ones count for less: how often a phone records must
	// not decide where it was.
	IndependentMeters float64
	// BackwardsShare is how much of a step's length counts as a difference when the
	// step leads backwards: where both directions fit, forwards is meant.
	BackwardsShare float64
	// DetourShare is the same for steps that are longer than the straight way and
	// no longer than what may have been run.
	DetourShare float64
	// JumpCost is the cost of a leap along the course: as much as a step that is
	// 180 m off.
	JumpCost float64
	// RestartCost is the cost of beginning the course again where it ends: another
	// lap. It is far cheaper than a leap, so laps begin where the course does and
	// not somewhere on the way.
	RestartCost float64
	// ElsewhereCost is the cost of a run that begins on the way: most begin at the
	// start.
	ElsewhereCost float64
	// UnseenMS is the speed, in metres a second, at which ground may have been
	// covered while there were no fixes: a fast runner's. UnseenSeconds is how long
	// without a fix that takes to matter.
	UnseenMS      float64
	UnseenSeconds float64
}

// GateRules say what passing an end of the course is. A fix passes a gate within
// the deviated threshold of the place.
type GateRules struct {
	// DirectionMeters is the length of the course over which its direction at a
	// gate is taken.
	DirectionMeters float64
	// ZoneThresholds is how many deviated thresholds of the course, from its end,
	// belong to the gate. Farther on the course may come by the same place again.
	ZoneThresholds float64
	// NearThresholds is how many deviated thresholds from the gate the fix may be
	// that lies on the other side of its line.
	NearThresholds float64
	// AwayMeters is how far beyond a gate somebody must go to have been away: the
	// jitter of a receiver at the edge is not leaving and coming back.
	AwayMeters float64
}

// CoverageRules say which parts of the course were run.
type CoverageRules struct {
	// SeamMeters is how much of the course, at its ends and between covered
	// stretches, is not looked at: fixes lie apart, and gates have a width.
	SeamMeters float64
	// PlainStepMeters is by how much a step along the course may be longer than
	// what was run: the jitter of two fixes, and the inside of a bend.
	PlainStepMeters float64
	// GapSeconds is how long without a fix makes a gap: the way within it is not
	// known, and need not be straight.
	GapSeconds float64
	// MaxGapMS is the speed, in metres along the course a second, at which a stretch
	// without fixes may have been run; faster than that it was cut or driven. It is
	// that of the world's best over 3 km (see WorldBest).
	MaxGapMS float64
	// MaxGapMeters is the longest gap that is covered: a tunnel, a phone asleep.
	MaxGapMeters float64
	// MaxUnseenShare is how much of a course may be covered by gaps. A course that
	// was hardly seen was not shown to be run.
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
		Version:          "aligned-2",
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
		Alignment: AlignmentRules{
			ReachMeters:       75,
			RivalMeters:       40,
			SameStretchMeters: 10,
			NoiseMeters:       20,
			SlackMeters:       15,
			IndependentMeters: 40,
			BackwardsShare:    1,
			DetourShare:       0.1,
			JumpCost:          12,
			RestartCost:       3,
			ElsewhereCost:     2,
			UnseenMS:          5,
			UnseenSeconds:     3,
		},
		Gates: GateRules{
			DirectionMeters: 10,
			ZoneThresholds:  2,
			NearThresholds:  2,
			AwayMeters:      20,
		},
		Coverage: CoverageRules{
			SeamMeters:      1,
			PlainStepMeters: 25,
			GapSeconds:      15,
			MaxGapMS:        7,
			MaxGapMeters:    600,
			MaxUnseenShare:  0.3,
			ShortcutMeters:  100,
			ShortcutShare:   0.9,
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
			NoiseMargin: 1.05,
		},
		Direction: DirectionRules{
			MaxStrideMeters: 300,
			MinRatio:        4,
		},
	}
}
