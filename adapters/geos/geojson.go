package geos

import (
	"strconv"

	"github.com/runvs/runvs/domain/geo"
)

// polygonsJSON writes polygons as a GeoJSON geometry (RFC 7946 §3.1.6 and
// §3.1.7): a Polygon, or a MultiPolygon of several.
func polygonsJSON(polygons [][][]geo.Point) []byte {
	out := []byte(`{"type":"MultiPolygon","coordinates":[`)
	if len(polygons) == 1 {
		out = []byte(`{"type":"Polygon","coordinates":`)
	}
	for i, rings := range polygons {
		out = separated(out, i, '[')
		for k, ring := range rings {
			out = separated(out, k, '[')
			for n, p := range ring {
				out = separated(out, n, '[')
				out = strconv.AppendFloat(out, p.Lng(), 'f', -1, 64)
				out = strconv.AppendFloat(append(out, ','), p.Lat(), 'f', -1, 64)
				out = append(out, ']')
			}
			out = append(out, ']')
		}
		out = append(out, ']')
	}
	if len(polygons) != 1 {
		out = append(out, ']')
	}
	return append(out, '}')
}

// separated opens the i-th element of an array.
func separated(out []byte, i int, open byte) []byte {
	if i > 0 {
		out = append(out, ',')
	}
	return append(out, open)
}
