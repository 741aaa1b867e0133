package geos

import (
	"context"
	"math"

	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/geo"
)

const (
	evenMeters   = 10  // between the places at which lines are compared
	mostCompared = 400 // of them, so that the longest take milliseconds

	// apartBytes is what a comparison takes at most: a table of mostCompared squared.
	apartBytes = 16 << 20
)

// Apart implements ports.Geometry, by the discrete distance of even places: Mannila
// and others, Computing Discrete Fréchet Distance, TU Vienna CD-TR 94/64 (1994).
func (g *Geometry) Apart(ctx context.Context, a, b geo.Line) (meters float64, err error) {
	release, err := g.budget.Take(ctx, apartBytes)
	if err != nil {
		return 0, err
	}
	defer release()
	err = guarded(ctx, "comparing two lines", func() error {
		gc := geos.NewContext()
		plane := geo.NewPlane(middle(a))
		every := max(evenMeters, max(a.LengthMeters(), b.LengthMeters())/mostCompared)
		meters = flat(gc, plane, even(a, every)).FrechetDistance(flat(gc, plane, even(b, every)))
		return nil
	})
	return meters, err
}

// even returns places of a line that are at most so many metres apart.
func even(l geo.Line, every float64) []geo.Point {
	length := l.LengthMeters()
	n := max(1, int(math.Ceil(length/every)))
	out := []geo.Point{l.Start()}
	along := 0.0
	for i, k := 1, 1; i < l.Len() && k < n; i++ {
		d := geo.Distance(l.At(i-1), l.At(i))
		for ; k < n && float64(k)*length/float64(n) <= along+d; k++ {
			out = append(out, l.At(i-1).Interpolate(l.At(i), min(1, max(0, (float64(k)*length/float64(n)-along)/max(d, 1e-9)))))
		}
		along += d
	}
	return append(out, l.End())
}
