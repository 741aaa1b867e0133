package run

import (
	"sort"
	"time"

	"github.com/runvs/runvs/domain/geo"
)

// notMoving returns the intervals that moving time leaves out, in order and not
// overlapping, clipped to the time of the fixes: pauses the client sent, and
// recording gaps. A silence is a gap when it is longer than GapSeconds and was
// crossed slower than GapSpeedMS; faster, the runner ran on through a tunnel.
// Gaps are looked for in all that was recorded, for the filter leaves few fixes
// of a standstill, and standing still is no gap.
func notMoving(recorded, usable []Fix, pauses []Pause, cfg FilterConfig) []Interval {
	first, last := usable[0].Timestamp, usable[len(usable)-1].Timestamp
	var all []Interval
	add := func(from, to int64, reason string) {
		from, to = max(from, first), min(to, last)
		if to > from {
			all = append(all, Interval{StartedAt: time.UnixMilli(from).UTC(), EndedAt: time.UnixMilli(to).UTC(), Reason: reason})
		}
	}
	for _, p := range pauses {
		add(p.StartedAt.UnixMilli(), p.EndedAt.UnixMilli(), "sent")
	}
	for i := 1; i < len(recorded); i++ {
		a, b := recorded[i-1], recorded[i]
		if dt := a.Seconds(b); dt > cfg.GapSeconds && geo.Distance(a.Point, b.Point) < cfg.GapSpeedMS*dt {
			add(a.Timestamp, b.Timestamp, "gap")
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].StartedAt.Before(all[j].StartedAt) })
	merged := all[:0]
	for _, p := range all {
		if n := len(merged); n > 0 && p.StartedAt.Before(merged[n-1].EndedAt) {
			if p.EndedAt.After(merged[n-1].EndedAt) {
				merged[n-1].EndedAt = p.EndedAt
			}
			continue
		}
		merged = append(merged, p)
	}
	return merged
}

// movingSeconds returns, for each fix, the moving time from the first one to it.
func movingSeconds(fixes []Fix, pauses []Interval) []float64 {
	moving := make([]float64, len(fixes))
	k := 0
	var paused int64 // milliseconds of pauses that ended before the fix
	for i, f := range fixes {
		for k < len(pauses) && pauses[k].EndedAt.UnixMilli() <= f.Timestamp {
			paused += pauses[k].EndedAt.UnixMilli() - pauses[k].StartedAt.UnixMilli()
			k++
		}
		now := paused
		if k < len(pauses) {
			now += max(0, f.Timestamp-pauses[k].StartedAt.UnixMilli())
		}
		moving[i] = float64(f.Timestamp-fixes[0].Timestamp-now) / 1000
	}
	return moving
}
