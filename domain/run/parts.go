package run

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/geo"
)

// BreakKind says what a break of a run is.
type BreakKind string

// The kinds of breaks, as sent and stored.
const (
	// Declared breaks were sent by the phone, or stand in the file: a pause, the end
	// of a segment, a timer that was stopped. Nothing was run in them.
	Declared BreakKind = "declared"
	// Gap is a silence of the recorder in which nobody can have run, or a leap.
	Gap BreakKind = "gap"
	// Standstill is the runner at rest with the timer running: its seconds count as
	// moving time, as those of a watch do.
	Standstill BreakKind = "standstill"
)

// Break is a stretch of time between two parts of a run, or a standstill.
type Break struct {
	StartedAt      time.Time
	EndedAt        time.Time
	Kind           BreakKind
	DistanceMeters float64 // between its ends, along what was recorded; not run
}

// span is a stretch of time in Unix milliseconds.
type span struct{ from, to int64 }

func (s span) length() int64 { return s.to - s.from }

// spanOf returns the time of a pause.
func spanOf(p Pause) span { return span{p.StartedAt.UnixMilli(), p.EndedAt.UnixMilli()} }

// rest is a break while a run is measured.
type rest struct {
	span
	kind   BreakKind
	meters float64
}

// within returns the milliseconds of a span that lie in [from, to].
func (s span) within(from, to int64) int64 { return max(0, min(s.to, to)-max(s.from, from)) }

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

// gaps returns the times between neighbouring fixes in which nobody can have run,
// and whether some of them are leaps. They are looked for in the whole recording,
// because the filter leaves few fixes of a standstill, and standing still is no gap.
func gaps(w *work, recorded []Fix, cfg FilterConfig) (out []span, leapt bool) {
	for i := 1; i < len(recorded) && w.step(); i++ {
		a, b := recorded[i-1], recorded[i]
		seconds := a.Seconds(b)
		silent := seconds > cfg.GapSeconds
		most := min(reach(a, b, cfg), MaxLegMeters)
		if !silent && surelyWithin(a.Point, b.Point, most) {
			continue
		}
		meters, reachable := geo.PlaceOf(a.Point).DistanceWithin(geo.PlaceOf(b.Point), most)
		leapt = leapt || !reachable
		if reachable && (!silent || w.ranThrough(recorded, i, meters/seconds, cfg)) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].to == a.Timestamp {
			out[n-1].to = b.Timestamp
		} else {
			out = append(out, span{a.Timestamp, b.Timestamp})
		}
	}
	return out, leapt
}

// surelyWithin reports whether two places are so near each other that no exact
// distance is needed to know that they lie within so many metres.
func surelyWithin(a, b geo.Point, meters float64) bool {
	const degree = 111_700 // metres, the longest of the ellipsoid
	return (math.Abs(a.Lat()-b.Lat())+math.Abs(a.Lng()-b.Lng()))*degree <= meters
}

// ranThrough reports whether somebody ran on through the silence that ends with
// fix i and was crossed at a speed in m/s.
func (w *work) ranThrough(fixes []Fix, i int, speed float64, cfg FilterConfig) bool {
	if speed > w.rules.GapMaxSpeedMS {
		return false
	}
	return speed >= cfg.GapSpeedMS || fixes[i-1].Seconds(fixes[i]) <= w.rules.GapMovingSeconds && w.movedAround(fixes, i, cfg)
}

// movedAround reports whether the runner moved right before and right behind the
// silence that ends with fix i.
func (w *work) movedAround(fixes []Fix, i int, cfg FilterConfig) bool {
	moves := func(k int) bool {
		if k < 1 || k >= len(fixes) || fixes[k-1].Seconds(fixes[k]) > cfg.GapSeconds {
			return false
		}
		return geo.Distance(fixes[k-1].Point, fixes[k].Point) >= cfg.GapSpeedMS*fixes[k-1].Seconds(fixes[k])
	}
	return moves(i-1) && moves(i+1)
}

// breaks returns the breaks between the parts of a run, in order and not
// overlapping, clipped to its time: merged pauses that were sent, and gaps. What
// was sent and is a gap as well is declared.
func breaks(w *work, run span, sent, gaps []span) []rest {
	var out []rest
	for len(sent)+len(gaps) > 0 && w.step() {
		var next rest
		if len(gaps) == 0 || len(sent) > 0 && sent[0].from <= gaps[0].from {
			next, sent = rest{span: sent[0], kind: Declared}, sent[1:]
		} else {
			next, gaps = rest{span: gaps[0], kind: Gap}, gaps[1:]
		}
		next.from, next.to = max(next.from, run.from), min(next.to, run.to)
		n := len(out)
		switch {
		case next.to <= next.from:
		case n > 0 && next.from < out[n-1].to:
			out[n-1].to = max(out[n-1].to, next.to)
			if next.kind == Declared {
				out[n-1].kind = Declared
			}
		default:
			out = append(out, next)
		}
	}
	return out
}

// timeline is a run as it counts: at each fix how far the runner had come, in
// metres, and for how many seconds of moving time. A break counts neither metres nor
// seconds, so no part of the run is ever faster than its fixes.
type timeline struct {
	along, moving []float64
	breaks        []rest
}

// follow adds up the legs between fixes. A leg that lies partly in a break counts
// with the share of its time that does not.
func follow(w *work, fixes []Fix, between []rest, cfg FilterConfig) timeline {
	t := timeline{make([]float64, len(fixes)), make([]float64, len(fixes)), between}
	from, k := geo.PlaceOf(fixes[0].Point), 0
	steady := steadied(w, fixes, cfg)
	for i := 1; i < len(fixes) && w.step(); i++ {
		a, b := fixes[i-1].Timestamp, fixes[i].Timestamp
		to := geo.PlaceOf(steady(i))
		meters, ok := from.DistanceWithin(to, MaxRunMeters)
		if !ok {
			meters = MaxRunMeters
		}
		from = to
		for k < len(between) && between[k].to <= a && w.step() {
			k++
		}
		counts := b - a
		for j := k; j < len(between) && between[j].from < b && w.step(); j++ {
			within := between[j].within(a, b)
			between[j].meters += meters * float64(within) / float64(b-a)
			counts -= within
		}
		t.along[i] = t.along[i-1] + meters*float64(counts)/float64(b-a)
		t.moving[i] = t.moving[i-1] + float64(counts)/1000
	}
	return t
}

// steadied returns the places that distance is measured between: each fix moved
// sideways to the parabola through it and five neighbours on either side, where these
// are at most SteadySeconds apart and none leaps (Savitzky and Golay, Anal Chem
// 36:1627, 1964). A receiver errs by some decimetres from second to second, to either
// side, and the zigzag is longer than the way. Bends stay as they are, and so does
// the speed, for nothing is moved along the way.
func steadied(w *work, fixes []Fix, cfg FilterConfig) func(i int) geo.Point {
	weights := [...]float64{-36, 9, 44, 69, 84, 89, 84, 69, 44, 9, -36}
	const sum, half = 429, len(weights) / 2
	follows := make([]bool, len(fixes)) // whether a fix is a plain step behind the one before
	for i := 1; i < len(fixes) && w.step(); i++ {
		a, b := fixes[i-1], fixes[i]
		follows[i] = a.Seconds(b) <= w.rules.SteadySeconds && surelyWithin(a.Point, b.Point, reach(a, b, cfg))
	}
	return func(i int) geo.Point {
		here := fixes[i].Point
		if i < half || i+half >= len(fixes) {
			return here
		}
		for k := i - half + 1; k <= i+half; k++ {
			if !follows[k] {
				return here
			}
		}
		// On a plane whose unit is a degree of latitude.
		narrow := math.Cos(here.Lat() * math.Pi / 180)
		at := func(k int) (x, y float64) {
			p := fixes[i-half+k].Point
			return (p.Lng() - here.Lng()) * narrow, p.Lat() - here.Lat()
		}
		x, y := 0.0, 0.0
		for k, weight := range weights {
			kx, ky := at(k)
			x, y = x+weight*kx/sum, y+weight*ky/sum
		}
		fromX, fromY := at(half - 1)
		toX, toY := at(half + 1)
		alongX, alongY := toX-fromX, toY-fromY
		length := alongX*alongX + alongY*alongY
		if length == 0 || narrow == 0 {
			return here
		}
		back := (x*alongX + y*alongY) / length
		p, err := geo.NewPoint(here.Lat()+y-back*alongY, here.Lng()+(x-back*alongX)/narrow)
		if err != nil { // beyond a pole, or 180°
			return here
		}
		return p
	}
}

// rests reports whether a fix lies within a break.
func (t timeline) rests(i int) bool {
	return i > 0 && i+1 < len(t.moving) && t.moving[i] == t.moving[i-1] && t.moving[i] == t.moving[i+1]
}

// list returns the breaks as a record tells them, standstills among them that are
// not within a break.
func (t timeline) list(w *work, stood []span) []Break {
	var out []Break
	add := func(r rest) {
		out = append(out, Break{
			StartedAt: time.UnixMilli(r.from).UTC(), EndedAt: time.UnixMilli(r.to).UTC(), Kind: r.kind, DistanceMeters: round(r.meters, 1),
		})
	}
	rests := t.breaks
	for _, s := range stood {
		for len(rests) > 0 && rests[0].from < s.to && w.step() {
			if rests[0].to > s.from {
				s.to = s.from // the break says it
			}
			add(rests[0])
			rests = rests[1:]
		}
		if s.to > s.from {
			add(rest{span: s, kind: Standstill})
		}
	}
	for _, r := range rests {
		add(r)
	}
	return out
}

// pausedRunning reports whether much was run in pauses that were sent: the runner
// forgot to go on, or would rather not have it counted.
func pausedRunning(w *work, recorded []Fix, between []rest, cfg FilterConfig) bool {
	meters := 0.0
	for i, k := 1, 0; i < len(recorded) && w.step(); i++ {
		for k < len(between) && (between[k].to < recorded[i].Timestamp || between[k].kind != Declared) && w.step() {
			k++
		}
		recorded := recorded[i-1 : i+1] // what lies behind a silence was not recorded: a bus, a lift
		if k < len(between) && recorded[0].Timestamp >= between[k].from && recorded[0].Seconds(recorded[1]) <= cfg.GapSeconds {
			meters += geo.Distance(recorded[0].Point, recorded[1].Point)
		}
	}
	return meters > w.rules.PausedRunningMeters
}

// undeclared returns the seconds of a run without its declared breaks.
func undeclared(run span, between []rest) float64 {
	ms := run.length()
	for _, r := range between {
		if r.kind == Declared {
			ms -= r.length()
		}
	}
	return float64(ms) / 1000
}

// resting returns the seconds of standstills that are not in a break.
func resting(stood []span, between []rest) float64 {
	ms := int64(0)
	k := 0
	for _, s := range stood {
		ms += s.length()
		for k < len(between) && between[k].to <= s.from {
			k++
		}
		for j := k; j < len(between) && between[j].from < s.to; j++ {
			ms -= between[j].within(s.from, s.to)
		}
	}
	return float64(ms) / 1000
}

// stretches returns the ranges [from, to) of fixes that a best effort may lie in:
// it goes on over short breaks, and never over a long or far one.
func (t timeline) stretches(w *work, fixes []Fix) [][2]int {
	var out [][2]int
	from, k := 0, 0
	for i := 1; i < len(fixes) && w.step(); i++ {
		far := false
		for k < len(t.breaks) && t.breaks[k].to <= fixes[i].Timestamp && w.step() {
			b := t.breaks[k]
			far = far || float64(b.length()) > 1000*w.rules.EffortBreakSeconds || b.meters > w.rules.EffortBreakMeters
			k++
		}
		if far {
			out, from = append(out, [2]int{from, i}), i
		}
	}
	return append(out, [2]int{from, len(fixes)})
}
