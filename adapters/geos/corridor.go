// Package geos does planar geometry with the GEOS library, on lines projected
// to metres. GEOS panics where others return errors, and its memory is
// invisible to Go: every call here has a context of its own, checks its input
// first, and turns a panic into a fault.
//
// A build without cgo has no GEOS: its corridors cover the same places, but are
// many polygons that overlap instead of one outline.
package geos

import (
	"context"
	"math"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/ports"
)

// The corridor's outline.
const (
	quarterSegments = 8    // a round end of 40 m deviates from its circle by 20 cm
	toleranceMeters = 0.25 // by which the outline may be simplified
)

// Geometry implements ports.Geometry.
type Geometry struct{ budget ports.Budget }

// New returns GEOS as a port; it works within a budget.
func New(budget ports.Budget) *Geometry { return &Geometry{budget} }

// Corridor implements ports.Geometry. Lengths are true within 1 cm on courses
// that stay within 100 km of their middle, and within 1 m where a course goes the
// same way again.
func (g *Geometry) Corridor(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) (geoJSON []byte, err error) {
	if line.Len() < 2 || straightMeters <= 0 || curveMeters < straightMeters {
		return nil, fault.New(fault.Internal, "bad_corridor", "a corridor needs a line and widths, the curves' the greater")
	}
	release, err := g.budget.Take(ctx, corridorBytes(line.Len()))
	if err != nil {
		return nil, err
	}
	defer release()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	polygons, err := draw(ctx, line, sections, straightMeters, curveMeters)
	if err != nil {
		return nil, err
	}
	return polygonsJSON(polygons), nil
}

// corridorBytes is the memory that drawing takes at most for a line of so many
// vertices; TestTheWorstCorridors holds it.
func corridorBytes(vertices int) int64 { return 16<<20 + int64(vertices)*vertexBytes }

// A ribbon around a whole line costs the square of how often the line crosses
// itself: 2,000 vertices of a square wave took 74 s and 2.3 GB. Ribbons around
// short strands cost next to nothing, and one union of them all grows with what
// they cover.
const (
	// strandLegs and strandMeters say how long a strand is at most.
	strandLegs   = 32
	strandMeters = 2_000
	// sameMeters is the side of the squares by which a leg is told that was gone
	// before, from the one square to the other: another ribbon would add nothing.
	sameMeters = 0.5
)

// strandsOf cuts a path of the globe into strands in the plane, in order, and
// leaves out legs that were gone before, in either direction.
func strandsOf(plane geo.Plane, points []geo.Point) [][][]float64 {
	type square [2]int32
	squareOf := func(c []float64) square {
		return square{int32(math.Floor(c[0] / sameMeters)), int32(math.Floor(c[1] / sameMeters))}
	}
	gone := map[[2]square]bool{}
	var strands [][][]float64
	var strand [][]float64
	length := 0.0
	end := func() {
		if len(strand) > 1 {
			strands = append(strands, strand)
		}
		strand, length = nil, 0
	}
	var last []float64
	for _, p := range points {
		x, y := plane.Project(p)
		at := []float64{x, y}
		if last != nil && last[0] == x && last[1] == y {
			continue
		}
		if last != nil {
			from, to := squareOf(last), squareOf(at)
			leg, back := [2]square{from, to}, [2]square{to, from}
			switch {
			case gone[leg] || gone[back]:
				end()
			case len(strand) > strandLegs || length > strandMeters:
				end()
				strand = [][]float64{last, at}
			case strand == nil:
				strand = [][]float64{last, at}
			default:
				strand = append(strand, at)
			}
			gone[leg] = true
			length += math.Hypot(x-last[0], y-last[1])
		}
		last = at
	}
	end()
	if len(strands) == 0 { // one place is left of it
		strands = [][][]float64{{last}}
	}
	return strands
}

// stretches returns the parts of a line that sections name, in one walk along it.
func stretches(line geo.Line, sections []judge.Section) [][]geo.Point {
	var out [][]geo.Point
	along, k := 0.0, 0
	var stretch []geo.Point
	for i := 1; i < line.Len() && k < len(sections); i++ {
		a, b := line.At(i-1), line.At(i)
		length := geo.Distance(a, b)
		if length == 0 {
			continue
		}
		at := func(meters float64) geo.Point { return a.Interpolate(b, min(1, max(0, (meters-along)/length))) }
		for ; k < len(sections) && sections[k].FromMeters <= along+length; k++ {
			if stretch == nil {
				stretch = []geo.Point{at(sections[k].FromMeters)}
			}
			stretch = append(stretch, at(sections[k].ToMeters))
			if sections[k].ToMeters > along+length {
				break
			}
			out, stretch = append(out, stretch), nil
		}
		along += length
	}
	if stretch != nil { // a section that ends with the line, by another rounding
		out = append(out, stretch)
	}
	return out
}

// middle is the middle of the line's bounds, where its plane distorts it least.
func middle(l geo.Line) geo.Point {
	b := l.Bounds()
	return geo.MustPoint(b.South, b.West).Interpolate(geo.MustPoint(b.North, b.East), 0.5)
}
