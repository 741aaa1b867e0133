package run

import (
	"github.com/runvs/runvs/domain/geo"
)

// Filter returns the fixes that a record is made of, in order of time: without
// duplicates, steps back in time, fixes of bad accuracy where better ones
// exist, spikes, and the jitter of a standstill. It drops never more than it
// must: a jump that does not come back, bad fixes that are all there is, and
// slow walking stay. The input is not changed.
func Filter(fixes []Fix, cfg FilterConfig) []Fix { return dropJitter(clean(fixes, cfg), cfg) }

// clean is Filter but for the jitter of a standstill.
func clean(fixes []Fix, cfg FilterConfig) []Fix {
	return dropSpikes(dropInaccurate(inOrder(fixes), cfg), cfg)
}

// strayFixes is how many fixes out of order are strays. More of them in a row
// mean that the clock was set back.
const strayFixes = 5

// inOrder drops duplicates and strays in time. Where the clock was set back and
// stays back, it moves the rest on, so that the run goes on one second later
// and nothing of its path is lost.
func inOrder(fixes []Fix) []Fix {
	out := make([]Fix, 0, len(fixes))
	var shift int64
	for i, f := range fixes {
		f.Timestamp += shift
		if len(out) == 0 || f.Timestamp > out[len(out)-1].Timestamp {
			out = append(out, f)
			continue
		}
		last := out[len(out)-1].Timestamp
		if f.Timestamp == last || clockRecovers(fixes[i:], last-shift) {
			continue
		}
		add := last + 1000 - f.Timestamp
		shift += add
		f.Timestamp += add
		out = append(out, f)
	}
	return out
}

// clockRecovers reports whether one of the next fixes is later than last.
func clockRecovers(rest []Fix, last int64) bool {
	for i := 1; i <= strayFixes && i < len(rest); i++ {
		if rest[i].Timestamp > last {
			return true
		}
	}
	return len(rest) <= strayFixes // strays at the very end
}

// stepsBack counts the fixes that are earlier than the one before them.
func stepsBack(fixes []Fix) int {
	n := 0
	for i := 1; i < len(fixes); i++ {
		if fixes[i].Timestamp < fixes[i-1].Timestamp {
			n++
		}
	}
	return n
}

// dropInaccurate drops a bad fix when the good ones around it leave no
// recording gap without it.
func dropInaccurate(fixes []Fix, cfg FilterConfig) []Fix {
	good := func(f Fix) bool { return !Has(f.Accuracy) || f.Accuracy <= cfg.MaxAccuracyMeters }
	nextGood := make([]int, len(fixes)+1) // index of the first good fix at or after i
	nextGood[len(fixes)] = -1
	for i := len(fixes) - 1; i >= 0; i-- {
		nextGood[i] = nextGood[i+1]
		if good(fixes[i]) {
			nextGood[i] = i
		}
	}
	if len(fixes) == 0 || nextGood[0] < 0 {
		return fixes
	}
	out := fixes[:0:0]
	prev := -1
	for i, f := range fixes {
		if good(f) {
			prev = i
			out = append(out, f)
			continue
		}
		from, to := f, f
		if prev >= 0 {
			from = fixes[prev]
		}
		if next := nextGood[i]; next >= 0 {
			to = fixes[next]
		}
		if from.Seconds(to) > cfg.GapSeconds {
			out = append(out, f)
		}
	}
	return out
}

// strayEndFixes is how many fixes before the first or after the last jump are
// taken for a receiver that had not found itself yet, or had lost itself.
const strayEndFixes = 3

// dropSpikes drops excursions: fixes reached by an impossible jump and left by
// another within MaxSpikeSeconds. A jump that does not come back stays, for
// then nobody can say which side is wrong; but for a few fixes at either end.
func dropSpikes(fixes []Fix, cfg FilterConfig) []Fix {
	out := fixes[:0:0]
	lastJump := 0 // index in out of the first fix after the last jump that stayed
	for i := 0; i < len(fixes); i++ {
		if len(out) == 0 || reachable(out[len(out)-1], fixes[i], cfg) {
			out = append(out, fixes[i])
			continue
		}
		if back := comesBack(out[len(out)-1], fixes[i:], cfg); back > 0 {
			i += back - 1
			continue
		}
		if len(out) <= strayEndFixes {
			out = out[:0]
		}
		lastJump = len(out)
		out = append(out, fixes[i])
	}
	if tail := len(out) - lastJump; lastJump > 0 && tail <= strayEndFixes {
		out = out[:lastJump]
	}
	return out
}

// comesBack returns after how many fixes of an excursion one lies within reach
// of home again, by another impossible jump; 0 when none does.
func comesBack(home Fix, excursion []Fix, cfg FilterConfig) int {
	for j := 1; j < len(excursion) && excursion[0].Seconds(excursion[j]) <= cfg.MaxSpikeSeconds; j++ {
		if !reachable(excursion[j-1], excursion[j], cfg) && reachable(home, excursion[j], cfg) {
			return j
		}
	}
	return 0
}

func reachable(a, b Fix, cfg FilterConfig) bool {
	return geo.Distance(a.Point, b.Point) <= cfg.MaxSpeedMS*a.Seconds(b)+cfg.JumpToleranceMeters
}

// dropJitter drops the fixes inside a standstill but its first and last. A
// receiver at rest wanders: over ten minutes its steps add up to hundreds of
// metres that nobody ran. Means over blocks of time tell wandering from
// running, even in a small circle: the means of a runner move.
func dropJitter(fixes []Fix, cfg FilterConfig) []Fix {
	blocks := cutBlocks(fixes, cfg.StandingBlockSeconds)
	out := fixes[:0:0]
	for i := 0; i < len(blocks); {
		n := standing(blocks[i:], cfg)
		if n < cfg.StandingMinBlocks {
			out = append(out, fixes[blocks[i].from:blocks[i].to]...)
			i++
			continue
		}
		out = append(out, fixes[blocks[i].from], fixes[blocks[i+n-1].to-1])
		i += n
	}
	return out
}

// block is the fixes [from, to) of one stretch of time, with their mean place.
type block struct {
	from, to int
	index    int64 // blocks next to each other in time have neighbouring indices
	mean     geo.Point
}

func cutBlocks(fixes []Fix, seconds float64) []block {
	var blocks []block
	for i := 0; i < len(fixes); {
		index := int64(fixes[0].Seconds(fixes[i]) / seconds)
		b := block{from: i, index: index, mean: fixes[i].Point}
		for i++; i < len(fixes) && int64(fixes[0].Seconds(fixes[i])/seconds) == index; i++ {
			b.mean = b.mean.Interpolate(fixes[i].Point, 1/float64(i-b.from+1))
		}
		b.to = i
		blocks = append(blocks, b)
	}
	return blocks
}

// standing returns how many of the blocks, from the first on, are one standstill.
func standing(blocks []block, cfg FilterConfig) int {
	mean := blocks[0].mean
	for n := 1; n < len(blocks); n++ {
		if blocks[n].index != blocks[n-1].index+1 || geo.Distance(mean, blocks[n].mean) > cfg.StandingRadiusMeters {
			return n
		}
		mean = mean.Interpolate(blocks[n].mean, 1/float64(n+1))
	}
	return len(blocks)
}
