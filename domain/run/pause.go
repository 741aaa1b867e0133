package run

import (
	"fmt"

	"github.com/runvs/runvs/domain/fault"
)

// checkPauses refuses pauses that end before they start, overlap, are too many,
// or lie where no fix can. They must come in order of time.
func checkPauses(pauses []Pause) error {
	if len(pauses) > MaxChunkPauses {
		return fault.InvalidField("pause_intervals", "%d pauses; a chunk has at most %d", len(pauses), MaxChunkPauses)
	}
	for i, p := range pauses {
		if p.EndedAt.Before(p.StartedAt) {
			return fault.InvalidField(indexed("pause_intervals", i, "ended_at"), "lies before started_at")
		}
		if p.StartedAt.UnixMilli() < EarliestTimestamp {
			return fault.InvalidField(indexed("pause_intervals", i, "started_at"), "lies before the year 2000")
		}
		if p.EndedAt.UnixMilli() > LatestTimestamp {
			return fault.InvalidField(indexed("pause_intervals", i, "ended_at"), "lies after the year 9999")
		}
		if i > 0 && p.StartedAt.Before(pauses[i-1].EndedAt) {
			return fault.InvalidField(indexed("pause_intervals", i, "started_at"), "overlaps the pause before it")
		}
	}
	return nil
}

func indexed(list string, i int, field string) string {
	return fmt.Sprintf("%s[%d].%s", list, i, field)
}
