package gormstore

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	newid "github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"github.com/twpayne/go-geom/encoding/ewkbhex"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
)

// srid is WGS84's number in the EPSG register.
const srid = 4326

// uuid is an id column; NULL for "none".
type uuid[K id.Kind] struct{ id.ID[K] }

func key[K id.Kind](x id.ID[K]) uuid[K] { return uuid[K]{x} }

// Value implements driver.Valuer.
func (u uuid[K]) Value() (driver.Value, error) {
	if u.IsZero() {
		return nil, nil
	}
	return u.String(), nil
}

// Scan implements sql.Scanner.
func (u *uuid[K]) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		u.ID = id.ID[K]{}
	case string:
		u.ID, err = id.Parse[K](v)
	case []byte:
		u.ID, err = id.Parse[K](string(v))
	default:
		err = fmt.Errorf("no uuid: %T", src)
	}
	return err
}

// newKey makes a new id for a row that the domain has no name for.
func newKey[K id.Kind]() uuid[K] { return key(id.FromBytes[K](newid.Must(newid.NewV7()))) }

// digest is a SHA-256 column.
type digest [32]byte

// Value implements driver.Valuer.
func (d digest) Value() (driver.Value, error) { return d[:], nil }

// Scan implements sql.Scanner.
func (d *digest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("no digest of %d bytes: %T", len(d), src)
	}
	copy(d[:], b)
	return nil
}

// document is a JSON column; NULL for nil.
type document strictjson.Document

// Value implements driver.Valuer.
func (d document) Value() (driver.Value, error) {
	if d == nil {
		return nil, nil
	}
	return string(d), nil
}

// Scan implements sql.Scanner. PostgreSQL writes JSONB in a form of its own, so
// what comes back is made canonical where equality matters (canonical).
func (d *document) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = nil
	case string:
		*d = document(v)
	case []byte:
		*d = bytes.Clone(v)
	default:
		return fmt.Errorf("no JSON: %T", src)
	}
	return nil
}

// canonical returns the document as the domain knows it.
func (d document) canonical() (strictjson.Document, error) {
	if d == nil {
		return nil, nil
	}
	return strictjson.Canonical(d)
}

// encode writes a value as a JSON column.
func encode(v any) (document, error) {
	b, err := json.Marshal(v)
	return document(b), err
}

// decode reads a JSON column into v; NULL leaves it alone.
func (d document) decode(v any) error {
	if d == nil {
		return nil
	}
	return json.Unmarshal(d, v)
}

// path is a geography(LineString) column, written as hexadecimal EWKB. It may
// have two equal points, which a geo.Line refuses and a run that stood still has.
type path []geo.Point

// Value implements driver.Valuer.
func (p path) Value() (driver.Value, error) {
	flat := make([]float64, 0, 2*len(p))
	for _, q := range p {
		flat = append(flat, q.Lng(), q.Lat())
	}
	return ewkbhex.Encode(geom.NewLineStringFlat(geom.XY, flat).SetSRID(srid), ewkb.NDR)
}

// Scan implements sql.Scanner.
func (p *path) Scan(src any) error {
	g, err := scanGeometry(src)
	if err != nil {
		return err
	}
	line, ok := g.(*geom.LineString)
	if !ok {
		return fmt.Errorf("no line: %T", g)
	}
	flat := line.FlatCoords()
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

// spot is a geography(Point) column.
type spot struct{ geo.Point }

// Value implements driver.Valuer.
func (s spot) Value() (driver.Value, error) {
	return ewkbhex.Encode(geom.NewPointFlat(geom.XY, []float64{s.Lng(), s.Lat()}).SetSRID(srid), ewkb.NDR)
}

// Scan implements sql.Scanner.
func (s *spot) Scan(src any) error {
	g, err := scanGeometry(src)
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

func scanGeometry(src any) (geom.T, error) {
	switch v := src.(type) {
	case string:
		return ewkbhex.Decode(v)
	case []byte:
		return ewkbhex.Decode(string(v))
	}
	return nil, fmt.Errorf("no geography: %T", src)
}

// tagList is a TEXT[] column; on SQLite the same list as JSON.
type tagList struct {
	tags []string
	json bool
}

// Value implements driver.Valuer.
func (t tagList) Value() (driver.Value, error) {
	if t.json {
		b, err := json.Marshal(t.tags)
		return string(b), err
	}
	// An array literal quotes its elements as JSON does, for text without control characters.
	var b []byte
	b = append(b, '{')
	for i, tag := range t.tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = strictjson.AppendString(b, []byte(tag))
	}
	return string(append(b, '}')), nil
}

// Scan implements sql.Scanner.
func (t *tagList) Scan(src any) error {
	s, ok := src.(string)
	if b, isBytes := src.([]byte); isBytes {
		s, ok = string(b), true
	}
	if !ok {
		return fmt.Errorf("no list of tags: %T", src)
	}
	t.tags = []string{}
	if s != "" && s[0] == '[' {
		t.json = true
		return json.Unmarshal([]byte(s), &t.tags)
	}
	return pgtype.NewMap().SQLScanner(&t.tags).Scan(s)
}

// stamp returns a time as every store keeps it: UTC, whole microseconds.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// optional returns a column's value of a time that may be missing.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = stamp(t)
	return &t
}

// moment returns the time of an optional column; zero for NULL.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// text returns a column's value of a text that may be missing.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// value returns what a pointer points to; zero for NULL.
func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
