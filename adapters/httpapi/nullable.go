package httpapi

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/domain/fault"
)

// Nullable tells an absent member (Sent false) from a null one (the zero Value).
type Nullable[T any] struct {
	Sent    bool
	NotNull bool
	Value   T
}

// UnmarshalJSON implements json.Unmarshaler; it is called for null, too. A value of
// another type is as if it was not sent: the schema refuses it, and what else is
// wrong is to be found as well.
func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	read := Nullable[T]{Sent: true, NotNull: string(b) != "null"}
	if json.Unmarshal(b, &read.Value) == nil {
		*n = read
	}
	return nil
}

// Schema implements huma.SchemaProvider.
func (n Nullable[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeOf(n.Value), true, "")
	s.Nullable = true
	return &s
}

// given returns a pointer to what was sent, nil for nothing. Null is refused.
func (n Nullable[T]) given(field string) (*T, error) {
	switch {
	case !n.Sent:
		return nil, nil
	case !n.NotNull:
		return nil, fault.InvalidField(field, "must not be null; leave it out to keep it as it is")
	}
	return &n.Value, nil
}
