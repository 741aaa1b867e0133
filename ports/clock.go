package ports

import (
	"time"

	"github.com/runvs/runvs/domain/geo"
)

// Clock tells the time; the application's only source of it.
type Clock interface {
	Now() time.Time
}

// TimeZones knows what a clock on the wall says at a place.
type TimeZones interface {
	// LocalTime returns an instant with the place's wall clock. At sea it is the
	// nautical zone's.
	LocalTime(p geo.Point, at time.Time) time.Time
}
