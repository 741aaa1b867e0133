package httpapi

import "github.com/runvs/runvs/domain/run"

// ProfileSample is the altitude at a distance along a run or a course.
type ProfileSample struct {
	DistanceMeters float64 `json:"distance_meters"`
	AltitudeMeters float64 `json:"altitude_meters"`
}

func profileSampleOf(s run.ProfileSample) ProfileSample { return ProfileSample(s) }

// Split is one kilometre of a run, or the rest after the last whole one.
type Split struct {
	Index               int     `json:"index"`
	DistanceMeters      float64 `json:"distance_meters"`
	DurationSeconds     float64 `json:"duration_seconds"`
	PaceSecondsPerKM    float64 `json:"pace_seconds_per_km"`
	ElevationGainMeters float64 `json:"elevation_gain_meters"`
	ElevationLossMeters float64 `json:"elevation_loss_meters"`
}

func splitOf(s run.Split) Split { return Split(s) }

// Pause is a stretch that moving time leaves out.
type Pause struct {
	StartedAt Time   `json:"started_at"`
	EndedAt   Time   `json:"ended_at"`
	Reason    string `json:"reason" enum:"sent,gap"`
}

func pauseOf(p run.Interval) Pause {
	return Pause{StartedAt: Time{p.StartedAt}, EndedAt: Time{p.EndedAt}, Reason: p.Reason}
}

// FilterConfig is every constant of the filter that a record was made by.
type FilterConfig struct {
	Version              string  `json:"version"`
	MaxAccuracyMeters    float64 `json:"max_accuracy_meters"`
	MaxSpeedMS           float64 `json:"max_speed_ms"`
	JumpToleranceMeters  float64 `json:"jump_tolerance_meters"`
	MaxSpikeSeconds      float64 `json:"max_spike_seconds"`
	StandingBlockSeconds float64 `json:"standing_block_seconds"`
	StandingRadiusMeters float64 `json:"standing_radius_meters"`
	StandingMinBlocks    int     `json:"standing_min_blocks"`
	GapSeconds           float64 `json:"gap_seconds"`
	GapSpeedMS           float64 `json:"gap_speed_ms"`
}

// Discrepancy is a claim of the client that differs from what was computed.
type Discrepancy struct {
	Claimed  float64 `json:"claimed"`
	Computed float64 `json:"computed"`
}

// discrepanciesOf is null where the claims agree.
func discrepanciesOf(in map[string]run.Discrepancy) map[string]Discrepancy {
	if in == nil {
		return nil
	}
	out := make(map[string]Discrepancy, len(in))
	for name, d := range in {
		out[name] = Discrepancy(d)
	}
	return out
}
