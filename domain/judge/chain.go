package judge

import "slices"

// chain is the state of the dynamic programme: the places kept of every fix, and
// where the cheapest way to each of them comes from.
type chain struct {
	rules  *AlignmentRules
	starts float64 // up to this progress a lap begins
	ends   float64 // and from this on it ends

	kept   []uint8 // how many places of each fix
	blocks []block
	last   int // the last fix with places; -1 before the first
	left   int // fixes that are still to come

	here   []place // near the fix at hand
	ways   []way   // to the places kept of the last fix, in order of progress
	priced []way   // to the places of the fix at hand
	scratch
}

// scratch is room that is used again for each fix.
type scratch struct {
	costs   []float64
	sorted  []way
	reached []window
}

// way is the cheapest way to a place.
type way struct {
	progress float64
	cost     float64
	from     uint8 // which of the ways before it comes from
}

// block holds what is kept of the ways to the places of many fixes in a row. It
// does not grow: a chain grows by blocks, so that nothing is copied.
type block struct {
	progress []float64
	from     []uint8
}

// blockFixes is how many fixes with maxPlaces a block has room for.
const blockFixes = 1024

func newBlock(places int) block {
	return block{make([]float64, 0, places), make([]uint8, 0, places)}
}

// newChain makes room for as many places as most runs need.
func newChain(c *Course, fixes int) *chain {
	start, finish := c.gates()
	return &chain{
		rules: &c.rules.Alignment, starts: start.to, ends: finish.from, last: -1, left: fixes,
		kept: make([]uint8, fixes), blocks: []block{newBlock(fixes + fixes/2 + maxPlaces)},
		here: make([]place, 0, 16), ways: make([]way, 0, 16), priced: make([]way, 0, 16),
	}
}

// leg measures the way from the last fix with places to fix i.
func (ch *chain) leg(fixes []aligned, i int) leg {
	if ch.last < 0 {
		return leg{}
	}
	return ch.rules.leg(&fixes[ch.last], &fixes[i], ch.last+1 == i)
}

// extend prices the ways to the places here, of fix i, and keeps those that
// matter.
func (ch *chain) extend(l leg, i int) {
	ch.priced = ch.priced[:0]
	if ch.last < 0 {
		ch.begin()
	} else {
		ch.price(l)
	}
	ch.last = i
	ch.keep(i)
}

// begin prices ways that begin here.
func (ch *chain) begin() {
	for _, p := range ch.here {
		cost := ch.rules.ofPlace(p)
		if p.progress > ch.starts {
			cost += ch.rules.ElsewhereCost
		}
		ch.priced = append(ch.priced, way{progress: p.progress, cost: cost})
	}
}

// price finds the cheapest way to each place from those to the places before.
func (ch *chain) price(l leg) {
	rules, there := ch.rules, ch.ways
	cheapest := ch.cheapest() // a leap may come from anywhere, so from the cheapest
	ended := -1               // the cheapest place at the end of a lap
	for j := len(there) - 1; j >= 0 && there[j].progress >= ch.ends; j-- {
		if ended < 0 || there[j].cost < there[ended].cost {
			ended = j
		}
	}
	weight := min(1, l.run/rules.IndependentMeters)
	window := rules.farthest(l)
	low := 0
	for _, p := range ch.here {
		best, via := there[cheapest].cost+rules.JumpCost, cheapest
		if ended >= 0 && p.progress <= ch.starts && there[ended].cost+rules.RestartCost < best {
			best, via = there[ended].cost+rules.RestartCost, ended
		}
		for low < len(there) && there[low].progress < p.progress-window {
			low++
		}
		for j := low; j < len(there) && there[j].progress <= p.progress+window; j++ {
			if there[j].cost >= best {
				continue
			}
			if cost := there[j].cost + rules.ofStep(l, p.progress-there[j].progress); cost < best {
				best, via = cost, j
			}
		}
		ch.priced = append(ch.priced, way{p.progress, best + weight*rules.ofPlace(p), uint8(via)}) // under maxPlaces
	}
}

// keep keeps the ways that matter, of fix i. One that costs as much as a leap
// from the cheapest never matters again. Of the others the cheapest maxPlaces
// are kept: on the laps of a track all places are equally near, and what tells
// the right one is how the runner came there.
func (ch *chain) keep(i int) {
	limit := ch.priced[0].cost
	for _, w := range ch.priced {
		limit = min(limit, w.cost)
	}
	limit += ch.rules.JumpCost
	dear := maxPlaces // how many of those that cost just the limit may be kept
	if len(ch.priced) > maxPlaces {
		limit, dear = ch.costLimit(limit)
	}
	b := ch.block()
	ch.ways = ch.ways[:0]
	for _, w := range ch.priced {
		if w.cost > limit || w.cost == limit && dear == 0 {
			continue
		}
		if w.cost == limit {
			dear--
		}
		ch.ways = append(ch.ways, w)
		b.progress, b.from = append(b.progress, w.progress), append(b.from, w.from)
	}
	ch.kept[i] = uint8(len(ch.ways)) // at most maxPlaces
	ch.left = len(ch.kept) - i - 1
}

// costLimit returns the cost of the dearest way to be kept, which is no more than
// limit, and how many of that cost there is room for.
func (ch *chain) costLimit(limit float64) (float64, int) {
	ch.costs = ch.costs[:0]
	for _, w := range ch.priced {
		ch.costs = append(ch.costs, w.cost)
	}
	slices.Sort(ch.costs)
	limit = min(limit, ch.costs[maxPlaces-1])
	cheaper, _ := slices.BinarySearch(ch.costs, limit)
	return limit, maxPlaces - cheaper
}

// block returns the block that has room for the places of one more fix.
func (ch *chain) block() *block {
	b := &ch.blocks[len(ch.blocks)-1]
	if cap(b.from)-len(b.from) < maxPlaces {
		ch.blocks = append(ch.blocks, newBlock(maxPlaces*min(blockFixes, ch.left)))
		b = &ch.blocks[len(ch.blocks)-1]
	}
	return b
}

// cheapest returns the cheapest of the ways so far, the first of several.
func (ch *chain) cheapest() int {
	best := 0
	for j, w := range ch.ways {
		if w.cost < ch.ways[best].cost {
			best = j
		}
	}
	return best
}

// window is a stretch of the course.
type window struct{ from, to float64 } // metres from the start

// windows returns where the ways so far lead within a leg for less than a leap,
// the cheapest way first.
func (ch *chain) windows(l leg) []window {
	ch.sorted, ch.reached = append(ch.sorted[:0], ch.ways...), ch.reached[:0]
	slices.SortStableFunc(ch.sorted, func(a, b way) int { return compare(a.cost, b.cost) })
	for _, w := range ch.sorted {
		slack := ch.rules.SlackMeters * (ch.rules.JumpCost - (w.cost - ch.sorted[0].cost))
		ch.reached = append(ch.reached, window{w.progress - slack, w.progress + l.run + slack})
	}
	return ch.reached
}

// compare is cmp.Compare without its care for NaN, in half the time.
func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// trace walks the cheapest way back and puts it on the fixes.
func (ch *chain) trace(out []aligned) {
	if ch.last < 0 {
		return
	}
	best := ch.cheapest()
	k := len(ch.blocks) - 1
	end := len(ch.blocks[k].from)
	for i := ch.last; i >= 0; i-- {
		n := int(ch.kept[i])
		if n == 0 {
			continue
		}
		if end == 0 {
			k--
			end = len(ch.blocks[k].from)
		}
		b := &ch.blocks[k]
		end -= n
		out[i].progress = b.progress[end+best]
		best = int(b.from[end+best])
	}
}
