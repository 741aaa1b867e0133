package geo

import (
	"encoding/binary"
	"fmt"
	"math"
)

const (
	// outlinePoints is how many vertices of a line an outline keeps at most.
	outlinePoints = 40
	outlineHeader = 3*8 + 2*4
	outlineVertex = 3 * 2
	// least radius of curvature on the ellipsoid, b²/a.
	leastRadiusMeters = semiMinorMeters * semiMinorMeters / semiMajorMeters
)

// Outline is a small copy of a line, 44 to 272 bytes, that tells how far a place
// is from the line to within a slack that it knows: of thousands of lines near a
// place, it says which few need to be read whole.
type Outline struct {
	vertices []Vector
	slack    float64 // metres
}

// Outline returns the line's outline. It keeps the vertices that stick out most
// (after D. H. Douglas and T. K. Peucker, Cartographica 10 (1973), splitting the
// stretch that is worst until it has enough).
//
// A stretch of the line and the chord that stands for it are nowhere farther
// from each other than the stretch's farthest vertex is from the chord, for that
// distance is a convex function along each segment; to this comes by how much
// geodesics sag below chords, and the rounding of what is kept.
func (l Line) Outline() Outline {
	all := make([]Vector, len(l.points))
	longest := 0.0
	for i, p := range l.points {
		all[i] = p.Vector()
		if i > 0 {
			longest = math.Max(longest, all[i].Sub(all[i-1]).Norm())
		}
	}
	type stretch struct {
		from, to, worst int
		off             float64
	}
	measure := func(from, to int) stretch {
		s := stretch{from: from, to: to}
		for i := from + 1; i < to; i++ {
			if d, _ := SegmentDistance(all[i], all[from], all[to]); d >= s.off {
				s.worst, s.off = i, d
			}
		}
		return s
	}
	stretches := []stretch{measure(0, len(all)-1)}
	worst := func() int {
		w := 0
		for i, s := range stretches {
			if s.off > stretches[w].off {
				w = i
			}
		}
		return w
	}
	w := worst()
	for len(stretches) < outlinePoints-1 && stretches[w].off > 0 {
		s := stretches[w]
		stretches[w] = measure(s.from, s.worst)
		stretches = append(stretches, measure(s.worst, s.to))
		w = worst()
	}
	kept := make([]bool, len(all))
	for _, s := range stretches {
		kept[s.from], kept[s.to] = true, true
	}
	o := Outline{slack: stretches[w].off + longest*longest/(8*leastRadiusMeters)}
	for i, v := range all {
		if kept[i] {
			o.vertices = append(o.vertices, v)
		}
	}
	return o
}

// Distance returns bounds of Line.DistanceMeters from a place to the line, up to
// 50 km.
func (o Outline) Distance(from Vector) (least, most float64) {
	best := math.Inf(1)
	for i := 1; i < len(o.vertices); i++ {
		d, _ := SegmentDistance(from, o.vertices[i-1], o.vertices[i])
		best = math.Min(best, d)
	}
	const more = 0.01                                                           // metres, for what floats round
	return math.Max(0, best-o.slack-more), (best + o.slack + more) * (1 + 1e-5) // an arc is longer than its chord
}

// Bytes returns the outline for storage: the first vertex, a step and the slack,
// and the vertices in steps from the first.
func (o Outline) Bytes() []byte {
	first, reach := o.vertices[0], 0.0
	for _, v := range o.vertices {
		d := v.Sub(first)
		reach = math.Max(reach, math.Max(math.Abs(d.X), math.Max(math.Abs(d.Y), math.Abs(d.Z))))
	}
	step := float64(float32(reach/math.MaxInt16) * (1 + 1e-6)) // so that rounding does not overflow
	if step == 0 {
		step = 1e-6
	}
	b := make([]byte, 0, outlineHeader+outlineVertex*len(o.vertices))
	for _, x := range []float64{first.X, first.Y, first.Z} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(step)))
	// Rounding moves a vertex by at most half a step in each direction.
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32((o.slack+step*math.Sqrt(3)/2)*(1+1e-6))))
	for _, v := range o.vertices {
		d := v.Sub(first)
		for _, x := range []float64{d.X, d.Y, d.Z} {
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(math.Round(x/step))))
		}
	}
	return b
}

// ParseOutline reads what Bytes wrote.
func ParseOutline(b []byte) (Outline, error) {
	if len(b) < outlineHeader+2*outlineVertex || (len(b)-outlineHeader)%outlineVertex != 0 {
		return Outline{}, fmt.Errorf("an outline has no %d bytes", len(b))
	}
	float := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])) }
	small := func(i int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[24+4*i:]))) }
	first, step := Vector{float(0), float(1), float(2)}, small(0)
	o := Outline{slack: small(1), vertices: make([]Vector, (len(b)-outlineHeader)/outlineVertex)}
	for i := range o.vertices {
		at := func(k int) float64 {
			return step * float64(int16(binary.LittleEndian.Uint16(b[outlineHeader+outlineVertex*i+2*k:])))
		}
		o.vertices[i] = Vector{first.X + at(0), first.Y + at(1), first.Z + at(2)}
	}
	return o, nil
}
