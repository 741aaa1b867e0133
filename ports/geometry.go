package ports

import (
	"context"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// Geometry does what needs polygons. Lines have at least 2 distinct vertices.
type Geometry interface {
	// Corridor returns what holds every place within straight metres of the line,
	// and within curve metres of its curve sections, as a GeoJSON Polygon or
	// MultiPolygon. It may take seconds, and is no work for a request.
	Corridor(ctx context.Context, line geo.Line, sections []judge.Section, straightMeters, curveMeters float64) (geoJSON []byte, err error)
}
