package judge

import (
	"math"
	"math/bits"

	"github.com/runvs/runvs/domain/geo"
)

// place is where on the course a fix may have been taken.
type place struct {
	progress  float64 // metres along the course
	deviation float64 // metres from the fix
}

// rivalMeters is by how much farther than the nearest place another may be and
// still be where the runner was.
const rivalMeters = 40

// sameStretchMeters is how far apart along the course two places are at least
// that are told from each other: a noisy line has many small minima.
const sameStretchMeters = 10

// search looks for the places near one fix after another. Fixes lie close
// together, so what is near one is kept for the next: the leaves of the tree that
// may matter within wideMeters of a place, and of them the pieces that may matter
// within narrowMeters of another. And the piece that was nearest to the last fix
// is near this one, which bounds how far to look.
type search struct {
	course   *Course
	wide     []leaf
	wideAt   geo.Vector
	narrow   []stretch
	narrowAt geo.Vector
	hint     int32 // the piece that was nearest to the last fix
}

// leaf is a leaf of the tree with its pieces; leaves are in order of progress.
type leaf struct {
	sphere
	stretch
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
	return &search{course: c, wideAt: nowhere, narrowAt: nowhere, wide: make([]leaf, 0, 64), narrow: make([]stretch, 0, 16)}
}

// away reports whether v is not within meters of w.
func away(v, w geo.Vector, meters float64) bool {
	d := v.Sub(w)
	return !(d.Dot(d) <= meters*meters)
}

// choose sees to it that narrow holds the pieces that may matter to v.
func (s *search) choose(v geo.Vector) {
	if !away(v, s.narrowAt, narrowMeters) {
		return
	}
	if away(v, s.wideAt, wideMeters-narrowMeters) {
		s.wideAt, s.wide = v, s.wide[:0]
		top := len(s.course.tree.levels) - 1
		for i := range s.course.tree.levels[top] {
			s.descend(top, i)
		}
	}
	s.narrowAt, s.narrow = v, s.narrow[:0]
	d2, _ := s.course.pieces[s.hint].near(v)
	// Within narrowMeters the nearest place is at most so much farther away.
	reach := narrowMeters + min(reachMeters, math.Sqrt(d2)+narrowMeters+rivalMeters)
	for k := range s.wide {
		l := &s.wide[k]
		if l.beyond(v, reach) {
			continue
		}
		if n := len(s.narrow); n > 0 && s.narrow[n-1].to == l.from {
			s.narrow[n-1].to = l.to
		} else {
			s.narrow = append(s.narrow, l.stretch)
		}
	}
}

// descend keeps the leaves that may matter within wideMeters of wideAt.
func (s *search) descend(level, index int) {
	t := &s.course.tree
	sphere := &t.levels[level][index]
	if sphere.beyond(s.wideAt, reachMeters+wideMeters) {
		return
	}
	if level == 0 {
		s.wide = append(s.wide, leaf{*sphere, stretch{t.begin[index], t.begin[index+1]}})
		return
	}
	for i := index * fanOut; i < min((index+1)*fanOut, len(t.levels[level-1])); i++ {
		s.descend(level-1, i)
	}
}

// places appends the places of the course that are nearer to v than those around
// them, in order of progress: those within reachMeters, and at most rivalMeters
// farther than the nearest.
func (s *search) places(out []place, v geo.Vector) []place {
	s.choose(v)
	pieces := s.course.pieces
	found := finding{out: out, first: len(out), reach: reachMeters, nearest: reachMeters + 1}
	for _, r := range s.narrow {
		// An end of the course is a corner that the line does not lead to.
		ended := uint64(0)
		if r.from == 0 {
			ended = 1
		}
		for from := r.from; from < r.to; from += 64 {
			block := pieces[from:min(from+64, r.to)]
			before, behind := sides(block, v)
			// The line comes nearest within a piece, or at a corner: behind the end of
			// one piece and before the beginning of the next.
			corners := before & (behind<<1 | ended)
			ended = behind >> (len(block) - 1)
			inside := ^(before | behind) & (^uint64(0) >> (64 - len(block)))
			for m := corners | inside; m != 0; m &= m - 1 {
				k := bits.TrailingZeros64(m)
				if found.consider(&block[k], v) {
					s.hint = from + int32(k) //nolint:gosec // under 64
				}
			}
		}
		if ended == 1 && int(r.to) == len(pieces) && found.consider(&pieces[r.to-1], v) {
			s.hint = r.to - 1
		}
	}
	return found.places()
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
	out     []place
	first   int     // of this fix in out
	reach   float64 // metres: what is farther does not matter
	nearest float64 // metres
}

// consider looks at the nearest place of a piece, and reports whether it is nearer
// than any before.
func (f *finding) consider(p *piece, v geo.Vector) bool {
	d2, t := p.near(v)
	if d2 > f.reach*f.reach {
		return false
	}
	d := math.Sqrt(d2)
	f.out = appendPlace(f.out, f.first, place{p.begins + t*p.length, d})
	if d >= f.nearest {
		return false
	}
	f.nearest, f.reach = d, min(f.reach, d+rivalMeters)
	return true
}

// places leaves out what was found before the nearest and is no rival of it.
func (f *finding) places() []place {
	kept := f.out[:f.first]
	for _, p := range f.out[f.first:] {
		if p.deviation <= f.nearest+rivalMeters {
			kept = append(kept, p)
		}
	}
	return kept
}

// appendPlace keeps a place, or the nearer one of two on the same stretch.
func appendPlace(out []place, first int, p place) []place {
	if n := len(out); n > first && p.progress-out[n-1].progress < sameStretchMeters {
		if p.deviation < out[n-1].deviation {
			out[n-1] = p
		}
		return out
	}
	return append(out, p)
}
