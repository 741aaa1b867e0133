package course

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// A course that is made of a run has in it what its runner did at red lights: a
// ball of jitter where they stood, and a street jogged to and fro. Nobody else can
// follow that. Such a knot ends where it began and goes on the way it came, has
// stayed near, and has gone round nothing: the laps of a track go round something.
const (
	// stopStrideMeters is how finely the line is looked at.
	stopStrideMeters = 5
	// knotMeters is the longest path of a knot that is undone at once: three times to
	// and fro over 60 m, with room. Longer ones are undone piece by piece.
	knotMeters = 400
	// knotReachMeters is how far a knot leads away: to and fro over 60 m, with noise. A
	// spur that is no longer goes with it: who stays at its foot is within the threshold
	// of nearly all of it, so no judge could ask for it.
	knotReachMeters = 75
	// knotEndsMeters is how near to its beginning a knot ends: two passes of one
	// street.
	knotEndsMeters = 12
	// knotWidthMeters is how wide a knot is on average: both sides of a street. The
	// area that a path goes round is half its length times that. The smallest indoor
	// tracks are twice as wide.
	knotWidthMeters = 12
	// knotLeastMeters is how much longer than the way through it a knot is: less is
	// a receiver's noise.
	knotLeastMeters = 25
	// headingMeters is over how much of the path its direction is taken.
	headingMeters = 15
)

// WithoutStops returns the line without balls of jitter and stretches that were
// jogged to and fro. A line without any, and one that is too long for a course, is
// returned as it is.
func WithoutStops(l geo.Line) geo.Line {
	if l.Len() < 3 || l.LengthMeters() > MaxLengthMeters {
		return l
	}
	t := newTrail(l)
	var knots []stretch
	for i := 0; i < len(t.x); {
		j := t.knot(i)
		if j == i {
			i++
			continue
		}
		knots = append(knots, stretch{t.along(i), t.along(j)})
		i = j
	}
	if len(knots) == 0 {
		return l
	}
	if out, err := geo.NewLine(t.without(knots)); err == nil {
		return out
	}
	return l
}

// trail is a line with places on it every stopStrideMeters, in a plane.
type trail struct {
	line   geo.Line
	meters []float64 // from the start to each vertex
	x, y   []float64 // of the places
	round  []float64 // twice the area that the line has gone round so far, as seen from the origin
}

func newTrail(l geo.Line) *trail {
	p := &trail{line: l, meters: make([]float64, l.Len())}
	plane := geo.NewPlane(l.At(l.Len() / 2))
	p.place(plane.Project(l.At(0)))
	next := float64(stopStrideMeters)
	for i := 1; i < l.Len(); i++ {
		d := geo.Distance(l.At(i-1), l.At(i))
		p.meters[i] = p.meters[i-1] + d
		for ; next <= p.meters[i]; next += stopStrideMeters {
			p.place(plane.Project(l.At(i-1).Interpolate(l.At(i), (next-p.meters[i-1])/d)))
		}
	}
	return p
}

func (p *trail) place(x, y float64) {
	round := 0.0
	if n := len(p.x); n > 0 {
		round = p.round[n-1] + p.x[n-1]*y - x*p.y[n-1]
	}
	p.x, p.y, p.round = append(p.x, x), append(p.y, y), append(p.round, round)
}

func (p *trail) along(i int) float64 { return float64(i) * stopStrideMeters }

// knot returns the last place at which a knot ends that begins at i; i when none
// does.
func (p *trail) knot(i int) int {
	ends := i
	for j := i + 1; j < len(p.x) && p.along(j)-p.along(i) <= knotMeters; j++ {
		d2 := p.apart2(i, j)
		if d2 > knotReachMeters*knotReachMeters {
			break
		}
		meters := p.along(j) - p.along(i)
		if d2 > knotEndsMeters*knotEndsMeters || meters < knotLeastMeters+knotEndsMeters {
			continue
		}
		area2 := math.Abs(p.round[j] - p.round[i] + p.x[j]*p.y[i] - p.x[i]*p.y[j])
		if area2 <= knotWidthMeters*meters && p.goesOn(i, j) {
			ends = j
		}
	}
	return ends
}

// apart2 is the square of the metres between two places.
func (p *trail) apart2(i, j int) float64 {
	dx, dy := p.x[j]-p.x[i], p.y[j]-p.y[i]
	return dx*dx + dy*dy
}

// goesOn reports whether the line leaves j about the way that it came to i: it
// does not turn back. At an end of the line anything goes.
func (p *trail) goesOn(i, j int) bool {
	const n = headingMeters / stopStrideMeters
	if i < n || j+n >= len(p.x) {
		return true
	}
	inX, inY := p.x[i]-p.x[i-n], p.y[i]-p.y[i-n]
	outX, outY := p.x[j+n]-p.x[j], p.y[j+n]-p.y[j]
	return inX*outX+inY*outY >= 0
}

// without returns the vertices outside of the knots, with the places where a knot
// begins and ends.
func (p *trail) without(knots []stretch) []geo.Point {
	var out []geo.Point
	for i, m := range p.meters {
		for len(knots) > 0 && m > knots[0].from {
			k := knots[0]
			if i > 0 && p.meters[i-1] <= k.from {
				out = append(out, p.at(i, k.from))
			}
			if m < k.to {
				break
			}
			out, knots = append(out, p.at(i, k.to)), knots[1:]
		}
		if len(knots) == 0 || m <= knots[0].from {
			out = append(out, p.line.At(i))
		}
	}
	return out
}

// at returns the place so many metres along, on the leg that ends at vertex i.
func (p *trail) at(i int, along float64) geo.Point {
	return p.line.At(i-1).Interpolate(p.line.At(i), (along-p.meters[i-1])/(p.meters[i]-p.meters[i-1]))
}
