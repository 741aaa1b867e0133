package column

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"github.com/twpayne/go-geom/encoding/ewkbhex"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/domain/geo"
)

// srid is WGS84's number in the EPSG register.
const srid = 4326

// Line is a geography(LineString) column: EWKB, in hexadecimal for PostgreSQL
// and as it is for SQLite. It may have two equal points, which a geo.Line
// refuses and a run that stood still has.
type Line []geo.Point

func (p Line) geometry() geom.T {
	flat := make([]float64, 0, 2*len(p))
	for _, q := range p {
		flat = append(flat, q.Lng(), q.Lat())
	}
	return geom.NewLineStringFlat(geom.XY, flat).SetSRID(srid)
}

// Value implements driver.Valuer for PostgreSQL.
func (p Line) Value() (driver.Value, error) { return ewkbhex.Encode(p.geometry(), ewkb.NDR) }

// GormValue implements gorm.Valuer.
func (p Line) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	return geographyValue(db, p.geometry())
}

// Scan implements sql.Scanner.
func (p *Line) Scan(src any) error {
	g, err := scanGeography(src)
	if err != nil {
		return err
	}
	line, ok := g.(*geom.LineString)
	if !ok {
		return fmt.Errorf("no line: %T", g)
	}
	flat := line.FlatCoords()
	if len(flat) == 0 {
		*p = nil // a run indoors
		return nil
	}
	points := make([]geo.Point, 0, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		q, err := geo.NewPoint(flat[i+1], flat[i])
		if err != nil {
			return err
		}
		points = append(points, q)
	}
	*p = points
	return nil
}

// Point is a geography(Point) column.
type Point struct{ geo.Point }

func (s Point) geometry() geom.T {
	return geom.NewPointFlat(geom.XY, []float64{s.Lng(), s.Lat()}).SetSRID(srid)
}

// Value implements driver.Valuer for PostgreSQL.
func (s Point) Value() (driver.Value, error) { return ewkbhex.Encode(s.geometry(), ewkb.NDR) }

// GormValue implements gorm.Valuer.
func (s Point) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	return geographyValue(db, s.geometry())
}

// Scan implements sql.Scanner.
func (s *Point) Scan(src any) error {
	g, err := scanGeography(src)
	if err != nil {
		return err
	}
	point, ok := g.(*geom.Point)
	if !ok {
		return fmt.Errorf("no point: %T", g)
	}
	s.Point, err = geo.NewPoint(point.Y(), point.X())
	return err
}

// geographyValue is how a geography is written to a database.
func geographyValue(db *gorm.DB, g geom.T) clause.Expr {
	data, err := ewkb.Marshal(g, ewkb.NDR)
	if err != nil {
		_ = db.AddError(err)
	}
	if onSQLite(db) {
		return clause.Expr{SQL: "?", Vars: []any{data}}
	}
	return clause.Expr{SQL: "?", Vars: []any{fmt.Sprintf("%x", data)}}
}

func onSQLite(db *gorm.DB) bool { return db.Name() == "sqlite" }

func scanGeography(src any) (geom.T, error) {
	switch v := src.(type) {
	case string:
		return ewkbhex.Decode(v)
	case []byte:
		return ewkb.Unmarshal(v)
	}
	return nil, fmt.Errorf("no geography: %T", src)
}
