package judge

import (
	"math"
	"slices"
)

// keep keeps the ways that matter, of fix i: the maxPlaces that have explained the
// most of the course for what they cost. On the laps of a track all places are
// equally near, and what tells the right one is how the runner came there.
func (r *reading) keep(i int) {
	if len(r.next) > maxPlaces {
		r.prune()
	}
	r.ways, r.next = r.next, r.ways
	for k := range r.ways {
		w := &r.ways[k]
		w.at = r.kept.add(w)
		r.leaps.add(w, r.run[i].travelled*r.rules.AwayCost)
		if w.covered() > r.best.covered()+1 {
			r.best = *w
		}
		if w.progress >= r.finish.zone && !w.late && !w.landed && r.finish.passes(&r.run[i]) {
			r.arrive(w)
		}
	}
}

// covered is how much of the course a way explains, in metres.
func (w *way) covered() float64 { return w.reached - w.missed }

// finishing is the best way to the finish of those that begin together.
type finishing struct {
	begins, reached      float32 // progress
	cost, missed, unseen float32
	begun, fix, at       int32
	cut                  bool
}

// arrive notes a way from the start to the finish. Of those that begin together it is
// the first one that is as good as the best.
func (r *reading) arrive(w *way) {
	f := finishing{float32(w.start), float32(w.reached), float32(w.cost), float32(w.missed), float32(w.unseen), w.begun, w.fix, w.at, w.cut}
	const lately = 4 // ways of other laps may take turns at the finish
	for k := len(r.finishes) - 1; k >= max(0, len(r.finishes)-lately); k-- {
		other := &r.finishes[k]
		if math.Abs(r.run[w.begun].travelled-r.run[other.begun].travelled) > r.course.rules.Gates.AwayMeters {
			continue
		}
		if f.cost-f.reached < other.cost-other.reached-1 {
			*other = f
		}
		return
	}
	r.finishes = append(r.finishes, f)
}

// room is room that is used again for each fix.
type room struct {
	ranks   []float64
	sorted  []ranked
	moments []moment
	reached []window
}

// rank orders ways: half of the course that they are ahead makes up for what they
// left out.
func (w *way) rank() float64 { return w.cost - w.reached/2 }

// prune drops the ways of the highest ranks.
func (r *reading) prune() {
	r.ranks = r.ranks[:0]
	for k := range r.next {
		r.ranks = append(r.ranks, r.next[k].rank())
	}
	slices.Sort(r.ranks)
	limit := r.ranks[maxPlaces-1]
	lower, _ := slices.BinarySearch(r.ranks, limit)
	ties := maxPlaces - lower // how many of just the limit may stay
	out := r.next[:0]
	for k := range r.next {
		switch rank := r.next[k].rank(); {
		case rank > limit || rank == limit && ties == 0:
			continue
		case rank == limit:
			ties--
		}
		out = append(out, r.next[k])
	}
	r.next = out
}

// window is a stretch of the course.
type window struct{ from, to float64 } // metres from the start

// windows returns where the ways so far lead within a leg, the best way first.
func (r *reading) windows(l leg) []window {
	r.sorted, r.reached = r.sorted[:0], r.reached[:0]
	for k := range r.ways {
		r.sorted = append(r.sorted, ranked{r.ways[k].rank(), k})
	}
	slices.SortStableFunc(r.sorted, func(a, b ranked) int { return compare(a.rank, b.rank) })
	for _, s := range r.sorted {
		w := &r.ways[s.way]
		r.reached = append(r.reached, window{w.reached - r.rules.BackMeters, w.reached + l.most + r.rules.SlackMeters - w.owed})
	}
	return r.reached
}

// ranked is the rank of one of the ways.
type ranked struct {
	rank float64
	way  int
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

// kept is what is kept of all ways: of each its place and how it came there. It
// grows by blocks, so that nothing is copied.
type kept struct {
	blocks [][]link
	n      int32
	first  []int32 // of each fix; one without places has none
}

// link is a place of a way. progress is rounded to centimetres at the end of a
// long course.
type link struct {
	progress float32
	from     int32 // the link before it: begins, an index, or leapt of one
}

// begins is the from of a way's first link.
const begins int32 = -1

// leapt marks a link to which a part of the course was left out.
func leapt(at int32) int32 { return -2 - at }

// before returns the link before one, and whether a leap lies between.
func (l link) before() (at int32, leap bool) {
	if l.from < begins {
		return -2 - l.from, true
	}
	return l.from, false
}

// A block has room for 1 << blockBits links.
const blockBits = 11

func (k *kept) add(w *way) int32 {
	if k.n&(1<<blockBits-1) == 0 {
		k.blocks = append(k.blocks, make([]link, 1<<blockBits))
	}
	k.blocks[k.n>>blockBits][k.n&(1<<blockBits-1)] = link{float32(w.progress), w.from}
	k.n++
	return k.n - 1
}

// fix returns which fix a link is of, at most fix i.
func (k *kept) fix(at, i int32) int32 {
	for k.first[i] > at {
		i--
	}
	return i
}

func (k *kept) at(i int32) link { return k.blocks[i>>blockBits][i&(1<<blockBits-1)] }

// leaps finds the way from which a leap to a place is the best one: among those
// that have not gone beyond it, the one that has left out the least. It is a
// Fenwick tree (P. Fenwick, 1994) of minima over cells of the course, as Hunt and
// Szymanski (1977) search for the longest common subsequence.
type leaps struct {
	cellMeters float64
	least      float64    // the least key of all
	nodes      []leapNode // of cells, from 1 on
	ways       []way      // the best of each cell
}

type leapNode struct {
	key  float64
	cell int32
}

const (
	leastCellMeters = 10
	maxCells        = 2048 // of 120 bytes; they are 21 m long on a marathon, 244 m on the longest course
)

func newLeaps(length float64) leaps {
	cells := min(maxCells, int(length/leastCellMeters)+1)
	l := leaps{least: math.Inf(1), cellMeters: length / float64(cells) * (1 + 1e-9), nodes: make([]leapNode, cells+1), ways: make([]way, cells)}
	for i := range l.nodes {
		l.nodes[i].key = math.Inf(1)
	}
	return l
}

func (l *leaps) cell(progress float64) int {
	return min(len(l.ways)-1, max(0, int(progress/l.cellMeters)))
}

// add offers a way; away is what the distance run until there costs those who leap.
func (l *leaps) add(w *way, away float64) {
	cell := l.cell(w.reached)
	key := w.cost - w.reached - away
	l.least = min(l.least, key)
	for i := cell + 1; i < len(l.nodes) && key < l.nodes[i].key; i += i & -i {
		if i == cell+1 {
			l.ways[cell] = *w
		}
		l.nodes[i] = leapNode{key, int32(cell)}
	}
}

// best returns the best way that has not gone a cell beyond a place, nil before
// the first.
func (l *leaps) best(progress float64) *way {
	best := leapNode{math.Inf(1), -1}
	for i := l.cell(progress) + 1; i > 0; i -= i & -i {
		if l.nodes[i].key < best.key {
			best = l.nodes[i]
		}
	}
	if best.cell < 0 {
		return nil
	}
	return &l.ways[best.cell]
}
