package gormstore

import (
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
)

// What run_records keeps as JSON. The names are those of stored rows, and never
// change. A conversion compiles as long as the domain's type has the same fields:
// when it does not, what older rows mean is to be said here.

type splitJSON struct {
	Index                         int      `json:"index"`
	DistanceMeters                float64  `json:"distance_meters"`
	DurationSeconds               float64  `json:"duration_seconds"`
	PaceSecondsPerKM              float64  `json:"pace_seconds_per_km"`
	ElevationGainMeters           float64  `json:"elevation_gain_meters"`
	ElevationLossMeters           float64  `json:"elevation_loss_meters"`
	AvgHeartRate                  *int     `json:"avg_heart_rate,omitempty"`
	AvgCadence                    *int     `json:"avg_cadence,omitempty"`
	GradeAdjustedPaceSecondsPerKM *float64 `json:"grade_adjusted_pace_seconds_per_km,omitempty"`
}

func splitJSONOf(s run.Split) splitJSON { return splitJSON(s) }
func (s splitJSON) split() run.Split    { return run.Split(s) }

type breakJSON struct {
	StartedAt      time.Time `json:"started_at"`
	EndedAt        time.Time `json:"ended_at"`
	Kind           string    `json:"kind"`
	Reason         string    `json:"reason,omitempty"` // what filter-2 and before wrote for the kind: sent or gap
	DistanceMeters float64   `json:"distance_meters"`
}

func breakJSONOf(b run.Break) breakJSON {
	return breakJSON{StartedAt: b.StartedAt, EndedAt: b.EndedAt, Kind: string(b.Kind), DistanceMeters: b.DistanceMeters}
}

func (b breakJSON) rest() run.Break {
	kind := run.BreakKind(b.Kind)
	switch b.Reason {
	case "sent":
		kind = run.Declared
	case "gap":
		kind = run.Gap
	}
	return run.Break{StartedAt: b.StartedAt, EndedAt: b.EndedAt, Kind: kind, DistanceMeters: b.DistanceMeters}
}

type heartJSON struct {
	AvgHeartRate *int  `json:"avg_heart_rate,omitempty"`
	MaxHeartRate *int  `json:"max_heart_rate,omitempty"`
	AvgCadence   *int  `json:"avg_cadence,omitempty"`
	ZoneSeconds  []int `json:"zone_seconds,omitempty"`
}

func (h heartJSON) heart() run.Heart { return run.Heart(h) }

func heartColumn(h run.Heart) (column.JSON, error) {
	if h.AvgHeartRate == nil && h.AvgCadence == nil {
		return nil, nil
	}
	return column.Encode(heartJSON(h))
}

type sourceJSON struct {
	TimerSeconds  float64     `json:"timer_seconds,omitempty"`
	SkippedPoints int         `json:"skipped_points,omitempty"`
	Damaged       bool        `json:"damaged,omitempty"`
	ClockUnset    bool        `json:"clock_unset,omitempty"`
	Indoor        *indoorJSON `json:"indoor,omitempty"`
}

type indoorJSON struct {
	DistanceMeters float64   `json:"distance_meters"`
	ElapsedSeconds float64   `json:"elapsed_seconds"`
	Heart          heartJSON `json:"heart"`
}

func sourceColumn(s run.Source) (column.JSON, error) {
	if s == (run.Source{}) {
		return nil, nil
	}
	out := sourceJSON{TimerSeconds: s.TimerSeconds, SkippedPoints: s.SkippedPoints, Damaged: s.Damaged, ClockUnset: s.ClockUnset}
	if s.Indoor != nil {
		out.Indoor = &indoorJSON{s.Indoor.DistanceMeters, s.Indoor.ElapsedSeconds, heartJSON(s.Indoor.Heart)}
	}
	return column.Encode(out)
}

func (s sourceJSON) source() run.Source {
	out := run.Source{TimerSeconds: s.TimerSeconds, SkippedPoints: s.SkippedPoints, Damaged: s.Damaged, ClockUnset: s.ClockUnset}
	if s.Indoor != nil {
		out.Indoor = &run.Indoor{DistanceMeters: s.Indoor.DistanceMeters, ElapsedSeconds: s.Indoor.ElapsedSeconds, Heart: s.Indoor.Heart.heart()}
	}
	return out
}

type editsJSON struct {
	Takes   []takeJSON `json:"takes,omitempty"`
	SplitAt *time.Time `json:"split_at,omitempty"`
	Held    *heldJSON  `json:"held,omitempty"`
}

type takeJSON struct {
	SessionID string     `json:"session_id"`
	From      *time.Time `json:"from,omitempty"`
	To        *time.Time `json:"to,omitempty"`
}

type heldJSON struct {
	Seconds int      `json:"seconds,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
}

func editsColumn(e run.Edits) (column.JSON, error) {
	if len(e.Takes) == 0 && e.SplitAt.IsZero() {
		return nil, nil
	}
	out := editsJSON{Takes: listOf(takeJSONOf)(e.Takes), SplitAt: column.Optional(e.SplitAt)}
	if e.Held != nil {
		out.Held = &heldJSON{e.Held.Seconds, listOf(func(r judge.Reason) string { return string(r) })(e.Held.Reasons)}
	}
	return column.Encode(out)
}

func (e editsJSON) edits() run.Edits {
	out := run.Edits{Takes: listOf(takeJSON.take)(e.Takes), SplitAt: column.Moment(e.SplitAt)}
	if e.Held != nil {
		out.Held = &run.Held{Seconds: e.Held.Seconds, Reasons: listOf(func(r string) judge.Reason { return judge.Reason(r) })(e.Held.Reasons)}
	}
	return out
}

func takeJSONOf(t run.Take) takeJSON {
	return takeJSON{SessionID: t.SessionID.String(), From: column.Optional(t.From), To: column.Optional(t.To)}
}

func (t takeJSON) take() run.Take {
	sid, _ := id.Parse[id.SessionKind](t.SessionID) // written by us
	return run.Take{SessionID: sid, From: column.Moment(t.From), To: column.Moment(t.To)}
}

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
