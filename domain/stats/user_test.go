package stats

import (
	"reflect"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

func TestOfUser(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	rid := func(b byte) id.Record { return id.FromBytes[id.RecordKind]([16]byte{b}) }
	k, fast := run.Effort{DistanceMeters: 1000, DurationSeconds: 240}, run.Effort{DistanceMeters: 5000, DurationSeconds: 1300}
	got := OfUser([]Run{
		// ISO 8601: 1 January 2026 is a Thursday, of week 1; 29 December 2025 is its Monday.
		{ID: rid(3), LocalDate: "2026-01-01", FinishedAt: noon, DistanceMeters: 5000, DurationSeconds: 1500, Efforts: []run.Effort{k, fast}},
		{ID: rid(2), LocalDate: "2025-12-29", FinishedAt: noon.Add(-time.Hour), DistanceMeters: 3000, DurationSeconds: 900, Efforts: []run.Effort{k}},
		{ID: rid(1), LocalDate: "2025-12-28", FinishedAt: noon, DistanceMeters: 800, DurationSeconds: 300},
		{ID: rid(4), FinishedAt: noon, DistanceMeters: 1, DurationSeconds: 1},
	})
	want := User{
		Total:  Sum{4, 8801, 2701},
		Weeks:  []Period{{"2026-W01", Sum{2, 8000, 2400}}, {"2025-W52", Sum{1, 800, 300}}},
		Months: []Period{{"2026-01", Sum{1, 5000, 1500}}, {"2025-12", Sum{2, 3800, 1200}}},
		Bests:  []Best{{k, rid(2), noon.Add(-time.Hour)}, {fast, rid(3), noon}}, // of equal times the earlier
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if empty := OfUser(nil); empty.Total.Runs != 0 || len(empty.Weeks) != 0 || len(empty.Bests) != 0 {
		t.Errorf("of no runs: %+v", empty)
	}
}
