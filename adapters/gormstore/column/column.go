// Package column is what a column of a row may hold: how a value of Go or of the
// domain is written to PostgreSQL and to SQLite, and read back. It knows no table.
package column

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	newid "github.com/google/uuid"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
)

// ID is an id column; NULL for "none".
type ID[K id.Kind] struct{ id.ID[K] }

// IDOf returns an id as its column has it.
func IDOf[K id.Kind](x id.ID[K]) ID[K] { return ID[K]{x} }

// Value implements driver.Valuer.
func (u ID[K]) Value() (driver.Value, error) {
	if u.IsZero() {
		return nil, nil
	}
	return u.String(), nil
}

// Scan implements sql.Scanner.
func (u *ID[K]) Scan(src any) (err error) {
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

// Keys returns ids as they are stored, for a condition with IN.
func Keys[K id.Kind](ids []id.ID[K]) []string {
	keys := make([]string, len(ids))
	for i, x := range ids {
		keys[i] = x.String()
	}
	return keys
}

// IDs returns keys that were read as ids.
func IDs[K id.Kind](keys []ID[K]) []id.ID[K] {
	ids := make([]id.ID[K], len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	return ids
}

// NewID makes a new id for a row that the domain has no name for.
func NewID[K id.Kind]() ID[K] { return IDOf(id.FromBytes[K](newid.Must(newid.NewV7()))) }

// Digest is a SHA-256 column.
type Digest [32]byte

// Value implements driver.Valuer.
func (d Digest) Value() (driver.Value, error) { return d[:], nil }

// Scan implements sql.Scanner.
func (d *Digest) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("no digest of %d bytes: %T", len(d), src)
	}
	copy(d[:], b)
	return nil
}

// JSON is a JSON column; NULL for nil.
type JSON strictjson.Document

// Value implements driver.Valuer.
func (d JSON) Value() (driver.Value, error) {
	if d == nil {
		return nil, nil
	}
	return string(d), nil
}

// Scan implements sql.Scanner. PostgreSQL writes JSONB in a form of its own, so
// what comes back is made canonical where equality matters (Canonical).
func (d *JSON) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = nil
	case string:
		*d = JSON(v)
	case []byte:
		*d = bytes.Clone(v)
	default:
		return fmt.Errorf("no JSON: %T", src)
	}
	return nil
}

// Canonical returns the document as it was accepted.
func (d JSON) Canonical() (strictjson.Document, error) {
	if d == nil {
		return nil, nil
	}
	return strictjson.Restored(d)
}

// Encode writes a value as a JSON column.
func Encode(v any) (JSON, error) {
	b, err := json.Marshal(v)
	return JSON(b), err
}

// Decode reads a JSON column into v; NULL leaves it alone.
func (d JSON) Decode(v any) error {
	if d == nil {
		return nil
	}
	return json.Unmarshal(d, v)
}

// Stamp returns a time as every store keeps it: UTC, whole microseconds.
func Stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Optional returns a column's value of a time that may be missing.
func Optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = Stamp(t)
	return &t
}

// Moment returns the time of an optional column; zero for NULL.
func Moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// Text returns a column's value of a text that may be missing.
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Value returns what a pointer points to; zero for NULL.
func Value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

// Array is an array parameter of PostgreSQL whose elements need no quotes.
type Array[T int | float64 | string] []T

// Value implements driver.Valuer.
func (l Array[T]) Value() (driver.Value, error) {
	parts := make([]string, len(l))
	for i, element := range l {
		parts[i] = fmt.Sprint(element)
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}
