package run

import (
	"context"
	"math"
	"slices"

	"github.com/runvs/runvs/domain/geo"
)

// Filter returns the fixes that a record is made of, on one clock and in order of
// time: without duplicates, strays in time, stale ends, places at 0° N 0° E, more
// than MaxFixesPerSecond, fixes of bad accuracy where better ones exist, spikes, and
// the jitter of a standstill. It never drops more than it must: a jump that does not
// come back, bad fixes where there are no others, and slow walking stay. The input
// is not changed. The error is the context's.
func Filter(ctx context.Context, fixes []Fix, cfg FilterConfig) ([]Fix, error) {
	w := newWork(ctx)
	recorded, _ := clean(w, slices.Clone(fixes), cfg)
	usable, _ := dropJitter(w, recorded, cfg)
	return usable, w.err
}

// repairs is what was odd about a recording, and mended.
type repairs struct {
	clock      clock
	nullIsland int // fixes at 0° N 0° E that were dropped
}

// clean is Filter without its last step, the jitter of a standstill. Like each step
// of the filter, it works in the slice that it is given.
func clean(w *work, fixes []Fix, cfg FilterConfig) ([]Fix, repairs) {
	var r repairs
	fixes, r.nullIsland = dropNullIsland(w, fixes)
	fixes, r.clock = onOneClock(w, fixes)
	return dropSpikes(w, dropInaccurate(w, thin(w, fixes), cfg), cfg), r
}

// nullIslandDegrees is how near 0° N 0° E a broken receiver's place is.
const nullIslandDegrees = 1e-4

// dropNullIsland drops the fixes at 0° N 0° E, as broken receivers say, unless the
// run passes there.
func dropNullIsland(w *work, fixes []Fix) (out []Fix, dropped int) {
	nowhere := func(f Fix) bool {
		return math.Abs(f.Point.Lat()) < nullIslandDegrees && math.Abs(f.Point.Lng()) < nullIslandDegrees
	}
	near := func(fixes []Fix, i int) bool {
		return i >= 0 && i < len(fixes) && geo.Distance(fixes[i].Point, geo.Point{}) <= MaxLegMeters
	}
	out = fixes[:0]
	for i := 0; i < len(fixes) && w.step(); {
		if !nowhere(fixes[i]) {
			out = append(out, fixes[i])
			i++
			continue
		}
		end := i
		for end < len(fixes) && nowhere(fixes[end]) && w.step() {
			end++
		}
		if i == 0 && end == len(fixes) || near(out, len(out)-1) || near(fixes, end) {
			out = append(out, fixes[i:end]...)
		}
		i = end
	}
	return out, len(fixes) - len(out)
}

// thin keeps MaxFixesPerSecond of a second of the clock that has more: the first
// of each equal part of it. The run's last fix stays, in place of its neighbour.
func thin(w *work, fixes []Fix) []Fix {
	const part = 1000 / MaxFixesPerSecond
	if len(fixes) == 0 {
		return fixes
	}
	out, last := fixes[:0], fixes[len(fixes)-1]
	for from, to := 0, 0; from < len(fixes); from = to {
		second := fixes[from].Timestamp / 1000
		for to < len(fixes) && fixes[to].Timestamp/1000 == second && w.step() {
			to++
		}
		if w.err != nil {
			break
		}
		if to-from <= MaxFixesPerSecond {
			out = append(out, fixes[from:to]...)
			continue
		}
		for i := from; i < to; i++ {
			if f := fixes[i]; i == from || f.Timestamp/part != out[len(out)-1].Timestamp/part {
				out = append(out, f)
			}
		}
	}
	if len(out) > 0 {
		out[len(out)-1] = last
	}
	return out
}

// dropInaccurate drops a bad fix when the good ones around it leave no
// recording gap without it.
func dropInaccurate(w *work, fixes []Fix, cfg FilterConfig) []Fix {
	good := func(f Fix) bool { return !Has(f.Accuracy) || f.Accuracy <= cfg.MaxAccuracyMeters }
	next := slices.IndexFunc(fixes, good) // the first good fix at or after i
	if next < 0 {
		return fixes
	}
	out := fixes[:0]
	var before Fix // the good fix before i, if there is one
	known := false
	for i := 0; i < len(fixes) && w.step(); i++ {
		f := fixes[i]
		if good(f) {
			before, known = f, true
			out = append(out, f)
			continue
		}
		for next < len(fixes) && (next < i || !good(fixes[next])) && w.step() {
			next++
		}
		from, to := f, f
		if known {
			from = before
		}
		if next < len(fixes) {
			to = fixes[next]
		}
		if from.Seconds(to) > cfg.GapSeconds {
			out = append(out, f)
		}
	}
	return out
}

// dropSpikes drops excursions: fixes reached by an impossible jump and left by
// another within MaxSpikeSeconds. A jump that does not come back stays, because
// nobody can say which side is wrong. The exception is a few fixes at either end.
func dropSpikes(w *work, fixes []Fix, cfg FilterConfig) []Fix {
	jumps := jumpsIn(w, fixes, cfg)
	kept := make([]int32, 0, len(fixes)) // indices of fixes
	lastJump := 0                        // index in kept of the first fix after the last jump that stayed
	for i := 0; i < len(fixes) && w.step(); i++ {
		if len(kept) > 0 && jumps[i] {
			if back := comesBack(w, fixes[kept[len(kept)-1]], fixes, jumps, i, cfg); back > 0 {
				i = back
			} else {
				if len(kept) <= w.rules.StrayEndFixes {
					kept = kept[:0]
				}
				lastJump = len(kept)
			}
		}
		kept = append(kept, int32(i)) // MaxSessionFixes
	}
	if tail := len(kept) - lastJump; lastJump > 0 && tail <= w.rules.StrayEndFixes {
		kept = kept[:lastJump]
	}
	if len(kept) < 2 {
		return fixes // jumps are all there is
	}
	for k, i := range kept {
		fixes[k] = fixes[i]
	}
	return fixes[:len(kept)]
}

// jumpsIn says of each fix whether an impossible jump leads to it.
func jumpsIn(w *work, fixes []Fix, cfg FilterConfig) []bool {
	jumps := make([]bool, len(fixes))
	var from geo.Place
	for i := 0; i < len(fixes) && w.step(); i++ {
		to := geo.PlaceOf(fixes[i].Point)
		if i > 0 {
			_, reachable := from.DistanceWithin(to, reach(fixes[i-1], fixes[i], cfg))
			jumps[i] = !reachable
		}
		from = to
	}
	return jumps
}

// comesBack returns the fix with which an excursion from home ends: an impossible
// jump leads to it, and it is within reach of home. It returns 0 when there is none.
func comesBack(w *work, home Fix, fixes []Fix, jumps []bool, begin int, cfg FilterConfig) int {
	from, tried := geo.PlaceOf(home.Point), 0
	for j := begin + 1; j < len(fixes) && tried < w.rules.MaxSpikeJumps && fixes[begin].Seconds(fixes[j]) <= cfg.MaxSpikeSeconds && w.step(); j++ {
		if !jumps[j] {
			continue
		}
		if _, reachable := from.DistanceWithin(geo.PlaceOf(fixes[j].Point), reach(home, fixes[j], cfg)); reachable {
			return j
		}
		tried++
	}
	return 0
}

// reach is how far from a the next fix b can be.
func reach(a, b Fix, cfg FilterConfig) float64 {
	return cfg.MaxSpeedMS*a.Seconds(b) + cfg.JumpToleranceMeters
}

// dropJitter drops the fixes inside a standstill but its first and last. A
// receiver at rest wanders: over ten minutes its steps add up to hundreds of
// metres that nobody ran. The means over blocks of time show the difference: those
// of a runner move, even in a small circle. It returns the standstills as well.
func dropJitter(w *work, fixes []Fix, cfg FilterConfig) ([]Fix, []span) {
	var stood []span
	blocks := cutBlocks(w, fixes, cfg.StandingBlockSeconds)
	out := fixes[:0]
	for i := 0; i < len(blocks); {
		n := standstill(w, blocks[i:], cfg)
		if n < cfg.StandingMinBlocks {
			out = append(out, fixes[blocks[i].from:blocks[i].to]...)
			i++
			continue
		}
		first, last := fixes[blocks[i].from], fixes[blocks[i+n-1].to-1]
		stood = append(stood, span{first.Timestamp, last.Timestamp})
		out = append(out, first, last)
		i += n
	}
	return out, stood
}

// block is the fixes [from, to) of one stretch of time, with their mean place.
type block struct {
	from, to int
	index    int64 // blocks next to each other in time have neighbouring indices
	mean     geo.Point
}

func cutBlocks(w *work, fixes []Fix, seconds float64) []block {
	if len(fixes) == 0 {
		return nil
	}
	index := func(f Fix) int64 { return int64(fixes[0].Seconds(f) / seconds) }
	blocks := make([]block, 0, max(0, min(int64(len(fixes)), index(fixes[len(fixes)-1])+1)))
	for i := 0; i < len(fixes) && w.step(); {
		b := block{from: i, index: index(fixes[i]), mean: fixes[i].Point}
		for i++; i < len(fixes) && index(fixes[i]) == b.index && w.step(); i++ {
			b.mean = b.mean.Interpolate(fixes[i].Point, 1/float64(i-b.from+1))
		}
		b.to = i
		blocks = append(blocks, b)
	}
	return blocks
}

// standstill returns how many of the blocks, from the first on, are one standstill.
func standstill(w *work, blocks []block, cfg FilterConfig) int {
	mean := blocks[0].mean
	n := 1
	for ; n < len(blocks) && w.step(); n++ {
		_, near := geo.PlaceOf(mean).DistanceWithin(geo.PlaceOf(blocks[n].mean), cfg.StandingRadiusMeters)
		if !near || blocks[n].index != blocks[n-1].index+1 {
			break
		}
		mean = mean.Interpolate(blocks[n].mean, 1/float64(n+1))
	}
	return n
}
