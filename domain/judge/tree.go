package judge

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// A leaf of the tree ends when it is leafMeters long or has leafPieces pieces, and
// fanOut is how many spheres the next larger one holds.
const (
	leafMeters = 40
	leafPieces = 16
	fanOut     = 8
)

// tree finds the pieces of a line that are near a place: spheres around
// stretches of the line, spheres around those, and so on. It works in space, so
// it knows neither poles nor a date line.
type tree struct {
	levels [][]sphere // levels[0] are the leaves; the last level has at most fanOut
	begin  []int32    // the first piece of each leaf, and the end of the last
}

type sphere struct {
	center geo.Vector
	radius float64
}

func newTree(at []geo.Vector, along []float64) tree {
	leaves := int(along[len(along)-1]/leafMeters) + len(at)/leafPieces + 1
	t := tree{begin: make([]int32, 1, leaves+1)}
	level := make([]sphere, 0, leaves)
	for from := 0; from+1 < len(at); {
		to := from + 1
		for to+1 < len(at) && to-from < leafPieces && along[to+1]-along[from] <= leafMeters {
			to++
		}
		level = append(level, bound(at[from:to+1]))
		t.begin = append(t.begin, int32(to)) // a course has some 100,000 pieces at most
		from = to
	}
	t.levels = append(t.levels, level)
	for len(level) > fanOut {
		above := make([]sphere, 0, len(level)/fanOut+1)
		for from := 0; from < len(level); from += fanOut {
			above = append(above, around(level[from:min(from+fanOut, len(level))]))
		}
		t.levels = append(t.levels, above)
		level = above
	}
	return t
}

// around is a sphere around spheres.
func around(inner []sphere) sphere {
	centers := make([]geo.Vector, 0, fanOut)
	for _, s := range inner {
		centers = append(centers, s.center)
	}
	out := bound(centers)
	out.radius = 0
	for _, s := range inner {
		out.radius = max(out.radius, s.center.Sub(out.center).Norm()+s.radius)
	}
	return out
}

// bound is a sphere around places. Its centre is the middle of their box; for the
// short stretches of a path it is nearly the smallest sphere there is.
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

// Nearest returns how far a place is from the course and how far along the
// course the nearest place lies, both in metres. The distance is within 1 mm of
// the geodesic up to 200 m; beyond it is the chord, shorter by 10 cm at 10 km.
func (c *Course) Nearest(p geo.Point) (deviationMeters, progressMeters float64) {
	n := c.nearest(p.Vector(), 0)
	return n.deviation, n.progress
}

// nearby is the place of the course that is nearest to another, the first of
// equally near ones, and the search for it.
type nearby struct {
	course    *Course
	to        geo.Vector
	deviation float64 // metres: what is not nearer does not matter
	progress  float64
	piece     int32

	spheres, pieces int // looked at
}

// nearest finds the place of the course that is nearest to v. hint is a piece that
// may be near; any will do. Where more spheres or pieces than the bounds allow may
// hold it, it is the nearest of those looked at.
func (c *Course) nearest(v geo.Vector, hint int32) nearby {
	n := nearby{course: c, to: v, piece: hint}
	d2, t := c.pieces[hint].near(v)
	seed := c.tree.toward(v)
	if seed2, seedT := c.pieces[seed].near(v); seed2 < d2 {
		d2, t, n.piece = seed2, seedT, seed
	}
	p := &c.pieces[n.piece]
	n.progress = p.begins + t*p.length
	n.deviation = math.Sqrt(d2)*(1+1e-9) + 1e-6 // it is found again, or one as near before it
	top := len(c.tree.levels) - 1
	n.descend(top, 0, len(c.tree.levels[top]))
	return n
}

func (n *nearby) descend(level, from, to int) {
	t := &n.course.tree
	if n.spheres+to-from > maxSpheres {
		return
	}
	n.spheres += to - from
	for i := from; i < to; i++ {
		switch {
		case t.levels[level][i].beyond(n.to, n.deviation):
		case level == 0:
			n.leaf(t.begin[i], t.begin[i+1])
		default:
			n.descend(level-1, i*fanOut, t.end(level, i))
		}
	}
}

// leaf looks at the pieces of a leaf.
func (n *nearby) leaf(from, to int32) {
	if n.pieces+int(to-from) > maxNearest {
		return
	}
	n.pieces += int(to - from)
	for i := from; i < to; i++ {
		p := &n.course.pieces[i]
		if d2, along := p.near(n.to); d2 < n.deviation*n.deviation {
			n.deviation, n.progress, n.piece = math.Sqrt(d2), p.begins+along*p.length, i
		}
	}
}

// toward returns a piece that is likely to be near v: down the tree, always to
// the sphere whose centre is the nearest.
func (t *tree) toward(v geo.Vector) int32 {
	index := 0
	for level := len(t.levels) - 1; level >= 0; level-- {
		from, to := index*fanOut, min((index+1)*fanOut, len(t.levels[level]))
		index = from
		best := math.Inf(1)
		for i := from; i < to; i++ {
			d := v.Sub(t.levels[level][i].center)
			if d2 := d.Dot(d); d2 < best {
				best, index = d2, i
			}
		}
	}
	return t.begin[index]
}

// end returns where the spheres end that a sphere holds, on the level below.
func (t *tree) end(level, index int) int { return min((index+1)*fanOut, len(t.levels[level-1])) }

// first returns the first piece of a sphere.
func (t *tree) first(level, index int) int32 {
	for ; level > 0; level-- {
		index *= fanOut
	}
	return t.begin[index]
}
