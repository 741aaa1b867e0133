package gormstore

import (
	"time"

	"github.com/runvs/runvs/domain/run"
)

// What run_records keeps as JSON. The names are those of stored rows, and never
// change. A conversion compiles as long as the domain's type has the same fields:
// when it does not, what older rows mean is to be said here.

type splitJSON struct {
	Index               int     `json:"index"`
	DistanceMeters      float64 `json:"distance_meters"`
	DurationSeconds     float64 `json:"duration_seconds"`
	PaceSecondsPerKM    float64 `json:"pace_seconds_per_km"`
	ElevationGainMeters float64 `json:"elevation_gain_meters"`
	ElevationLossMeters float64 `json:"elevation_loss_meters"`
}

func splitJSONOf(s run.Split) splitJSON { return splitJSON(s) }
func (s splitJSON) split() run.Split    { return run.Split(s) }

type intervalJSON struct {
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
	Reason    string    `json:"reason"`
}

func intervalJSONOf(i run.Interval) intervalJSON { return intervalJSON(i) }
func (i intervalJSON) interval() run.Interval    { return run.Interval(i) }

type effortJSON struct {
	DistanceMeters  float64 `json:"distance_meters"`
	DurationSeconds float64 `json:"duration_seconds"`
}

func effortJSONOf(e run.Effort) effortJSON { return effortJSON(e) }
func (e effortJSON) effort() run.Effort    { return run.Effort(e) }

type discrepancyJSON struct {
	Claimed  float64 `json:"claimed"`
	Computed float64 `json:"computed"`
}

func discrepancyJSONOf(d run.Discrepancy) discrepancyJSON { return discrepancyJSON(d) }
func (d discrepancyJSON) discrepancy() run.Discrepancy    { return run.Discrepancy(d) }

type filterJSON struct {
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

func filterJSONOf(f run.FilterConfig) filterJSON { return filterJSON(f) }
func (f filterJSON) filter() run.FilterConfig    { return run.FilterConfig(f) }
