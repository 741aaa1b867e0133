package ports

import (
	"context"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// Geometry does what needs polygons, or compares whole lines. Lines have at least
// 2 distinct vertices.
type Geometry interface {
	// Corridor returns the rings of the polygons (the first of each polygon is its
	// shell, the others are holes; each ring is closed) that hold every place
	// within straight metres of the line, and within curve metres of its curve
	// sections.
	Corridor(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) ([][][]geo.Point, error)
	// Overlap returns which share of a line, in [0, 1), lies within meters of
	// another part of it: 0 for a way that is gone once, near 0.5 for a way out and
	// back, 0.67 for three laps.
	Overlap(ctx context.Context, line geo.Line, meters float64) (share float64, err error)
	// Apart returns the Fréchet distance of two lines in metres: the shortest leash
	// with which somebody on the one can walk somebody on the other, both from
	// start to end and never back. It is within 10 m, or a 400th of the longer line
	// where that is more, of the exact one.
	Apart(ctx context.Context, a, b geo.Line) (meters float64, err error)
}
