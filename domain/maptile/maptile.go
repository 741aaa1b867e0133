// Package maptile cuts the map of courses into the squares that web maps load:
// Web Mercator tiles, 2^z by 2^z of them at zoom z, counted from the north-west.
//
// Positions are whole numbers, so that every store puts a course in the same
// tile, and a course lies in exactly one tile of each zoom.
package maptile

import (
	"math"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
)

const (
	// Bits is how finely positions are told apart: the map is 2^Bits wide, which
	// is 4 cm at the equator.
	Bits = 30
	// MaxZoom is the deepest zoom there are tiles of: 10 m wide at the equator.
	MaxZoom = 22
	// Extent is the width of a tile in the units of its geometries.
	Extent = 4096
	// Buffer is how far lines go on beyond a tile's edge, so that they join.
	Buffer = 64
)

// What a tile shows.
const (
	// MaxPoints is how many starts a tile shows one by one. With more, those of
	// LastClustered and before are clusters; deeper tiles show the most-run ones.
	MaxPoints = 200
	// LastClustered is the deepest zoom with clusters.
	LastClustered = 13
	// FirstRoutes is the first zoom with lines, and MaxRoutes how many a tile
	// shows, the most-run first.
	FirstRoutes = 12
	MaxRoutes   = 100
)

// RootLevel is the level at which one cell holds all courses.
const RootLevel = 0

// Position is a place on the map, in 2^-Bits of its width: x east from ±180°,
// y south from the north edge at 85.05°. Places beyond the north and south edges
// lie on them.
type Position struct{ X, Y int }

// At returns the position of a place.
func At(p geo.Point) Position {
	const width = 1 << Bits
	return Position{
		X: int(math.Floor((p.Lng()/360+0.5)*width)) % width, // +180° is -180°
		Y: int(math.Max(0, math.Min(width-1, math.Floor(Height(p.Lat())*width)))),
	}
}

// Height returns how far a latitude is from the north edge of the map, in its
// width: 0 to 1, and up to 0.25 beyond for the last degrees before a pole.
func Height(lat float64) float64 {
	return 0.5 - math.Log(math.Tan(math.Pi/4+math.Max(-89, math.Min(89, lat))*math.Pi/360))/(2*math.Pi)
}

// Tile is a square of the map.
type Tile struct{ z, x, y int }

// ErrNotFound answers for a tile that is not on the map.
var ErrNotFound = fault.New(fault.NotFound, "tile_not_found", "there is no such tile: z is 0 to 22, x and y are 0 to 2^z - 1")

// New returns a tile. Faults: tile_not_found.
func New(z, x, y int) (Tile, error) {
	if z < 0 || z > MaxZoom || x < 0 || y < 0 || x >= 1<<z || y >= 1<<z {
		return Tile{}, ErrNotFound
	}
	return Tile{z, x, y}, nil
}

// Z returns the zoom.
func (t Tile) Z() int { return t.z }

// X returns the column, from the west.
func (t Tile) X() int { return t.x }

// Y returns the row, from the north.
func (t Tile) Y() int { return t.y }

// Span returns the north-west corner of the tile, and its width in positions:
// it holds x ≤ X < x + width, and y likewise.
func (t Tile) Span() (corner Position, width int) {
	width = 1 << (Bits - t.z)
	return Position{t.x * width, t.y * width}, width
}

// Holds reports whether a position lies in the tile.
func (t Tile) Holds(p Position) bool {
	corner, width := t.Span()
	return p.X >= corner.X && p.X < corner.X+width && p.Y >= corner.Y && p.Y < corner.Y+width
}

// Bounds returns a box of degrees that holds every place of the tile, and a
// millionth of a degree more.
func (t Tile) Bounds() geo.Bounds {
	const more = 1e-6
	n := float64(int(1) << t.z)
	return geo.Bounds{
		South: latitude(float64(t.y+1)/n) - more, North: latitude(float64(t.y)/n) + more,
		West: math.Max(-180, float64(t.x)/n*360-180-more), East: math.Min(180, float64(t.x+1)/n*360-180+more),
	}
}

// StartBounds is Bounds, with the places beyond the map's edge whose positions
// lie on it: the outermost rows reach to the poles.
func (t Tile) StartBounds() geo.Bounds {
	b := t.Bounds()
	if t.y == 0 {
		b.North = 90
	}
	if t.y == 1<<t.z-1 {
		b.South = -90
	}
	return b
}

// latitude returns the degrees at a height of the map, 0 at its north edge and 1
// at its south edge.
func latitude(y float64) float64 { return math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi }

// Clusters returns the level whose cells the tile shows as clusters, and the
// first column and row of its cells, and how many there are in each: 16 or 8.
func (t Tile) Clusters() (level, x, y, n int) {
	level = (t.z | 1) + 3
	n = 1 << (level - t.z)
	return level, t.x * n, t.y * n, n
}

// Local returns where in the tile a place of the map is that is x and y of its
// width from the north-west, in units of Extent.
func (t Tile) Local(x, y float64) (float64, float64) {
	n := float64(int(1) << t.z)
	return (x*n - float64(t.x)) * Extent, (y*n - float64(t.y)) * Extent
}
