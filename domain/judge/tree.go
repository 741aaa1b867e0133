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

// visit calls leaf, in ascending order, for each leaf that may have a piece
// within reach() of v; reach may shrink meanwhile.
func (t tree) visit(v geo.Vector, reach func() float64, leaf func(index int)) {
	top := len(t.levels) - 1
	for i := range t.levels[top] {
		t.descend(v, top, i, reach, leaf)
	}
}

func (t tree) descend(v geo.Vector, level, index int, reach func() float64, leaf func(int)) {
	s := &t.levels[level][index]
	d := v.Sub(s.center)
	limit := reach() + s.radius
	if d.Dot(d) > limit*limit {
		return
	}
	if level == 0 {
		leaf(index)
		return
	}
	below := t.levels[level-1]
	for i := index * fanOut; i < min((index+1)*fanOut, len(below)); i++ {
		t.descend(v, level-1, i, reach, leaf)
	}
}

// nearest returns the distance in metres from v to the course and the progress
// of its nearest place, the first of equally near ones.
func (c *Course) nearest(v geo.Vector) (deviation, progress float64) {
	deviation = math.Inf(1)
	c.tree.visit(v, func() float64 { return deviation }, func(leaf int) {
		for i := leaf * leafPieces; i < min((leaf+1)*leafPieces, len(c.at)-1); i++ {
			if d, t := geo.SegmentDistance(v, c.at[i], c.at[i+1]); d < deviation {
				deviation, progress = d, c.along[i]+t*(c.along[i+1]-c.along[i])
			}
		}
	})
	return deviation, progress
}

// place is where on the course a fix may have been taken.
type place struct {
	progress  float64 // metres along the course
	deviation float64 // metres from the fix
}

// sameStretchMeters is how far apart along the course two places are at least
// that are told from each other: a noisy line has many small minima.
const sameStretchMeters = 10

// placesNear appends the places of the course that are nearer to v than those
// around them, in order of progress, and within reach.
func (c *Course) placesNear(out []place, v geo.Vector, reach float64) []place {
	first := len(out)
	add := func(p place) {
		if n := len(out); n > first && p.progress-out[n-1].progress < sameStretchMeters {
			if p.deviation < out[n-1].deviation {
				out[n-1] = p
			}
			return
		}
		out = append(out, p)
	}
	last, lastEnds := -2, false // the piece before, and whether it is nearest at its far end
	c.tree.visit(v, func() float64 { return reach }, func(leaf int) {
		for i := leaf * leafPieces; i < min((leaf+1)*leafPieces, len(c.at)-1); i++ {
			d, t := geo.SegmentDistance(v, c.at[i], c.at[i+1])
			if d > reach {
				continue
			}
			here := place{c.along[i] + t*(c.along[i+1]-c.along[i]), d}
			switch {
			case t > 0 && t < 1:
				add(here)
			case t == 0 && (i == 0 || last == i-1 && lastEnds): // the line comes nearer up to this corner, and leaves from it
				add(here)
			case t == 1 && i == len(c.at)-2:
				add(here)
			}
			last, lastEnds = i, t == 1
		}
	})
	return out
}
