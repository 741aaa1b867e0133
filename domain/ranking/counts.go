package ranking

import (
	"maps"
	"slices"
)

// SlotSeconds is how many seconds a coarse count spans.
const SlotSeconds = 128

// Counts are how many runners of a board have which best time.
type Counts struct {
	Slots  map[int]int // by best time ÷ SlotSeconds: all of the board
	Faster map[int]int // by best time, of those to be ranked: who is faster within its slot
}

// Total returns how many rows the board has.
func (c Counts) Total() (total int) {
	for _, runners := range c.Slots {
		total += runners
	}
	return total
}

// Rank sets the ranks of rows from anywhere on the board, in whatever order.
func (c Counts) Rank(rows []*Row) {
	before, runners := map[int]int{}, 0 // the slots before one
	for _, slot := range slices.Sorted(maps.Keys(c.Slots)) {
		before[slot] = runners
		runners += c.Slots[slot]
	}
	for _, row := range rows {
		seconds := row.BestDurationSeconds
		row.Rank = 1 + before[seconds/SlotSeconds] + c.Faster[seconds]
	}
}
