// Package timezone tells what the clock on the wall says at a place.
//
// It asks a map of the world's time zones, on land and at sea, whose borders are
// drawn to within some hundred metres. The map stays as it comes, compressed:
// unpacked it would fill some 50 MB for a question that is asked once a run.
package timezone

import (
	"math"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the server may run where no zone files are installed

	tzfrellite "github.com/ringsaturn/tzf-rel-lite"

	"github.com/runvs/runvs/domain/geo"
)

// Zones implements ports.TimeZones. The map is indexed on first use, which takes
// some 20 ms. It may be used by many goroutines.
type Zones struct{ world func() (*worldMap, error) }

// New returns the zones of the world.
func New() *Zones {
	return &Zones{world: sync.OnceValues(func() (*worldMap, error) {
		return newWorldMap(tzfrellite.LiteCompressData)
	})}
}

// LocalTime implements ports.TimeZones. Where the map has no zone, it is the
// nautical one: 15° of longitude to the hour.
func (z *Zones) LocalTime(p geo.Point, at time.Time) time.Time {
	if name := z.name(p); name != "" {
		if location, err := time.LoadLocation(name); err == nil {
			return at.In(location)
		}
	}
	hours := int(math.Round(p.Lng() / 15))
	return at.In(time.FixedZone("", hours*3600))
}

// gapDegrees is how far around a place a zone is looked for when the place lies
// in none: simplifying the borders has left narrow gaps between the zones.
const gapDegrees = 0.02

// name returns the zone of a place, such as "Asia/Seoul"; "" when there is none.
func (z *Zones) name(p geo.Point) string {
	world, err := z.world()
	if err != nil {
		return "" // the map is part of the program, and a test reads all of it
	}
	for _, d := range [...]struct{ lat, lng float64 }{{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {1, -1}, {-1, 1}, {-1, -1}} {
		lat := max(-90, min(90, p.Lat()+gapDegrees*d.lat))
		lng := math.Remainder(p.Lng()+gapDegrees*d.lng, 360)
		if name := world.zone(lat, lng); name != "" {
			return name
		}
	}
	return ""
}

// atSea reports whether a zone is a nautical one.
func atSea(name string) bool { return strings.HasPrefix(name, "Etc/") }
