package main

import (
	"time"

	"github.com/runvs/runvs/adapters/httpapi"
	"github.com/runvs/runvs/domain/judge"
)

// verdictJSON is a verdict as the API answers it, with times as short as they go:
// scripts that read `judge --json` have always had them so.
type verdictJSON struct {
	httpapi.Verdict
	Efforts      []effortJSON `json:"efforts"`
	StartGateAt  *time.Time   `json:"start_gate_at"`
	FinishGateAt *time.Time   `json:"finish_gate_at"`
}

type effortJSON struct {
	httpapi.Effort
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"`
}

func verdictJSONOf(v judge.Verdict) verdictJSON {
	out := verdictJSON{Verdict: httpapi.VerdictOf(v), Efforts: []effortJSON{}, StartGateAt: v.StartGateAt, FinishGateAt: v.FinishGateAt}
	for i, e := range v.Efforts {
		out.Efforts = append(out.Efforts, effortJSON{Effort: out.Verdict.Efforts[i], StartedAt: e.StartedAt, FinishedAt: e.FinishedAt})
	}
	return out
}
