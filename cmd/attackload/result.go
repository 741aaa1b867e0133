package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// result is what an attack showed.
type result struct {
	Name       string         `json:"name"`
	Seconds    float64        `json:"seconds"`
	Unfinished bool           `json:"unfinished"` // at the deadline
	PeakMiB    float64        `json:"peak_mib"`
	DiskMiB    float64        `json:"disk_mib"` // grown by
	Deaths     int            `json:"deaths"`
	Died       string         `json:"died,omitempty"` // of what, the last time
	Back       bool           `json:"back"`           // the program is there in the end, and stays
	Answers    map[string]int `json:"answers"`

	HealthMS            float64  `json:"health_ms"` // the worst
	Sent                int      `json:"chunks_sent"`
	Stored              int      `json:"chunks_stored"` // in time
	LostChunks          int      `json:"chunks_lost"`   // confirmed, and not there
	Busy                int      `json:"chunks_busy"`   // answers that asked to come again
	SlowestChunkSeconds float64  `json:"slowest_chunk_seconds"`
	PhoneTrouble        string   `json:"phone_trouble,omitempty"`
	JudgedSeconds       float64  `json:"judged_seconds"` // of the normal run; 0 when it was not
	RunTrouble          string   `json:"run_trouble,omitempty"`
	Broken              []string `json:"broken,omitempty"`
}

// brokenByAll are the promises that hold in every attack and were broken.
func (r result) brokenByAll() (out []string) {
	add := func(broken bool, format string, args ...any) {
		if broken {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(r.Deaths > 0, "the program died %d times: %s", r.Deaths, r.Died)
	add(!r.Back && r.Deaths > 0, "the program does not stay when it is started again")
	add(!r.Back && r.Deaths == 0, "the program was not ready within %s afterwards", startTime)
	add(r.Unfinished, "not over after %.0f s", r.Seconds)
	add(r.HealthMS > float64(healthPromise.Milliseconds()), "health took %.0f ms", r.HealthMS)
	add(r.Stored < r.Sent, "%d of %d honest chunks were not stored within %s", r.Sent-r.Stored, r.Sent, chunkPromise)
	add(r.LostChunks > 0, "%d honest chunks that were confirmed are gone", r.LostChunks)
	add(r.PhoneTrouble != "", "the honest phone: %s", r.PhoneTrouble)
	add(r.RunTrouble != "", "a normal run was not judged completed: %s", r.RunTrouble)
	for what, n := range r.Answers {
		add(strings.HasPrefix(what, "5") && !strings.HasPrefix(what, "503"), "%d answers %s", n, what)
	}
	return out
}

// report is what a run of attackload showed.
type report struct {
	Binary   string   `json:"binary"`
	Store    string   `json:"store"`
	LimitMiB float64  `json:"limit_mib"`
	Short    bool     `json:"short"`
	Results  []result `json:"results"`
}

// broken are all broken promises, each with its attack.
func (r report) broken() (out []string) {
	for _, result := range r.Results {
		for _, b := range result.Broken {
			out = append(out, result.Name+": "+b)
		}
	}
	return out
}

// of returns the result of an attack, if it was fired.
func (r report) of(name string) (result, bool) {
	for _, found := range r.Results {
		if found.Name == name {
			return found, true
		}
	}
	return result{}, false
}

func (r report) write(file string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(raw, '\n'), 0o644) // figures are no secret
}

func readReport(file string) (r report, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}
