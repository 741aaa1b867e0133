package httpapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/runvs/runvs/domain/judge"
)

// Verdict is the judge's, with the times as every other answer has them.
type Verdict struct {
	judge.Verdict
	Reasons      []judge.Reason `json:"reasons" nullable:"false" doc:"The first is the main one; empty when completed"`
	Efforts      []Effort       `json:"efforts" nullable:"false"`
	StartGateAt  *Time          `json:"start_gate_at"`
	FinishGateAt *Time          `json:"finish_gate_at"`
}

// Effort is one whole try at the course within a run.
type Effort struct {
	judge.Effort
	StartedAt  Time `json:"started_at"`
	FinishedAt Time `json:"finished_at"`
}

func verdictOf(v *judge.Verdict) *Verdict {
	if v == nil {
		return nil
	}
	return &Verdict{
		Verdict: *v,
		Reasons: append([]judge.Reason{}, v.Reasons...), // rows of before may have null
		Efforts: each(v.Efforts, func(e judge.Effort) Effort {
			return Effort{Effort: e, StartedAt: Time{e.StartedAt}, FinishedAt: Time{e.FinishedAt}}
		}),
		StartGateAt: optionalTime(v.StartGateAt), FinishGateAt: optionalTime(v.FinishGateAt),
	}
}

// fixBytes is about what one fix of a verdict takes as JSON.
const fixBytes = 180

// file writes the answer. A long run has 300,000 fixes: they are written by hand,
// for reflection takes three times as long and the memory of two copies.
func (a VerdictAnswer) file() (*file, error) {
	fixes := a.Fixes
	a.Fixes = []judge.FixVerdict{}
	out, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	out = bytes.TrimSuffix(out, []byte("]}")) // fixes is the last member
	out = slices.Grow(out, fixBytes*len(fixes))
	for i := range fixes {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendFix(out, &fixes[i])
	}
	return &file{ContentType: "application/json", Body: append(out, "]}"...)}, nil
}

func appendFix(out []byte, v *judge.FixVerdict) []byte {
	out = strconv.AppendFloat(append(out, `{"lat":`...), v.Lat, 'f', -1, 64)
	out = strconv.AppendFloat(append(out, `,"lng":`...), v.Lng, 'f', -1, 64)
	out = strconv.AppendInt(append(out, `,"timestamp":`...), v.Timestamp, 10)
	out = strconv.AppendFloat(append(out, `,"deviation_meters":`...), v.DeviationMeters, 'f', -1, 64)
	out = strconv.AppendFloat(append(out, `,"progress_meters":`...), v.ProgressMeters, 'f', -1, 64)
	out = strconv.AppendQuote(append(out, `,"section":`...), v.Section)
	out = strconv.AppendQuote(append(out, `,"status":`...), v.Status)
	return append(out, '}')
}
