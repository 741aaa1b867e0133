package ports

import (
	"context"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// Geometry does what needs polygons, or compares whole lines. Lines have at least
// 2 distinct vertices.
type Geometry interface {
	// Corridor returns what holds every place within straight metres of the line,
	// and within curve metres of its curve sections, as a GeoJSON Polygon or
	// MultiPolygon. It may take seconds, and is no work for a request.
	Corridor(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) (geoJSON []byte, err error)
	// Apart returns the Fréchet distance of two lines in metres: the shortest leash
	// with which somebody on the one can walk somebody on the other, both from
	// start to end and never back. It is within 10 m, or a 400th of the longer line
	// where that is more, of the exact one.
	Apart(ctx context.Context, a, b geo.Line) (meters float64, err error)
}
