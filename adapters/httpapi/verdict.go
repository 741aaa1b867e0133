package httpapi

import "github.com/runvs/runvs/domain/judge"

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
