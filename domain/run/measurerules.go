package run

// MeasureRules are the numbers, beside FilterConfig, that a record follows from.
// Each has its unit in its name. FilterVersion names the values of both: a test
// holds the values of each version.
//
// What a word means is no rule and stands where it is used: a split is 1 km, and
// EffortMeters are the lengths of best efforts.
type MeasureRules struct {
	// StrayFixes is how many fixes out of order are strays. More of them in a row
	// mean that the clock was set back.
	StrayFixes int
	// StaleSeconds is how long before or after all others a few fixes are no part of
	// the run: a receiver remembered where it was switched off.
	StaleSeconds float64
	// JointMeters is how near one piece of a recording must begin to where the one
	// before it ended if the runner is to have gone on while the clock was changed, and
	// JointMillis how soon pieces follow each other that were only sorted wrongly.
	JointMeters float64
	JointMillis int64
	// RepeatMeters is how far apart two fixes of one time may lie: noise, and the
	// fraction of a second that the time does not tell.
	RepeatMeters float64
	// MovedPieces is how often a clock may change and still place sent pauses.
	MovedPieces int
	// UnreliableShare of fixes that step back, or repeat a time, is where the order
	// itself is in doubt: such a run is not ranked.
	UnreliableShare float64
	// GapMaxSpeedMS is faster than anybody runs on through a silence: it was a ride.
	GapMaxSpeedMS float64
	// GapMovingSeconds is the longest silence that counts as run because the runner
	// moved right before and after it, however near its ends lie: a loop, a tunnel.
	GapMovingSeconds float64
	// SteadySeconds is how near in time fixes are whose noise is taken out of the
	// distance.
	SteadySeconds float64
	// ReadingSeconds is the longest time that one reading of a sensor stands for.
	ReadingSeconds float64
	// TimerShare is how far a file's timer may lie below the time in which its fixes
	// moved, or above the run's whole time, and still be believed.
	TimerShare float64
	// No best effort goes on over a break that is longer or farther than these.
	EffortBreakSeconds float64
	EffortBreakMeters  float64
	// StrayEndFixes is how many fixes before the first or after the last jump are
	// taken for a receiver that had not found its place yet, or had lost it.
	StrayEndFixes int
	// MaxSpikeJumps is how often an excursion may jump on before it comes back: at a
	// fix a second, all the time. It also bounds what is looked at for one jump.
	MaxSpikeJumps int
	// PausedRunningMeters is how far somebody may come in a pause without it being
	// odd: to the shop and back.
	PausedRunningMeters float64
	// SpeedWindowSeconds is the time over which the highest speed is taken: over one
	// second it would be the noise of two fixes.
	SpeedWindowSeconds float64
	Climb              ClimbRules
	Energy             EnergyRules
}

// ClimbRules say how climb is measured. The values were chosen on recorded runs and
// on made ones whose climb is known: a flat run climbs about 0, and a barometer's
// run what the device says.
type ClimbRules struct {
	// LowestMeters and HighestMeters are where people run: the shore of the Dead Sea
	// lies at -430, and Everest is 8,849. What formats say for "unknown" lies outside:
	// -500, 9,999, 12,607 and 65,535.
	LowestMeters, HighestMeters float64
	// ZeroMeters is how near to 0 an altitude beside exact zeros is if they are true.
	ZeroMeters float64
	// LeapMS is faster than anybody climbs or falls, in metres a second.
	LeapMS float64
	// LeapNoise times the standard deviation of the altitudes' noise is no leap either.
	LeapNoise float64
	// WalkingMS is the speed at which leaps of a line without times are looked for.
	WalkingMS float64
	// DriftMeters is the least drift of a barometer over a run that is taken out.
	DriftMeters float64
	// SamePlaceMeters is how near a place is the same one, as high as it was.
	SamePlaceMeters float64
	// NoiseSeconds is after how long an altimeter's error is another one.
	NoiseSeconds float64
	// GradeMeters is the length along the run over which grades are taken: a grade
	// over one stride would be noise.
	GradeMeters float64
	// HysteresisMeters is how far the smoothed altitude must turn back, at least,
	// before a rise or a fall counts as ended. Smaller wiggles are noise.
	HysteresisMeters float64
	// NoiseFactor times the standard deviation of the smoothed altitudes' noise is the
	// hysteresis where that is more: satellites know heights far worse than barometers.
	NoiseFactor float64
	// BrokenMeters is how much more than its course's the range of a run's altitudes on
	// it is, when the altimeter is broken.
	BrokenMeters float64
	// BesideMeters is how far beside a course's line the ground is as high as on it.
	BesideMeters float64
	// MaxSamples is how many samples a profile has at most: as wide as a phone draws it.
	MaxSamples int
}

// EnergyRules are the running equation of the American College of Sports Medicine
// (Guidelines for Exercise Testing and Prescription, 10th ed., table 6.3).
type EnergyRules struct {
	MillilitresPerMeter   float64 // oxygen per kg of weight and metre run
	MillilitresPerMeterUp float64 // and per metre climbed
	MillilitresPerMinute  float64 // and per minute, at rest as well
	KilocaloriesPerLitre  float64 // of oxygen
}

// CurrentMeasure returns today's numbers.
func CurrentMeasure() MeasureRules {
	return MeasureRules{
		StrayFixes:          5,
		StaleSeconds:        6 * 3600,
		JointMeters:         50,
		JointMillis:         60_000,
		RepeatMeters:        15,
		MovedPieces:         100,
		UnreliableShare:     0.01,
		GapMaxSpeedMS:       6.5, // 2:34 min/km: nobody trains faster for over half a minute without a fix
		GapMovingSeconds:    60,
		SteadySeconds:       2,
		ReadingSeconds:      60,
		TimerShare:          0.02,
		EffortBreakSeconds:  600,
		EffortBreakMeters:   500,
		StrayEndFixes:       3,
		MaxSpikeJumps:       30,
		PausedRunningMeters: 500,
		SpeedWindowSeconds:  5,
		Climb: ClimbRules{
			LowestMeters:     -450,
			HighestMeters:    8900,
			ZeroMeters:       2,
			LeapMS:           5,
			LeapNoise:        8,
			WalkingMS:        1,
			DriftMeters:      15,
			SamePlaceMeters:  25,
			NoiseSeconds:     10,
			GradeMeters:      60,
			HysteresisMeters: 2,
			NoiseFactor:      4.5,
			BrokenMeters:     100,
			BesideMeters:     50,
			MaxSamples:       200,
		},
		Energy: EnergyRules{
			MillilitresPerMeter:   0.2,
			MillilitresPerMeterUp: 0.9,
			MillilitresPerMinute:  3.5,
			KilocaloriesPerLitre:  5,
		},
	}
}
