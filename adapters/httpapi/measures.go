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
	Index                         int      `json:"index"`
	DistanceMeters                float64  `json:"distance_meters"`
	DurationSeconds               float64  `json:"duration_seconds"`
	PaceSecondsPerKM              float64  `json:"pace_seconds_per_km"`
	ElevationGainMeters           float64  `json:"elevation_gain_meters"`
	ElevationLossMeters           float64  `json:"elevation_loss_meters"`
	AvgHeartRate                  *int     `json:"avg_heart_rate"`
	AvgCadence                    *int     `json:"avg_cadence" doc:"Steps a minute"`
	GradeAdjustedPaceSecondsPerKM *float64 `json:"grade_adjusted_pace_seconds_per_km" doc:"The pace on the flat that costs as much (Minetti 2002); null without altitudes"`
}

func splitOf(s run.Split) Split { return Split(s) }

// Pause is a break between two parts of a run, or a standstill.
type Pause struct {
	StartedAt      Time    `json:"started_at"`
	EndedAt        Time    `json:"ended_at"`
	Kind           string  `json:"kind" enum:"declared,gap,standstill" doc:"declared: sent, or written in the file; gap: nothing was recorded; moving time leaves out both, but no standstill"`
	DistanceMeters float64 `json:"distance_meters" doc:"Between its ends, along what was recorded; it does not count"`
}

func pauseOf(b run.Break) Pause {
	return Pause{StartedAt: Time{b.StartedAt}, EndedAt: Time{b.EndedAt}, Kind: string(b.Kind), DistanceMeters: b.DistanceMeters}
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
