package httpapi

import (
	"fmt"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/strictjson"
)

// Point is a GPS fix on the wire.
type Point struct {
	Lat       float64  `json:"lat" minimum:"-90" maximum:"90"`
	Lng       float64  `json:"lng" minimum:"-180" maximum:"180"`
	Timestamp int64    `json:"timestamp" doc:"Unix milliseconds" minimum:"946684800000"`
	Altitude  *float64 `json:"altitude,omitempty" nullable:"true" minimum:"-1000" maximum:"20000" doc:"Metres"`
	Accuracy  *float64 `json:"accuracy,omitempty" nullable:"true" minimum:"0" maximum:"100000" doc:"Metres"`
	Speed     *float64 `json:"speed,omitempty" nullable:"true" minimum:"0" maximum:"1000" doc:"Metres per second"`
	Heading   *float64 `json:"heading,omitempty" nullable:"true" minimum:"0" maximum:"360" doc:"Degrees clockwise from north"`
	HeartRate *float64 `json:"heart_rate,omitempty" nullable:"true" minimum:"0" maximum:"300" doc:"Beats per minute"`
	Cadence   *float64 `json:"cadence,omitempty" nullable:"true" minimum:"0" maximum:"400" doc:"Steps per minute"`
}

// Claim is what a client says of a stretch; more members are kept.
type Claim struct {
	_               struct{} `additionalProperties:"true"`
	DistanceMeters  float64  `json:"distance_meters" minimum:"0"`
	DurationSeconds float64  `json:"duration_seconds" minimum:"0"`
}

// PauseInterval is a pause the runner made.
type PauseInterval struct {
	StartedAt Time `json:"started_at"`
	EndedAt   Time `json:"ended_at"`
}

// ChunkBody describes a chunk in the API's document; readChunk reads it.
type ChunkBody struct {
	Sequence        int             `json:"sequence" minimum:"0" maximum:"4999"`
	ChunkType       string          `json:"chunk_type" enum:"intermediate,final"`
	RawGPSPoints    []Point         `json:"raw_gps_points" nullable:"false" minItems:"1" maxItems:"3600"`
	FilteredPoints  []Point         `json:"filtered_points,omitempty" nullable:"true" maxItems:"3600"`
	ChunkSummary    Claim           `json:"chunk_summary"`
	Cumulative      Claim           `json:"cumulative"`
	CompletedSplits []Object        `json:"completed_splits,omitempty" nullable:"true" maxItems:"1000"`
	PauseIntervals  []PauseInterval `json:"pause_intervals,omitempty" nullable:"true" maxItems:"1000"`
}

// readChunk reads a chunk's body, strictly, in one pass and without a tree.
// Faults carry the path of the field.
func readChunk(raw []byte) (in run.ChunkInput, err error) {
	r, err := strictjson.NewReader(raw)
	if err != nil {
		return in, err
	}
	seen := map[string]bool{}
	err = r.Object(func(name []byte) error {
		field := string(name)
		if r.Null() {
			if !chunkFields[field].known {
				return unknownField(field)
			}
			return nil
		}
		seen[field] = true
		return located(field, readChunkField(r, field, &in))
	})
	if err != nil {
		return in, err
	}
	if err := r.End(); err != nil {
		return in, err
	}
	for _, field := range requiredChunkFields {
		if !seen[field] {
			return in, missingField(field)
		}
	}
	return in, nil
}

// chunkMistakes returns all that is wrong with the fields of a chunk which readChunk
// refused: each field is read once more, by itself. A chunk that is right pays
// nothing for it.
func chunkMistakes(raw []byte, first error) error {
	f := fault.As(first)
	if f == nil || len(f.Fields) == 0 {
		return first
	}
	wrong := []error{first} // what the fields say of it again is told once
	r, err := strictjson.NewReader(raw)
	if err != nil {
		return first
	}
	seen := map[string]bool{}
	err = r.Object(func(name []byte) error {
		field := string(name)
		if r.Null() {
			if !chunkFields[field].known {
				wrong = append(wrong, unknownField(field))
			}
			return nil
		}
		seen[field] = true
		value, err := r.Document()
		if err != nil {
			return err
		}
		alone, err := strictjson.NewReader(value)
		if err != nil {
			return err
		}
		wrong = append(wrong, located(field, readChunkField(alone, field, &run.ChunkInput{})))
		return nil
	})
	if err != nil {
		return first
	}
	for _, field := range requiredChunkFields {
		if !seen[field] {
			wrong = append(wrong, missingField(field))
		}
	}
	return fault.Join(wrong...)
}

func missingField(name string) error { return fault.InvalidField(name, "is required") }

type fieldRule struct{ known, required bool }

var chunkFields = map[string]fieldRule{
	"sequence": {true, true}, "chunk_type": {true, true}, "raw_gps_points": {true, true}, "filtered_points": {true, false},
	"chunk_summary": {true, true}, "cumulative": {true, true}, "completed_splits": {true, false}, "pause_intervals": {true, false},
}

// requiredChunkFields is in the order in which a missing one is named.
var requiredChunkFields = []string{"sequence", "chunk_type", "raw_gps_points", "chunk_summary", "cumulative"}

func unknownField(name string) error { return fault.InvalidField(name, "unknown field") }

func readChunkField(r *strictjson.Reader, field string, in *run.ChunkInput) (err error) {
	switch field {
	case "sequence":
		var v int64
		if v, err = r.Int(); err != nil {
			return err
		}
		if v < 0 || v > run.MaxSequence {
			return fault.InvalidField("", "%d is outside [0, %d]", v, run.MaxSequence)
		}
		in.Sequence = int(v)
	case "chunk_type":
		var v string
		v, err = r.String()
		in.Type = run.ChunkType(v)
	case "raw_gps_points":
		in.Fixes, err = run.ReadFixes(r, run.MaxChunkFixes)
	case "filtered_points":
		in.Filtered, err = run.ReadFixes(r, run.MaxChunkFixes)
	case "chunk_summary":
		in.Summary, err = run.ReadClaim(r)
	case "cumulative":
		in.Cumulative, err = run.ReadClaim(r)
	case "completed_splits":
		in.CompletedSplits, err = run.ReadSplits(r)
	case "pause_intervals":
		in.Pauses, err = readPauses(r)
	default:
		return fault.InvalidField("", "unknown field")
	}
	return err
}

// located puts the field's name before where a fault happened in it.
func located(field string, err error) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	return f.At(field)
}

func readPauses(r *strictjson.Reader) (pauses []run.Pause, err error) {
	err = r.Array(func(i int) error {
		if i >= run.MaxChunkPauses {
			return fault.InvalidField("", "more than %d pauses", run.MaxChunkPauses)
		}
		p, err := readPause(r)
		pauses = append(pauses, p)
		return located(fmt.Sprintf("[%d]", i), err)
	})
	return pauses, err
}

func readPause(r *strictjson.Reader) (p run.Pause, err error) {
	err = r.Object(func(name []byte) error {
		field := string(name)
		var at *time.Time
		switch field {
		case "started_at":
			at = &p.StartedAt
		case "ended_at":
			at = &p.EndedAt
		default:
			return unknownField(field)
		}
		s, err := r.String()
		if err != nil {
			return located(field, err)
		}
		t, err := instant(field, s)
		*at = t.UTC().Truncate(time.Millisecond)
		return err
	})
	switch {
	case err != nil:
		return p, err
	case p.StartedAt.IsZero():
		return p, fault.InvalidField("started_at", "is required")
	case p.EndedAt.IsZero():
		return p, fault.InvalidField("ended_at", "is required")
	}
	return p, nil
}
