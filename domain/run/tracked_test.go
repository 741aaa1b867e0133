package run_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/run"
)

func fixesAt(seconds ...int) []run.Fix {
	fixes := make([]run.Fix, len(seconds))
	for i, s := range seconds {
		fixes[i].Timestamp = int64(s) * 1000
	}
	return fixes
}

func breakAt(from, to int, kind run.BreakKind) run.Break {
	return run.Break{StartedAt: time.Unix(int64(from), 0), EndedAt: time.Unix(int64(to), 0), Kind: kind}
}

func secondsOf(parts [][]run.Fix) string {
	all := make([][]int64, len(parts))
	for i, p := range parts {
		for _, f := range p {
			all[i] = append(all[i], f.Timestamp/1000)
		}
	}
	return fmt.Sprint(all)
}

func TestThePartsOfARecord(t *testing.T) {
	for name, c := range map[string]struct {
		breaks []run.Break
		want   string
	}{
		"no break":                          {nil, "[[0 1 2 3 4 5 6 7 8 9]]"},
		"a pause, and what was sent in it":  {[]run.Break{breakAt(2, 6, run.Declared)}, "[[0 1 2] [6 7 8 9]]"},
		"a gap":                             {[]run.Break{breakAt(2, 3, run.Gap)}, "[[0 1 2] [3 4 5 6 7 8 9]]"},
		"a standstill":                      {[]run.Break{breakAt(2, 6, run.Standstill)}, "[[0 1 2 3 4 5 6 7 8 9]]"},
		"breaks that touch":                 {[]run.Break{breakAt(2, 4, run.Declared), breakAt(4, 7, run.Gap)}, "[[0 1 2] [4] [7 8 9]]"},
		"a break at the start":              {[]run.Break{breakAt(0, 3, run.Declared)}, "[[0] [3 4 5 6 7 8 9]]"},
		"a break from before the first fix": {[]run.Break{breakAt(-5, 3, run.Declared)}, "[[3 4 5 6 7 8 9]]"},
		"a break to beyond the last fix":    {[]run.Break{breakAt(7, 20, run.Declared)}, "[[0 1 2 3 4 5 6 7]]"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := run.Record{Measures: run.Measures{Pauses: c.breaks}}
			if got := secondsOf(rec.Parts(fixesAt(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// The parts hold each fix that lies in no break, once and in order, and nothing else.
func TestPartsHoldWhatWasRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ticks := rapid.SliceOfN(rapid.IntRange(0, 60), 0, 40).Draw(t, "fixes")
		slices.Sort(ticks)
		fixes := fixesAt(ticks...)
		ends := rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 0, 12, rapid.ID[int]).Draw(t, "breaks")
		slices.Sort(ends)
		var breaks []run.Break
		for ; len(ends) > 1; ends = ends[2:] {
			breaks = append(breaks, breakAt(ends[0], ends[1], run.Declared))
		}
		var want []run.Fix
		for _, f := range fixes {
			if !slices.ContainsFunc(breaks, func(b run.Break) bool {
				return f.Timestamp > b.StartedAt.UnixMilli() && f.Timestamp < b.EndedAt.UnixMilli()
			}) {
				want = append(want, f)
			}
		}
		parts := run.Record{Measures: run.Measures{Pauses: breaks}}.Parts(fixes)
		if got := slices.Concat(parts...); secondsOf([][]run.Fix{got}) != secondsOf([][]run.Fix{want}) {
			t.Fatalf("%v, want %v", parts, want)
		}
		for _, p := range parts {
			if len(p) == 0 {
				t.Fatal("a part of nothing")
			}
			for _, b := range breaks {
				if p[0].Timestamp <= b.StartedAt.UnixMilli() && p[len(p)-1].Timestamp >= b.EndedAt.UnixMilli() {
					t.Fatalf("a break lies within a part: %v", secondsOf(parts))
				}
			}
		}
	})
}
