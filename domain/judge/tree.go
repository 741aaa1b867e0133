package judge

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// leafPieces is how many pieces of a line share the smallest sphere, and fanOut
// how many spheres the next larger one holds.
const (
	leafPieces = 8
	fanOut     = 8
)

// tree finds the pieces of a line that are near a place: spheres around
// stretches of the line, spheres around those, and so on. It works in space, so
// it knows neither poles nor a date line.
type tree struct {
	levels [][]sphere // levels[0] are the leaves; the last level has at most fanOut
}

type sphere struct {
	center geo.Vector
	radius float64
}

func newTree(at []geo.Vector) tree {
	var t tree
	stride := leafPieces
	for {
		var level []sphere
		for from := 0; from+1 < len(at); from += stride {
			level = append(level, bound(at[from:min(from+stride+1, len(at))]))
		}
		t.levels = append(t.levels, level)
		if len(level) <= fanOut {
			return t
		}
		stride *= fanOut
	}
}

// bound is a sphere around places: around the middle of their box, which is
// close to the smallest one for the short stretches of a path.
func bound(at []geo.Vector) sphere {
	lo, hi := at[0], at[0]
	for _, v := range at {
		lo = geo.Vector{X: min(lo.X, v.X), Y: min(lo.Y, v.Y), Z: min(lo.Z, v.Z)}
		hi = geo.Vector{X: max(hi.X, v.X), Y: max(hi.Y, v.Y), Z: max(hi.Z, v.Z)}
	}
	s := sphere{center: geo.Vector{X: (lo.X + hi.X) / 2, Y: (lo.Y + hi.Y) / 2, Z: (lo.Z + hi.Z) / 2}}
	for _, v := range at {
		s.radius = max(s.radius, v.Sub(s.center).Norm())
	}
	return s
}

// near returns the squared distance from v to a piece, and the fraction of the
// piece at which its nearest place lies.
func (p *piece) near(v geo.Vector) (meters2, fraction float64) {
	x, y, z := v.X-p.from.X, v.Y-p.from.Y, v.Z-p.from.Z
	t := (x*p.along.X + y*p.along.Y + z*p.along.Z) * p.perMeter2
	if t < 0 {
		t = 0
	} else if t > 1 {
		t = 1
	}
	x, y, z = x-t*p.along.X, y-t*p.along.Y, z-t*p.along.Z
	return x*x + y*y + z*z, t
}

// beyond reports whether all of a sphere is farther from v than reach.
func (s *sphere) beyond(v geo.Vector, reach float64) bool {
	x, y, z := v.X-s.center.X, v.Y-s.center.Y, v.Z-s.center.Z
	limit := reach + s.radius
	return x*x+y*y+z*z > limit*limit
}

// nearest returns the distance in metres from v to the course and the progress
// of its nearest place, the first of equally near ones.
func (c *Course) nearest(v geo.Vector) (deviation, progress float64) {
	deviation = math.Inf(1)
	var descend func(level, index int)
	descend = func(level, index int) {
		if c.tree.levels[level][index].beyond(v, deviation) {
			return
		}
		if level > 0 {
			for i := index * fanOut; i < min((index+1)*fanOut, len(c.tree.levels[level-1])); i++ {
				descend(level-1, i)
			}
			return
		}
		for i := index * leafPieces; i < min((index+1)*leafPieces, len(c.pieces)); i++ {
			p := &c.pieces[i]
			if d2, t := p.near(v); d2 < deviation*deviation {
				deviation, progress = math.Sqrt(d2), p.begins+t*p.length
			}
		}
	}
	top := len(c.tree.levels) - 1
	for i := range c.tree.levels[top] {
		descend(top, i)
	}
	return deviation, progress
}

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
// together, so the leaves near one are kept for the next: the tree is asked again
// when the runner has come anchorMeters away.
type search struct {
	course *Course
	anchor geo.Vector
	leaves []int32 // within reachMeters+anchorMeters of anchor, ascending

	v     geo.Vector
	reach float64
	out   []place
	first int // of this fix in out

	last     int  // the piece looked at before
	lastEnds bool // it is nearest at its far end
}

const anchorMeters = 60

func newSearch(c *Course) *search {
	return &search{course: c, anchor: geo.Vector{X: math.Inf(1)}}
}

// places appends the places of the course that are nearer to v than those around
// them, in order of progress, and within reach, which is at most reachMeters.
func (s *search) places(out []place, v geo.Vector, reach float64) []place {
	if d := v.Sub(s.anchor); !(d.Dot(d) <= anchorMeters*anchorMeters) {
		s.anchor, s.leaves = v, s.leaves[:0]
		levels := s.course.tree.levels
		for i := range levels[len(levels)-1] {
			s.descend(len(levels)-1, i)
		}
	}
	s.v, s.reach, s.out, s.first, s.last = v, reach, out, len(out), -2
	for _, leaf := range s.leaves {
		if !s.course.tree.levels[0][leaf].beyond(v, s.reach) {
			s.leaf(int(leaf) * leafPieces)
		}
	}
	return s.out
}

func (s *search) descend(level, index int) {
	levels := s.course.tree.levels
	if levels[level][index].beyond(s.anchor, reachMeters+anchorMeters) {
		return
	}
	if level == 0 {
		s.leaves = append(s.leaves, int32(index)) //nolint:gosec // a course has some 100,000 pieces at most
		return
	}
	for i := index * fanOut; i < min((index+1)*fanOut, len(levels[level-1])); i++ {
		s.descend(level-1, i)
	}
}

func (s *search) leaf(from int) {
	pieces := s.course.pieces
	reach2 := s.reach * s.reach
	for i := from; i < min(from+leafPieces, len(pieces)); i++ {
		p := &pieces[i]
		d2, t := p.near(s.v)
		if d2 > reach2 {
			continue
		}
		switch {
		case t > 0 && t < 1,
			t == 0 && (i == 0 || s.last == i-1 && s.lastEnds), // the line comes nearer up to this corner, and leaves from it
			t == 1 && i == len(pieces)-1:
			d := math.Sqrt(d2)
			if d+rivalMeters < s.reach {
				s.reach = d + rivalMeters
				reach2 = s.reach * s.reach
			}
			s.add(place{p.begins + t*p.length, d})
		}
		s.last, s.lastEnds = i, t == 1
	}
}

// add keeps a place, or the nearer one of two on the same stretch.
func (s *search) add(p place) {
	if n := len(s.out); n > s.first && p.progress-s.out[n-1].progress < sameStretchMeters {
		if p.deviation < s.out[n-1].deviation {
			s.out[n-1] = p
		}
		return
	}
	s.out = append(s.out, p)
}
