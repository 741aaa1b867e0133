package ports

import (
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
)

// MapContent is what a map tile shows, a layer each. With more starts than
// maptile.MaxPoints, a tile of maptile.LastClustered or before has clusters and
// no starts; a deeper one has the most-run starts. Courses are in the order of
// their prominence, clusters by row and column.
type MapContent struct {
	// Clusters is the layer "clusters": points with "courses", their number.
	Clusters []MapCluster
	// Starts is the layer "courses": points with "id", "title", "distance_meters"
	// and "total_runs".
	Starts []MapCourse
	// Routes is the layer "routes": the lines of up to maptile.MaxRoutes courses
	// that cross the tile, with the same properties, from maptile.FirstRoutes on.
	Routes []MapRoute
}

// MapCourse is a course on a map.
type MapCourse struct {
	ID             id.Course
	Title          string
	Start          geo.Point
	DistanceMeters int
	TotalRuns      int
}

// MapRoute is a course on a map with its line.
type MapRoute struct {
	MapCourse
	Line geo.Line
}

// MapCluster is the courses that start in a cell of the map.
type MapCluster struct {
	Courses int
	X, Y    float64 // where they start in the mean, of the map's width from the north-west
}

// TileEncoder writes map tiles.
type TileEncoder interface {
	// EncodeTile returns the content as a Mapbox Vector Tile: coordinates in 4096ths
	// of the tile, rounded to the nearest, and lines cut at maptile.Buffer beyond
	// its edge. Layers without features are left out.
	EncodeTile(t maptile.Tile, c MapContent) ([]byte, error)
}
