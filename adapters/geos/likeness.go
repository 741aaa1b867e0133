package geos

import (
	"context"
	"math"

	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/geo"
)

// Overlap implements ports.Geometry. A ribbon around a line that is gone once
// covers its length times its width, and two half discs at the ends; what it
// covers less was covered twice.
func (Geometry) Overlap(ctx context.Context, line geo.Line, meters float64) (share float64, err error) {
	err = guarded(ctx, "measuring how a line overlaps itself", func() {
		ribbon := buffer(geos.NewContext(), geo.NewPlane(middle(line)), line.Points(), meters)
		once := (ribbon.Area() - math.Pi*meters*meters) / (2 * meters)
		share = min(max(1-once/line.LengthMeters(), 0), 1)
	})
	return share, err
}

const (
	evenMeters   = 10  // between the places at which lines are compared
	mostCompared = 400 // of them, so that the longest take milliseconds
)

// Apart implements ports.Geometry, by the discrete distance of even places: Mannila
// and others, Computing Discrete Fréchet Distance, TU Vienna CD-TR 94/64 (1994).
func (Geometry) Apart(ctx context.Context, a, b geo.Line) (meters float64, err error) {
	err = guarded(ctx, "comparing two lines", func() {
		gc := geos.NewContext()
		plane := geo.NewPlane(middle(a))
		every := max(evenMeters, max(a.LengthMeters(), b.LengthMeters())/mostCompared)
		meters = flat(gc, plane, even(a, every)).FrechetDistance(flat(gc, plane, even(b, every)))
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
