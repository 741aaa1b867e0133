package run

// FilterVersion names the values of FilterConfig and of MeasureRules. A record
// keeps the version it was made by.
const FilterVersion = "filter-3"

// FilterConfig is every constant of the filter, recorded with each record.
type FilterConfig struct {
	Version              string
	MaxAccuracyMeters    float64 // a worse fix is dropped where better ones exist
	MaxSpeedMS           float64 // faster than any runner: a jump
	JumpToleranceMeters  float64 // noise that two neighbouring fixes may have together
	MaxSpikeSeconds      float64 // a longer excursion is where the runner was
	StandingBlockSeconds float64 // places are averaged over blocks of this length
	StandingRadiusMeters float64 // a standstill lasts while the blocks' means stay so near
	StandingMinBlocks    int     // a shorter one is movement
	GapSeconds           float64 // a longer silence may be a recording gap
	GapSpeedMS           float64 // crossed slower than this, the silence is a gap
}

// DefaultFilter returns today's constants.
func DefaultFilter() FilterConfig {
	return FilterConfig{
		Version:              FilterVersion,
		MaxAccuracyMeters:    50,
		MaxSpeedMS:           12.5, // the fastest 10 m split ever run: 12.42 m/s (Bolt, Berlin 2009)
		JumpToleranceMeters:  5,
		MaxSpikeSeconds:      30,
		StandingBlockSeconds: 10,
		StandingRadiusMeters: 5, // over 10 s: slower than 0.5 m/s
		StandingMinBlocks:    3,
		GapSeconds:           30,
		GapSpeedMS:           0.3, // a slow walk
	}
}
