// Package mvt writes Mapbox Vector Tiles, by orb's encoder, for stores that
// cannot do it themselves as PostGIS does.
package mvt

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/ports"
)

// Encoder implements ports.TileEncoder.
type Encoder struct{}

var _ ports.TileEncoder = Encoder{}

// New returns the encoder.
func New() Encoder { return Encoder{} }

// EncodeTile implements ports.TileEncoder. Equal content gives equal bytes.
func (Encoder) EncodeTile(t maptile.Tile, c ports.MapContent) ([]byte, error) {
	var clusters, starts, routes []*geojson.Feature
	for _, cluster := range c.Clusters {
		f := geojson.NewFeature(local(t, cluster.X, cluster.Y))
		f.Properties["courses"] = cluster.Courses
		clusters = append(clusters, f)
	}
	const width = 1 << maptile.Bits
	for _, s := range c.Starts {
		at := maptile.At(s.Start)
		starts = append(starts, feature(local(t, float64(at.X)/width, float64(at.Y)/width), s))
	}
	for _, r := range c.Routes {
		if g := cut(t, r.Line); g != nil {
			routes = append(routes, feature(g, r.MapCourse))
		}
	}
	var tile []byte
	for _, layer := range []struct {
		name     string
		features []*geojson.Feature
	}{{"clusters", clusters}, {"courses", starts}, {"routes", routes}} {
		if len(layer.features) == 0 {
			continue
		}
		// A tile is a list of layers: tiles of one layer can be joined.
		data, err := mvt.Marshal(mvt.Layers{{Name: layer.name, Version: 2, Extent: maptile.Extent, Features: layer.features}})
		if err != nil {
			return nil, err
		}
		tile = append(tile, data...)
	}
	return tile, nil
}

func feature(g orb.Geometry, c ports.MapCourse) *geojson.Feature {
	f := geojson.NewFeature(g)
	f.Properties = geojson.Properties{
		"id": c.ID.String(), "title": c.Title, "distance_meters": c.DistanceMeters, "total_runs": c.TotalRuns,
	}
	return f
}

// local returns a place of the map in whole units of the tile.
func local(t maptile.Tile, x, y float64) orb.Point {
	lx, ly := t.Local(x, y)
	return orb.Point{math.Round(lx), math.Round(ly)}
}

// cut returns what of a line is in the tile or its buffer, or nil. A line that
// crosses ±180° is drawn on both sides of the map.
func cut(t maptile.Tile, line geo.Line) orb.Geometry {
	around := orb.Bound{
		Min: orb.Point{-maptile.Buffer, -maptile.Buffer}, Max: orb.Point{maptile.Extent + maptile.Buffer, maptile.Extent + maptile.Buffer},
	}
	var parts orb.MultiLineString
	west, east := 0.0, 0.0 // of the line, in degrees beyond the map's edges
	var degrees []float64
	lng := line.At(0).Lng()
	for i := range line.Len() {
		lng += math.Remainder(line.At(i).Lng()-lng, 360)
		degrees = append(degrees, lng)
		west, east = math.Min(west, lng+180), math.Max(east, lng-180)
	}
	shifts := []float64{0}
	if west < 0 {
		shifts = append(shifts, 360)
	}
	if east > 0 {
		shifts = append(shifts, -360)
	}
	for _, shift := range shifts {
		projected := make(orb.LineString, line.Len())
		for i := range projected {
			x, y := t.Local((degrees[i]+shift)/360+0.5, maptile.Height(line.At(i).Lat()))
			projected[i] = orb.Point{x, y}
		}
		for _, part := range clip.LineString(around, projected) {
			if part = whole(part); len(part) > 1 {
				parts = append(parts, part)
			}
		}
	}
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return parts
}

// whole rounds a line to whole units, and leaves out what stays in place.
func whole(line orb.LineString) orb.LineString {
	out := line[:0]
	for _, p := range line {
		p = orb.Point{math.Round(p[0]), math.Round(p[1])}
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	return out
}
