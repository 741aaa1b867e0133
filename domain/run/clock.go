package run

import (
	"cmp"
	"math"
	"slices"

	"github.com/runvs/runvs/domain/geo"
)

// clock is what the times of a recording say about the clock that wrote them. A
// time that does not fit says something of the clock, not of the runner, so the
// path is kept wherever an order can be told.
type clock struct {
	changed bool // it was set back or on within the run; a part was moved to the other's time
	strays  int  // how often a few fixes were dropped, because their times fit nowhere
	odd     int  // steps back in time, and times that repeat far away
	of      int  // fixes in all
	moved   []piece
}

// unreliable reports whether the order itself is in doubt.
func (c clock) unreliable(share float64) bool { return float64(c.odd) > share*float64(c.of) }

// piece is the fixes [from, to) between two steps of the clock. Shift is what was
// added to their times, in milliseconds.
type piece struct {
	from, to    int
	first, last int64 // times, before the shift
	shift       int64
}

// onOneClock returns fixes in order of time, on one time line: that of the longest
// piece. A recording that is newest first is turned round. Strays are dropped.
// Pieces that the file holds out of order, or twice, are put in order of time when
// the path says so; else the clock was changed between them, and the others move.
// It works in the slice that it is given.
func onOneClock(w *work, fixes []Fix) ([]Fix, clock) {
	fixes = dropRepeats(w, fixes)
	if newestFirst(w, fixes) {
		slices.Reverse(fixes)
	}
	c := clock{of: len(fixes)}
	fixes, c.odd = dropAtOneTime(w, fixes)
	fixes, c.strays = dropStrays(w, fixes)
	c.odd += c.strays
	fixes = dropStale(w, fixes)
	pieces := cutAtSteps(w, fixes)
	if len(pieces) < 2 || w.err != nil {
		return fixes, c
	}
	if sorted, ok := inOrderOfTime(w, fixes, pieces); ok {
		return sorted, c
	}
	c.changed, c.odd = true, c.odd+len(pieces)-2 // one change of the clock is no doubt about the order
	return c.join(w, fixes, pieces), c
}

// dropRepeats drops fixes that say the same as the one before them.
func dropRepeats(w *work, fixes []Fix) []Fix {
	out := fixes[:0]
	for i := 0; i < len(fixes) && w.step(); i++ {
		if i == 0 || fixes[i].Timestamp != out[len(out)-1].Timestamp || fixes[i].Point != out[len(out)-1].Point {
			out = append(out, fixes[i])
		}
	}
	return out
}

// newestFirst reports whether nearly all times go back.
func newestFirst(w *work, fixes []Fix) bool {
	back, on := 0, 0
	for i := 1; i < len(fixes) && w.step(); i++ {
		switch cmp.Compare(fixes[i].Timestamp, fixes[i-1].Timestamp) {
		case -1:
			back++
		case 1:
			on++
		}
	}
	return back > w.rules.StrayFixes && on*10 < back
}

// dropAtOneTime keeps the first of fixes in a row that have one time, and counts
// those of the others that nobody can have come to in less than a second: a watch
// that tells twice of a second means no harm.
func dropAtOneTime(w *work, fixes []Fix) (out []Fix, far int) {
	out = fixes[:0]
	for i := 0; i < len(fixes) && w.step(); i++ {
		if i == 0 || fixes[i].Timestamp != out[len(out)-1].Timestamp {
			out = append(out, fixes[i])
		} else if !surelyWithin(out[len(out)-1].Point, fixes[i].Point, w.rules.RepeatMeters) &&
			geo.Distance(out[len(out)-1].Point, fixes[i].Point) > w.rules.RepeatMeters {
			far++
		}
	}
	return out, far
}

// dropStrays drops up to StrayFixes fixes in a row whose times fit neither what
// is before nor what is behind them, while these fit each other. It returns how often
// the time stepped so.
func dropStrays(w *work, fixes []Fix) (out []Fix, steps int) {
	out = fixes[:0]
	n := len(fixes)
	for i := 0; i < n && w.step(); i++ {
		if len(out) == 0 || fixes[i].Timestamp > out[len(out)-1].Timestamp {
			out = append(out, fixes[i])
			continue
		}
		early := strays(w.rules.StrayFixes, func(k int) bool { return i+k >= n || fixes[i+k].Timestamp > out[len(out)-1].Timestamp })
		late := strays(min(w.rules.StrayFixes, len(out)), func(k int) bool {
			return k == len(out) || out[len(out)-1-k].Timestamp < fixes[i].Timestamp
		})
		switch {
		case late > 0 && (early == 0 || late < early): // a few late ones are before this fix
			out = append(out[:len(out)-late], fixes[i])
			steps++
		case early > 0: // this fix begins a few early ones
			i += early - 1
			steps++
		default: // the clock was set back
			out = append(out, fixes[i])
		}
	}
	return out, steps
}

// strays returns the least number from 1 to most that fits; 0 when there is none.
func strays(most int, fits func(k int) bool) int {
	for k := 1; k <= most; k++ {
		if fits(k) {
			return k
		}
	}
	return 0
}

// cutAtSteps cuts fixes where the time steps back, or on by more than a run lasts
// although the runner went on at the same place, after more than a few fixes. A step
// back that undoes a step on shows that the clock was wrong in between: both are cut.
func cutAtSteps(w *work, fixes []Fix) []piece {
	var pieces []piece
	from := 0
	cut := func(to int) {
		pieces = append(pieces, piece{from: from, to: to, first: fixes[from].Timestamp, last: fixes[to-1].Timestamp})
		from = to
	}
	on := 0 // the fix behind the longest silence since the last cut, at one place; 0 for none
	for i := 1; i < len(fixes) && w.step(); i++ {
		step := fixes[i].Timestamp - fixes[i-1].Timestamp
		switch near := func() bool { return geo.Distance(fixes[i-1].Point, fixes[i].Point) <= w.rules.JointMeters }; {
		case step <= 0:
			if on > from && isBack(fixes[on].Timestamp-fixes[on-1].Timestamp, -step, w.rules.JointMillis) {
				cut(on)
			}
			cut(i)
			on = 0
		case step > MaxRunSeconds*1000 && i-from > w.rules.StrayFixes && near():
			cut(i)
			on = 0
		case step > w.rules.JointMillis && (on == 0 || step > fixes[on].Timestamp-fixes[on-1].Timestamp) && near():
			on = i
		}
	}
	if len(fixes) > 0 {
		cut(len(fixes))
	}
	return pieces
}

// isBack reports whether a step back undoes a step on, but for some milliseconds.
func isBack(on, back, tolerance int64) bool { return max(on-back, back-on) <= tolerance }

// inOrderOfTime returns the fixes sorted by their times if that makes the better
// path: a file's segments may be out of order, or repeat each other. Where the
// path goes on from one piece to the next as it was recorded, the clock was wrong,
// not the order, unless the sorted one goes on as well, and in time, too.
func inOrderOfTime(w *work, fixes []Fix, pieces []piece) ([]Fix, bool) {
	for i := 1; i < len(pieces); i++ {
		if pieces[i].first-pieces[i-1].last > MaxRunSeconds*1000 {
			return nil, false // sorted already, and too far apart
		}
	}
	asRecorded := joints{rules: &w.rules}
	for i := 1; i < len(pieces) && w.step(); i++ {
		asRecorded.add(fixes[pieces[i-1].to-1], fixes[pieces[i].from])
	}
	// The pieces are in order in themselves, so an index by piece sorts stably.
	type ref struct {
		fix   Fix
		piece int
	}
	refs := make([]ref, 0, len(fixes))
	for k, p := range pieces {
		for i := p.from; i < p.to && w.step(); i++ {
			refs = append(refs, ref{fixes[i], k})
		}
	}
	slices.SortStableFunc(refs, func(a, b ref) int { return cmp.Compare(a.fix.Timestamp, b.fix.Timestamp) })
	byTime := joints{rules: &w.rules}
	sorted := refs[:0]
	for i := 0; i < len(refs) && w.step(); i++ {
		r := refs[i]
		if n := len(sorted); n > 0 {
			last := sorted[n-1]
			if r.fix.Timestamp == last.fix.Timestamp {
				byTime.conflict(last.fix, r.fix)
				continue
			}
			if r.piece != last.piece {
				byTime.add(last.fix, r.fix)
			}
		}
		sorted = append(sorted, r)
	}
	if !byTime.better(asRecorded) || w.err != nil {
		return nil, false
	}
	out := fixes[:0]
	for _, r := range sorted {
		out = append(out, r.fix)
	}
	return out, true
}

// joints are the places where a path goes from one piece to another.
type joints struct {
	rules    *MeasureRules
	meters   float64
	farthest float64
	longest  int64 // milliseconds
}

func (j *joints) add(from, to Fix) {
	d := geo.Distance(from.Point, to.Point)
	j.meters, j.farthest = j.meters+d, max(j.farthest, d)
	j.longest = max(j.longest, to.Timestamp-from.Timestamp)
}

// conflict is two places at one time.
func (j *joints) conflict(a, b Fix) {
	if d := geo.Distance(a.Point, b.Point); d > j.rules.RepeatMeters {
		j.meters, j.farthest = j.meters+2*d, max(j.farthest, d)
	}
}

// better reports whether the order of time explains the path better than the order
// of recording.
func (j *joints) better(asRecorded joints) bool {
	if asRecorded.farthest <= j.rules.JointMeters {
		return j.farthest <= j.rules.JointMeters && j.longest <= j.rules.JointMillis && j.meters <= asRecorded.meters+j.rules.JointMeters
	}
	return j.meters < asRecorded.meters
}

// join moves pieces in time so that each goes on where the one before it ended, and
// drops what no time can be written for.
func (c *clock) join(w *work, fixes []Fix, pieces []piece) []Fix {
	var cut []piece // pieces, cut again where the clock was set right
	end := pieces[0].first - 1
	var shift int64
	for k, p := range pieces {
		if k > 0 {
			shift = shiftAfter(end, p.first, pace(fixes, pieces[k-1]), w.rules.JointMillis)
		}
		from := p.from
		for i := p.from; i < p.to && w.step(); i++ {
			// A clock that was set back is set on again: what follows is on time.
			if t := fixes[i].Timestamp; i > from && shift > 0 && t > end && t-fixes[i-1].Timestamp > shift/2 {
				cut = append(cut, piece{from: from, to: i, first: fixes[from].Timestamp, last: fixes[i-1].Timestamp, shift: shift})
				from, shift = i, 0
			}
			end = fixes[i].Timestamp + shift
		}
		cut = append(cut, piece{from: from, to: p.to, first: fixes[from].Timestamp, last: fixes[p.to-1].Timestamp, shift: shift})
	}
	longest := slices.MaxFunc(cut, func(a, b piece) int { return cmp.Compare(a.last-a.first, b.last-b.first) }).shift
	out := fixes[:0]
	for k := range cut {
		p := &cut[k]
		p.shift -= longest
		for i := p.from; i < p.to && w.step(); i++ {
			f := fixes[i]
			if f.Timestamp += p.shift; f.Timestamp >= EarliestTimestamp && f.Timestamp <= LatestTimestamp {
				out = append(out, f)
			}
		}
	}
	c.moved = cut
	return out
}

// shiftAfter returns what must be added to first so that it goes on after end:
// nothing, when the clock was set right again, else what makes it follow a step
// later.
func shiftAfter(end, first, step, joint int64) int64 {
	if first > end && first-end <= joint {
		return 0
	}
	return end + step - first
}

// pace is the time between the last two fixes of a piece, a second if it has one,
// within a second and a minute.
func pace(fixes []Fix, p piece) int64 {
	if p.to-p.from < 2 {
		return 1000
	}
	return min(max(fixes[p.to-1].Timestamp-fixes[p.to-2].Timestamp, 1000), 60_000)
}

// pauses moves sent pauses as the fixes were moved that were recorded around them:
// the beginning as what was before it, the end as what came behind. A clock that was
// changed more than MovedPieces times says nothing of pauses.
func (c clock) pauses(w *work, sent []span) []span {
	if len(c.moved) == 0 || len(c.moved) > w.rules.MovedPieces {
		return sent
	}
	out := sent[:0]
	for i := 0; i < len(sent) && w.step(); i++ {
		s := sent[i]
		from, to := c.nearest(w, s.from, func(p piece) int64 { return p.last }), c.nearest(w, s.to, func(p piece) int64 { return p.first })
		if s.from, s.to = s.from+from, s.to+to; s.to >= s.from {
			out = append(out, s)
		}
	}
	return out
}

// nearest returns how far the piece was moved that a time lies in, else the one with
// the nearest edge.
func (c clock) nearest(w *work, t int64, edge func(piece) int64) (shift int64) {
	off := int64(math.MaxInt64)
	for k := 0; k < len(c.moved) && w.step(); k++ {
		p := c.moved[k]
		d := edge(p) - t
		if p.first < t && t < p.last {
			d = 0
		}
		if d = max(d, -d); d < off {
			shift, off = p.shift, d
		}
	}
	return shift
}

// dropStale drops up to StrayFixes fixes at either end when the time between them
// and their neighbour is longer than StaleSeconds: a receiver remembered an earlier
// day, or woke up again much later.
func dropStale(w *work, fixes []Fix) []Fix {
	strays := w.rules.StrayFixes
	apart := func(i int) bool { return fixes[i-1].Seconds(fixes[i]) > w.rules.StaleSeconds }
	for n := min(strays, len(fixes)-1); n > 0; n-- {
		if apart(n) {
			fixes = fixes[n:]
			break
		}
	}
	for n := max(1, len(fixes)-strays); n < len(fixes); n++ {
		if apart(n) {
			fixes = fixes[:n]
			break
		}
	}
	return fixes
}
