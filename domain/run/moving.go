package run

import (
	"cmp"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/geo"
)

// span is a stretch of time in Unix milliseconds.
type span struct{ from, to int64 }

func (s span) length() int64 { return s.to - s.from }

// spanOf returns the time of a pause.
func spanOf(p Pause) span { return span{p.StartedAt.UnixMilli(), p.EndedAt.UnixMilli()} }

// merge returns spans in order of time. Spans that overlap become one. When there
// are more than MaxPauses, the longest are kept. It works in the slice it is given.
func merge(w *work, spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	out := spans[:0]
	for i := 0; i < len(spans) && w.step(); i++ {
		s := spans[i]
		if n := len(out); n > 0 && s.from < out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else if s.to > s.from {
			out = append(out, s)
		}
	}
	if len(out) > MaxPauses {
		slices.SortFunc(out, func(a, b span) int { return cmp.Or(cmp.Compare(b.length(), a.length()), cmp.Compare(a.from, b.from)) })
		out = out[:MaxPauses]
		slices.SortFunc(out, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	}
	return out
}

// gaps returns the recording gaps. A silence is a gap when it is longer than
// GapSeconds and was crossed slower than GapSpeedMS. If it was crossed faster, the
// runner ran on, for example through a tunnel. A silence that leads farther than
// MaxLegMeters is a gap at any speed: its metres do not count, so its seconds do
// not count either. Gaps are looked for in the whole recording, because the filter
// leaves few fixes of a standstill, and standing still is no gap.
func gaps(w *work, recorded []Fix, cfg FilterConfig) []span {
	var out []span
	for i := 1; i < len(recorded) && w.step(); i++ {
		a, b := recorded[i-1], recorded[i]
		dt := a.Seconds(b)
		if dt <= cfg.GapSeconds {
			continue
		}
		meters, near := geo.PlaceOf(a.Point).DistanceWithin(geo.PlaceOf(b.Point), MaxLegMeters)
		if !near || meters < cfg.GapSpeedMS*dt {
			out = append(out, span{a.Timestamp, b.Timestamp})
		}
	}
	return out
}

// notMoving returns the intervals that moving time leaves out, in order and not
// overlapping, clipped to the time of the run: merged pauses that the client
// sent, and recording gaps.
func notMoving(w *work, run span, sent, gaps []span) []Interval {
	var out []Interval
	var last span
	for len(sent)+len(gaps) > 0 && w.step() {
		var next span
		reason := "sent"
		if len(gaps) == 0 || len(sent) > 0 && max(sent[0].from, run.from) <= gaps[0].from {
			next, sent = sent[0], sent[1:]
		} else {
			next, gaps, reason = gaps[0], gaps[1:], "gap"
		}
		next = span{max(next.from, run.from), min(next.to, run.to)}
		switch {
		case next.to <= next.from:
		case len(out) > 0 && next.from < last.to:
			last.to = max(last.to, next.to)
			out[len(out)-1].EndedAt = time.UnixMilli(last.to).UTC()
		default:
			last = next
			out = append(out, Interval{StartedAt: time.UnixMilli(next.from).UTC(), EndedAt: time.UnixMilli(next.to).UTC(), Reason: reason})
		}
	}
	return out
}

// movingSeconds returns, for each fix, the moving time from the first one to it.
func movingSeconds(w *work, fixes []Fix, pauses []Interval) []float64 {
	moving := make([]float64, len(fixes))
	k := 0
	var paused int64 // milliseconds of pauses that ended before the fix
	for i := 0; i < len(fixes) && w.step(); i++ {
		at := fixes[i].Timestamp
		for k < len(pauses) && pauses[k].EndedAt.UnixMilli() <= at && w.step() {
			paused += pauses[k].EndedAt.UnixMilli() - pauses[k].StartedAt.UnixMilli()
			k++
		}
		now := paused
		if k < len(pauses) {
			now += max(0, at-pauses[k].StartedAt.UnixMilli())
		}
		moving[i] = float64(at-fixes[0].Timestamp-now) / 1000
	}
	return moving
}

// pausedRunning reports whether much of the run lies in pauses that were sent,
// which are merged.
func pausedRunning(w *work, fixes []Fix, along []float64, sent []span) bool {
	meters := 0.0
	k := 0
	for i := 1; i < len(fixes) && w.step(); i++ {
		for k < len(sent) && sent[k].to < fixes[i].Timestamp && w.step() {
			k++
		}
		if k < len(sent) && fixes[i-1].Timestamp >= sent[k].from {
			meters += along[i] - along[i-1]
		}
	}
	return meters > w.rules.PausedRunningMeters
}
