package judge

import (
	"math"
	"math/bits"
	"slices"

	"github.com/runvs/runvs/domain/geo"
)

// place is where on the course a fix may have been taken.
type place struct {
	progress  float64 // metres along the course
	deviation float64 // metres from the fix
}

// search looks for the places near one fix after another. Fixes lie close
// together, so what is near one is kept for the next: the leaves of the tree that
// may matter within wideMeters of a place, and of them the pieces that may matter
// within narrowMeters of another. And the piece that was nearest to the last fix
// is near this one, which bounds how far to look.
//
// Where too much of the course is near, what comes first along the course is
// looked at, up to the bounds, and beyond it no more than where the cheapest ways
// so far can lead without a leap. So the start is always found, the right lap of
// a thousand is followed, and only leaps are to the first of them: where laps lie
// on each other, one stands for all.
type search struct {
	course    *Course
	rules     *ReadingRules
	wide      []int32 // leaves, in order of progress
	wideAt    geo.Vector
	wideEnd   int32 // the first piece that wide may miss
	narrow    []stretch
	narrowAt  geo.Vector
	narrowEnd int32   // the first piece that narrow may miss
	hint      int32   // the piece that was nearest to the last fix
	nearest   float64 // metres from it to the last fix

	spheres int // looked at for wide
	pieces  int // looked at for the last fix
	tried   int // of them, for holding a place
}

// stretch is pieces of the course: to is not one of them.
type stretch struct{ from, to int32 }

// How far from where they were chosen leaves and pieces are good.
const (
	wideMeters   = 100
	narrowMeters = 15
)

func newSearch(c *Course) *search {
	nowhere := geo.Vector{X: math.Inf(1)}
	return &search{course: c, rules: &c.rules.Reading, wideAt: nowhere, narrowAt: nowhere, wide: make([]int32, 0, 64), narrow: make([]stretch, 0, 16)}
}

// away reports whether v is not within meters of w.
func away(v, w geo.Vector, meters float64) bool {
	d := v.Sub(w)
	return !(d.Dot(d) <= meters*meters)
}

// choose fills narrow with the pieces that may matter to v, unless it has them.
func (s *search) choose(v geo.Vector) {
	if !away(v, s.narrowAt, narrowMeters) {
		return
	}
	if away(v, s.wideAt, wideMeters-narrowMeters) {
		s.wideAt, s.wide = v, s.wide[:0]
		s.wideEnd, s.spheres = int32(len(s.course.pieces)), 0 // see tree
		top := len(s.course.tree.levels) - 1
		s.descend(top, 0, len(s.course.tree.levels[top]))
	}
	s.narrowAt, s.narrow, s.narrowEnd = v, s.narrow[:0], s.wideEnd
	d2, _ := s.course.pieces[s.hint].near(v)
	// Within narrowMeters the nearest place is at most so much farther away.
	reach := narrowMeters + min(s.rules.ReachMeters, math.Sqrt(d2)+narrowMeters+s.rules.RivalMeters)
	pieces := int32(0)
	t := &s.course.tree
	for _, leaf := range s.wide {
		if t.levels[0][leaf].beyond(v, reach) {
			continue
		}
		from, to := t.begin[leaf], t.begin[leaf+1]
		if pieces += to - from; pieces > maxPieces {
			s.narrowEnd = from
			break
		}
		if n := len(s.narrow); n > 0 && s.narrow[n-1].to == from {
			s.narrow[n-1].to = to
		} else {
			s.narrow = append(s.narrow, stretch{from, to})
		}
	}
}

// descend keeps those leaves under spheres of a level that may matter within
// wideMeters of wideAt, in order of progress.
func (s *search) descend(level, from, to int) {
	t := &s.course.tree
	if s.spheres+to-from > maxSpheres {
		s.wideEnd = min(s.wideEnd, t.first(level, from))
		return
	}
	s.spheres += to - from
	for i := from; i < to; i++ {
		switch {
		case t.levels[level][i].beyond(s.wideAt, s.rules.ReachMeters+wideMeters):
		case level == 0:
			s.wide = append(s.wide, int32(i)) // see tree
		default:
			s.descend(level-1, i*fanOut, t.end(level, i))
		}
	}
}

// places fills out with the places of the course that are nearer to v than those
// around them, in order of progress: those within ReachMeters, and at most
// RivalMeters farther than the nearest. reachable says where the ways so far can
// lead, and is asked only where the course is crowded.
func (s *search) places(out []place, v geo.Vector, reachable *reading, l leg) []place {
	s.choose(v)
	s.pieces, s.tried = 0, 0
	found := finding{rules: s.rules, out: out[:0], reach: s.rules.ReachMeters, nearest: s.rules.ReachMeters + 1}
	end := s.narrowEnd
	for _, r := range s.narrow {
		if to := s.scan(&found, r, v); to < r.to {
			end = to
			break
		}
	}
	if int(end) < len(s.course.pieces) {
		s.follow(&found, v, end, reachable.windows(l))
	}
	s.tried += found.tried
	s.nearest = found.nearest
	return found.places()
}

// follow looks at the windows that lie behind a piece, as far as the bounds allow.
func (s *search) follow(found *finding, v geo.Vector, behind int32, windows []window) {
	var seen [maxPlaces]stretch
	s.tried, found.tried = found.tried, 0
	left, most := maxFollowed, len(found.out)+maxPlaces
	behind = max(0, behind-1) // its end may be a corner
	for k, w := range windows {
		if w.from = max(w.from, s.course.along[behind]); w.to <= w.from {
			continue
		}
		r := s.course.stretch(w, left)
		for _, before := range seen[:k] {
			if before.from <= r.from && r.from < before.to {
				r.from = before.to
			}
			if before.from < r.to && r.to <= before.to {
				r.to = before.from
			}
		}
		if r.to <= r.from {
			continue
		}
		seen[k] = r
		left -= int(r.to - r.from)
		found.first = len(found.out)
		s.scan(found, r, v)
		if left == 0 || len(found.out) >= most {
			break
		}
	}
	found.sort()
}

// scan looks at the pieces of a stretch, and returns where it stopped for having
// found enough.
func (s *search) scan(found *finding, r stretch, v geo.Vector) int32 {
	pieces := s.course.pieces
	// An end of the course is a corner that the line does not lead to.
	ended := uint64(0)
	if r.from == 0 {
		ended = 1
	}
	for from := r.from; from < r.to; from += 64 {
		if found.enough() {
			return from
		}
		block := pieces[from:min(from+64, r.to)]
		s.pieces += len(block)
		before, behind := sides(block, v)
		// The line comes nearest within a piece, or at a corner: behind the end of
		// one piece and before the beginning of the next.
		corners := before & (behind<<1 | ended)
		ended = behind >> (len(block) - 1)
		inside := ^(before | behind) & (^uint64(0) >> (64 - len(block)))
		for m := corners | inside; m != 0; m &= m - 1 {
			k := bits.TrailingZeros64(m)
			if found.consider(&block[k], v) {
				s.hint = from + int32(k) // under 64
			}
		}
	}
	if ended == 1 && int(r.to) == len(pieces) && found.consider(&pieces[r.to-1], v) {
		s.hint = r.to - 1
	}
	return r.to
}

// sides says of at most 64 pieces, one bit each, whether v lies before their
// beginning, and whether behind their end. Which one it is cannot be foretold, so
// nothing here branches on it.
func sides(block []piece, v geo.Vector) (before, behind uint64) {
	for k := range block {
		p := &block[k]
		t := ((v.X-p.from.X)*p.along.X + (v.Y-p.from.Y)*p.along.Y + (v.Z-p.from.Z)*p.along.Z) * p.perMeter2
		var b, e uint64
		if t <= 0 {
			b = 1
		}
		if t >= 1 {
			e = 1
		}
		before |= b << (k & 63)
		behind |= e << (k & 63)
	}
	return before, behind
}

// finding is what was found for one fix so far.
type finding struct {
	rules   *ReadingRules
	out     []place
	first   int     // of the stretch at hand in out
	tried   int     // pieces that the line may come nearest on
	reach   float64 // metres: what is farther does not matter
	nearest float64 // metres
}

// enough reports whether no more is to be looked for on a stretch.
func (f *finding) enough() bool { return f.tried >= maxTried || len(f.out)-f.first >= maxFound }

// consider looks at the nearest place of a piece, and reports whether it is nearer
// than any before.
func (f *finding) consider(p *piece, v geo.Vector) bool {
	f.tried++
	d2, t := p.near(v)
	if d2 > f.reach*f.reach {
		return false
	}
	d := math.Sqrt(d2)
	f.out = f.rules.appendPlace(f.out, f.first, place{p.begins + t*p.length, d})
	if d >= f.nearest {
		return false
	}
	f.nearest, f.reach = d, min(f.reach, d+f.rules.RivalMeters)
	return true
}

// sort puts what was found way by way in order of progress.
func (f *finding) sort() {
	slices.SortFunc(f.out, func(a, b place) int { return compare(a.progress, b.progress) })
	merged := f.out[:0]
	for _, p := range f.out {
		merged = f.rules.appendPlace(merged, 0, p)
	}
	f.out = merged
}

// places leaves out what was found before the nearest and is no rival of it.
func (f *finding) places() []place {
	kept := f.out[:0]
	for _, p := range f.out {
		if p.deviation <= f.nearest+f.rules.RivalMeters {
			kept = append(kept, p)
		}
	}
	return kept
}

// appendPlace keeps a place, or the nearer one of two on the same stretch.
func (r *ReadingRules) appendPlace(out []place, first int, p place) []place {
	if n := len(out); n > first && p.progress-out[n-1].progress < r.SameStretchMeters {
		if p.deviation < out[n-1].deviation {
			out[n-1] = p
		}
		return out
	}
	return append(out, p)
}
