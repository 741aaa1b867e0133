// Package timezone tells what the clock on the wall says at a place.
//
// It asks an index of map tiles that lie wholly in one zone. The full map of
// borders would take 160 MB of memory for the few places that lie within some
// kilometres of a border; there, the zone of the nearest known tile is taken.
package timezone

import (
	"math"
	"sync"
	"time"
	_ "time/tzdata" // the server may run where no zone files are installed

	"github.com/ringsaturn/tzf"
	tzfrellite "github.com/ringsaturn/tzf-rel-lite"
	pb "github.com/ringsaturn/tzf/gen/go/tzf/v1"
	"google.golang.org/protobuf/proto"

	"github.com/runvs/runvs/domain/geo"
)

// Zones implements ports.TimeZones. The index is read on first use.
type Zones struct{ finder func() (tzf.F, error) }

// New returns the zones of the world.
func New() *Zones {
	return &Zones{finder: sync.OnceValues(func() (tzf.F, error) {
		var index pb.PreindexTimezones
		if err := proto.Unmarshal(tzfrellite.PreindexData, &index); err != nil {
			return nil, err
		}
		return tzf.NewFuzzyFinderFromPB(&index)
	})}
}

// LocalHour implements ports.TimeZones. Where no zone is known, as at the
// poles, it is the nautical one: 15° of longitude to the hour.
func (z *Zones) LocalHour(p geo.Point, at time.Time) int {
	if location := z.location(p); location != nil {
		return at.In(location).Hour()
	}
	offset := time.Duration(math.Round(p.Lng()/15)) * time.Hour
	return at.UTC().Add(offset).Hour()
}

// ringsDegrees is how far around a place a tile is looked for: tiles of the
// index are 0.04° to 0.09° wide.
var ringsDegrees = []float64{0, 0.05, 0.1, 0.2, 0.3}

func (z *Zones) location(p geo.Point) *time.Location {
	finder, err := z.finder()
	if err != nil {
		return nil
	}
	for _, ring := range ringsDegrees {
		for _, d := range [...]struct{ lat, lng float64 }{{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {1, -1}, {-1, 1}, {-1, -1}} {
			lat := p.Lat() + ring*d.lat
			lng := math.Remainder(p.Lng()+ring*d.lng, 360)
			if math.Abs(lat) > 85 { // beyond the tiles of the web's map
				continue
			}
			if name := finder.GetTimezoneName(lng, lat); name != "" {
				if location, err := time.LoadLocation(name); err == nil {
					return location
				}
			}
			if ring == 0 {
				break
			}
		}
	}
	return nil
}
