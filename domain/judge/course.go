package judge

import (
	"math"
	"slices"
	"sort"

	"github.com/runvs/runvs/domain/geo"
)

// pieceMeters is the longest piece of a course that is taken for straight in
// space; its chord sags by 0.8 mm at most.
const pieceMeters = 200

// sameVertexMeters is how near two vertices must be to count as one: between nearer
// ones double precision gives no direction.
const sameVertexMeters = 1e-6

// farMeters is the length from which the geodesic must be computed; up to it a
// corrected chord is exact enough.
const farMeters = 9_000

// Course is a line prepared for judging. It is immutable.
type Course struct {
	rules    Rules
	at       []geo.Vector // places along the line, at most pieceMeters apart
	along    []float64    // metres from the start to each of them
	sections []Section
	pieces   []piece
	tree     tree
}

// piece is the stretch between two places, prepared for the search of near places.
type piece struct {
	from, along geo.Vector // where it begins, and the way to its end
	perMeter2   float64    // 1/length² of the chord
	begins      float64    // metres along the course
	length      float64    // metres
}

// Prepare makes a line ready for judging: its distances, curve sections and index.
func Prepare(line geo.Line, rules Rules) *Course {
	c := &Course{rules: rules, at: make([]geo.Vector, 0, line.Len()), along: make([]float64, 0, line.Len())}
	var walker geo.Walker
	for i := 0; i < line.Len(); i++ {
		p := line.At(i)
		c.add(p, walker.Vector(p))
	}
	c.pieces = make([]piece, len(c.at)-1)
	for i := range c.pieces {
		along := c.at[i+1].Sub(c.at[i])
		c.pieces[i] = piece{c.at[i], along, 1 / along.Dot(along), c.along[i], c.along[i+1] - c.along[i]}
	}
	c.tree = newTree(c.at, c.along)
	c.sections = curveSections(c, rules.Curves)
	return c
}

// add appends a vertex, with places between where the piece to it is long.
func (c *Course) add(p geo.Point, v geo.Vector) {
	if len(c.at) == 0 {
		c.at, c.along = append(c.at, v), append(c.along, 0)
		return
	}
	last := c.at[len(c.at)-1]
	length := c.along[len(c.along)-1]
	d := geo.ArcMeters(last, v)
	if d > farMeters {
		d = geo.Distance(last.Point(), p)
	}
	if d < sameVertexMeters {
		return
	}
	pieces := int(math.Ceil(d / pieceMeters))
	for k := 1; k <= pieces; k++ {
		t := float64(k) / float64(pieces)
		place := v
		if k < pieces {
			// A place on the chord, lifted to the ellipsoid, lies on the geodesic to
			// within millimetres over the 100 km that two vertices may be apart.
			place = geo.Vector{X: last.X + t*(v.X-last.X), Y: last.Y + t*(v.Y-last.Y), Z: last.Z + t*(v.Z-last.Z)}.Point().Vector()
		}
		c.at = append(c.at, place)
		c.along = append(c.along, length+t*d)
	}
}

// LengthMeters returns the course's length.
func (c *Course) LengthMeters() float64 { return c.along[len(c.along)-1] }

// Sections returns the curve sections, in order.
func (c *Course) Sections() []Section { return append([]Section{}, c.sections...) }

// limits are the thresholds in force on a curve section, or off one.
func (c *Course) limits(curve bool) Thresholds {
	if curve {
		return c.rules.Curve
	}
	return c.rules.Straight
}

// onCurve reports whether a progress lies on a curve section. near is where to
// look first, and afterwards the section looked at last.
func (c *Course) onCurve(progress float64, near *int) bool {
	i := *near
	if i < len(c.sections) && c.sections[i].ToMeters < progress || i > 0 && c.sections[i-1].ToMeters >= progress {
		i = sort.Search(len(c.sections), func(k int) bool { return c.sections[k].ToMeters >= progress })
		*near = i
	}
	return i < len(c.sections) && c.sections[i].FromMeters <= progress
}

// stretch returns the pieces that lie in a window, in part or whole, the first
// most of them.
func (c *Course) stretch(w window, most int) stretch {
	from, _ := slices.BinarySearch(c.along, w.from)
	from = max(0, from-1)
	few := c.along[from:min(from+most, len(c.pieces))] // where they begin
	n, _ := slices.BinarySearch(few, w.to)
	return stretch{int32(from), int32(from + n)} // see tree
}

// place returns where the course is at a progress, straight between places.
func (c *Course) place(progress float64) geo.Vector {
	return geo.Way{At: c.at, Along: c.along}.Place(progress)
}
