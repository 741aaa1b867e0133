package gormstore

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

// keysOf returns ids as they are stored, for a condition with IN.
func keysOf[K id.Kind](ids []id.ID[K]) []string {
	keys := make([]string, len(ids))
	for i, x := range ids {
		keys[i] = x.String()
	}
	return keys
}

// idsIn returns keys that were read as ids.
func idsIn[K id.Kind](keys []uuid[K]) []id.ID[K] {
	ids := make([]id.ID[K], len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	return ids
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

// canonical returns the document as it was accepted.
func (d document) canonical() (strictjson.Document, error) {
	if d == nil {
		return nil, nil
	}
	return strictjson.Restored(d)
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

// decodeAs reads a JSON column of the row's own values into the domain's; NULL
// leaves it alone.
func decodeAs[J, D any](d document, of func(J) D, out *D) error {
	if d == nil {
		return nil
	}
	var v J
	if err := d.decode(&v); err != nil {
		return err
	}
	*out = of(v)
	return nil
}

// listOf turns the items of a list. Null stays null, which is not an empty list.
func listOf[A, B any](of func(A) B) func([]A) []B {
	return func(in []A) []B {
		if in == nil {
			return nil
		}
		out := make([]B, len(in))
		for i, a := range in {
			out[i] = of(a)
		}
		return out
	}
}

// mapOf turns the values of an object. Null stays null.
func mapOf[A, B any](of func(A) B) func(map[string]A) map[string]B {
	return func(in map[string]A) map[string]B {
		if in == nil {
			return nil
		}
		out := make(map[string]B, len(in))
		for name, a := range in {
			out[name] = of(a)
		}
		return out
	}
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

// list is an array parameter of PostgreSQL whose elements need no quotes.
type list[T int | float64 | string] []T

// Value implements driver.Valuer.
func (l list[T]) Value() (driver.Value, error) {
	parts := make([]string, len(l))
	for i, element := range l {
		parts[i] = fmt.Sprint(element)
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}
