package maptile

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
)

func TestPlacesAreWhereWebMapsHaveThem(t *testing.T) {
	const width = 1 << Bits
	for name, c := range map[string]struct {
		lat, lng float64
		x, y     int
	}{
		"the middle":     {0, 0, width / 2, width / 2},
		"the date line":  {0, -180, 0, width / 2},
		"its other side": {0, 180, 0, width / 2},
		"the north pole": {90, 90, width / 4 * 3, 0},
		"the south pole": {-90, -90, width / 4, width - 1},
	} {
		if got := At(geo.MustPoint(c.lat, c.lng)); got != (Position{c.x, c.y}) {
			t.Errorf("%s is at %v", name, got)
		}
	}
	// Seoul's city hall, as every slippy map names its tile.
	tile, err := New(10, 873, 396)
	if err != nil || !tile.Holds(At(geo.MustPoint(37.5663, 126.9779))) {
		t.Errorf("Seoul is not in %v, %v", tile, err)
	}
}

func TestTilesBeyondTheMapAreNotFound(t *testing.T) {
	for _, c := range [][3]int{{-1, 0, 0}, {0, 1, 0}, {0, 0, -1}, {3, 8, 0}, {3, 0, 8}, {23, 0, 0}, {64, 0, 0}} {
		if _, err := New(c[0], c[1], c[2]); !fault.HasCode(err, "tile_not_found") {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// A place lies in exactly one tile of a zoom and in the bounds of that tile, and
// its cells are those of the cluster level.
func TestAPlaceLiesInOneTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := geo.MustPoint(rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng"))
		z := rapid.IntRange(0, MaxZoom).Draw(t, "z")
		p := At(place)
		tile, err := New(z, p.X>>(Bits-z), p.Y>>(Bits-z))
		if err != nil || !tile.Holds(p) || !tile.StartBounds().Contains(place) {
			t.Fatalf("%v at %v is not in %+v, bounds %+v: %v", place, p, tile, tile.StartBounds(), err)
		}
		if next, err := New(z, tile.X()+1, tile.Y()); err == nil && next.Holds(p) {
			t.Fatalf("%v is in %+v as well", p, next)
		}
		if z > LastClustered {
			return
		}
		level, x, y, n := tile.Clusters()
		cellX, cellY := p.X>>(Bits-level), p.Y>>(Bits-level)
		if cellX < x || cellX >= x+n || cellY < y || cellY >= y+n || n < 8 || n > 16 {
			t.Fatalf("cell %d, %d of level %d is not among the %d from %d, %d", cellX, cellY, level, n, x, y)
		}
		localX, localY := tile.Local(float64(p.X)/(1<<Bits), float64(p.Y)/(1<<Bits))
		if localX < 0 || localX >= Extent || localY < 0 || localY >= Extent || math.IsNaN(localX) {
			t.Fatalf("%v is at %f, %f of its tile", p, localX, localY)
		}
	})
}
