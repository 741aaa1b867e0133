package httpapi

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/twpayne/go-polyline"

	"github.com/runvs/runvs/domain/geo"
)

// GeoPoint is a point in GeoJSON, longitude before latitude.
type GeoPoint struct {
	Type        string     `json:"type" enum:"Point"`
	Coordinates [2]float64 `json:"coordinates" nullable:"false"`
}

func geoPointOf(p geo.Point) GeoPoint { return GeoPoint{Type: "Point", Coordinates: position(p)} }

// LineString is a line in GeoJSON, longitude before latitude.
type LineString struct {
	Type        string       `json:"type" enum:"LineString"`
	Coordinates [][2]float64 `json:"coordinates" nullable:"false"`
}

func lineString(points []geo.Point) LineString {
	return LineString{Type: "LineString", Coordinates: each(points, position)}
}

// Polygons is a GeoJSON MultiPolygon, or a Polygon when there is one.
type Polygons struct {
	Type        string `json:"type" enum:"Polygon,MultiPolygon"`
	Coordinates []any  `json:"coordinates" nullable:"false"`
}

func position(p geo.Point) [2]float64 { return [2]float64{p.Lng(), p.Lat()} }

// Geometry is a line as it was asked for: GeoJSON, or an encoded polyline
// (precision 5).
type Geometry struct{ line any }

func geometryOf(points []geo.Point, format string) Geometry {
	if format == "polyline" {
		return Geometry{encodePolyline(points)}
	}
	return Geometry{lineString(points)}
}

// MarshalJSON implements json.Marshaler.
func (g Geometry) MarshalJSON() ([]byte, error) { return json.Marshal(g.line) }

// Schema implements huma.SchemaProvider.
func (Geometry) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[LineString](), true, ""),
		{Type: huma.TypeString, Description: "An encoded polyline, with geometry=polyline"},
	}}
}

func encodePolyline(points []geo.Point) string {
	coords := make([][]float64, len(points))
	for i, p := range points {
		coords[i] = []float64{p.Lat(), p.Lng()}
	}
	return string(polyline.EncodeCoords(coords))
}
