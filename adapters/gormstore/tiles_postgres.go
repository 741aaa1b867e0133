package gormstore

import (
	"context"
	"strconv"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/ports"
)

// encodeTile has PostGIS write the tile: points and lines never leave the
// database but as what the map needs of them.
func (postgresDialect) encodeTile(ctx context.Context, r *repo, t maptile.Tile, c tileContent) ([]byte, error) {
	// OFFSET 0 has each geometry made once, though it is looked at twice.
	layer := func(name, features string) string {
		return "coalesce((SELECT ST_AsMVT(f, '" + name + "', " + strconv.Itoa(maptile.Extent) + ", 'geom') FROM (" + features + " OFFSET 0) AS f WHERE f.geom IS NOT NULL), '')"
	}
	// geom takes a geometry in EPSG:3857.
	geom := func(geometry string) string {
		return "ST_AsMVTGeom(" + geometry + ", (SELECT box FROM tile), " + strconv.Itoa(maptile.Extent) + ", " + strconv.Itoa(maptile.Buffer) + ", true) AS geom"
	}
	const (
		properties = "c.id::text AS id, c.title, c.distance_meters, coalesce(s.total_runs, 0) AS total_runs"
		chosen     = " FROM unnest(?::uuid[]) WITH ORDINALITY AS chosen (id, place) JOIN courses AS c ON c.id = chosen.id" +
			" LEFT JOIN course_stats AS s ON s.course_id = c.id ORDER BY chosen.place"
		// Half the earth's circumference in metres of EPSG:3857.
		half = "20037508.342789244"
		// A line that crosses ±180° is cut there, and only what lies around the tile
		// is projected: Web Mercator has no poles.
		around = "ST_ClipByBox2D(CASE WHEN c.route_west > c.route_east THEN ST_WrapX(ST_ShiftLongitude(c.route_geometry::geometry), 180, -360)" +
			" ELSE c.route_geometry::geometry END, (SELECT degrees FROM tile))"
	)
	sql := "WITH tile AS (SELECT ST_TileEnvelope(?, ?, ?) AS box, ST_Transform(ST_TileEnvelope(?, ?, ?, margin => 0.1), 4326) AS degrees) SELECT " +
		layer("clusters", "SELECT "+geom("ST_SetSRID(ST_MakePoint((2 * x - 1) * "+half+", (1 - 2 * y) * "+half+"), 3857)")+", courses"+
			" FROM unnest(?::float8[], ?::float8[], ?::bigint[]) AS clusters (x, y, courses)") + " || " +
		layer("courses", "SELECT "+geom("ST_SetSRID(ST_MakePoint((c.map_x::float8 / 536870912 - 1) * "+half+", (1 - c.map_y::float8 / 536870912) * "+half+"), 3857)")+", "+properties+chosen) + " || " +
		layer("routes", "SELECT "+geom("ST_Transform("+around+", 3857)")+", "+properties+chosen)
	var xs, ys column.Array[float64]
	var ns column.Array[int]
	for _, cluster := range c.clusters {
		xs, ys, ns = append(xs, cluster.X), append(ys, cluster.Y), append(ns, cluster.Courses)
	}
	var data []byte
	err := r.db.WithContext(ctx).Raw(sql, t.Z(), t.X(), t.Y(), t.Z(), t.X(), t.Y(), xs, ys, ns, idList(c.starts), idList(c.routes)).Row().Scan(&data)
	return data, err
}

func idList(courses []ports.MapCourse) (ids column.Array[string]) {
	for _, c := range courses {
		ids = append(ids, c.ID.String())
	}
	return ids
}
