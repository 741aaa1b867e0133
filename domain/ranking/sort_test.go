package ranking

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/id"
)

func TestABoardIsListedByTimeRecencyOrRuns(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	row := func(user byte, seconds, runs, minute int) Row {
		return Row{
			UserID: id.FromBytes[id.UserKind]([16]byte{user}), BestDurationSeconds: seconds, RunCount: runs,
			AchievedAt: noon.Add(time.Duration(minute) * time.Minute),
		}
	}
	rows := []Row{row(6, 300, 2, 7), row(5, 300, 2, 7), row(4, 300, 2, 1), row(3, 200, 1, 9), row(2, 250, 2, 5), row(1, 900, 8, 3)}
	for sort, want := range map[Sort][]byte{
		Fastest: {3, 2, 4, 5, 6, 1}, "": {3, 2, 4, 5, 6, 1},
		Latest:   {3, 5, 6, 2, 1, 4},
		MostRuns: {1, 2, 4, 5, 6, 3},
	} {
		slices.SortFunc(rows, sort.Compare)
		var got []byte
		for _, r := range rows {
			got = append(got, r.UserID.Bytes()[0])
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %q: %v, want %v", sort, got, want)
		}
	}
}

// Rows from anywhere on a board, ranked by its coarse counts and those within
// their own slots, have the ranks that the whole board gives.
func TestCountsRankRowsFromAnywhereOnABoard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(120, 140), rapid.IntRange(0, 2000)), 1, 60).Draw(t, "times")
		picked := rapid.SliceOfN(rapid.SampledFrom(times), 1, 20).Draw(t, "picked")
		c := Counts{Slots: map[int]int{}, Faster: map[int]int{}}
		var rows []*Row
		for _, seconds := range picked {
			rows = append(rows, &Row{BestDurationSeconds: seconds})
		}
		for _, seconds := range times {
			c.Slots[seconds/SlotSeconds]++
			for _, p := range slices.Compact(slices.Sorted(slices.Values(picked))) {
				if p/SlotSeconds == seconds/SlotSeconds && seconds < p {
					c.Faster[p]++
				}
			}
		}
		c.Rank(rows)
		for _, row := range rows {
			want := 1
			for _, seconds := range times {
				if seconds < row.BestDurationSeconds {
					want++
				}
			}
			if row.Rank != want {
				t.Fatalf("%d s has the rank %d, want %d", row.BestDurationSeconds, row.Rank, want)
			}
		}
		if c.Total() != len(times) {
			t.Fatalf("%d rows, want %d", c.Total(), len(times))
		}
	})
}
