package run

// FilterVersion names the values of FilterConfig and of MeasureRules. A record
// keeps the version it was made by.
const FilterVersion = "filter-2"

// FilterConfig is every constant of the filter, recorded with each record.
type FilterConfig struct {
	Version              string  `json:"version"`
	MaxAccuracyMeters    float64 `json:"max_accuracy_meters"`    // a worse fix is dropped where better ones exist
	MaxSpeedMS           float64 `json:"max_speed_ms"`           // faster than any runner: a jump
	JumpToleranceMeters  float64 `json:"jump_tolerance_meters"`  // noise that two neighbouring fixes may have together
	MaxSpikeSeconds      float64 `json:"max_spike_seconds"`      // a longer excursion is where the runner was
	StandingBlockSeconds float64 `json:"standing_block_seconds"` // places are averaged over blocks of this length
	StandingRadiusMeters float64 `json:"standing_radius_meters"` // a standstill lasts while the blocks' means stay so near
	StandingMinBlocks    int     `json:"standing_min_blocks"`    // a shorter one is movement
	GapSeconds           float64 `json:"gap_seconds"`            // a longer silence may be a recording gap
	GapSpeedMS           float64 `json:"gap_speed_ms"`           // crossed slower than this, the gap is a pause
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
		GapSpeedMS:           1,
	}
}
