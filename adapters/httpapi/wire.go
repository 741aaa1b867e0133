package httpapi

import (
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Time is an instant on the wire: RFC 3339 in UTC with milliseconds.
type Time struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// Schema implements huma.SchemaProvider.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-05-01T06:30:00.000Z"}}
}

func optionalTime(t *time.Time) *Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return &Time{*t}
}

// Object is a JSON object whose members are the client's own.
type Object struct{ strictjson.Document }

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) { return o.Document.MarshalJSON() }

// UnmarshalJSON implements json.Unmarshaler.
func (o *Object) UnmarshalJSON(b []byte) error { return o.Document.UnmarshalJSON(b) }

// Schema implements huma.SchemaProvider.
func (Object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Nullable: true}
}

// Person is a user inside another resource.
type Person struct {
	ID        string  `json:"id" format:"uuid"`
	Nickname  *string `json:"nickname"`
	AvatarURL *string `json:"avatar_url"`
}

func (l links) personOf(p user.Person) *Person {
	if p.ID.IsZero() {
		return nil
	}
	return &Person{ID: p.ID.String(), Nickname: optional(p.Nickname), AvatarURL: l.avatar(p.AvatarID)}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func optionalID[K id.Kind](x id.ID[K]) *string { return optional(x.String()) }

// stored is an answer that was written when it was made.
type stored struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// Pages are the parameters of a list.
type Pages struct {
	Page    int `query:"page" minimum:"1" maximum:"1000000" default:"1" doc:"From 1"`
	PerPage int `query:"per_page" minimum:"1" maximum:"100" default:"20"`
}

func (p Pages) page() ports.Page {
	return ports.Page{Offset: (p.Page - 1) * p.PerPage, Limit: p.PerPage}
}

// List is a page of items.
type List[T any] struct {
	Items      []T  `json:"items" nullable:"false"`
	Page       int  `json:"page"`
	PerPage    int  `json:"per_page"`
	TotalCount int  `json:"total_count"`
	HasNext    bool `json:"has_next"`
}

func listOf[T any](items []T, p Pages, total int) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{Items: items, Page: p.Page, PerPage: p.PerPage, TotalCount: total, HasNext: p.Page*p.PerPage < total}
}

// body is an answer that is its body.
type body[T any] struct{ Body T }

func itoa(n int) string { return strconv.Itoa(n) }

// each turns the items of a list; the answer is never null.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

// eachKnown is each for a list that null says nothing is known of.
func eachKnown[A, B any](in []A, f func(A) B) []B {
	if in == nil {
		return nil
	}
	return each(in, f)
}

// seconds is for answers and headers.
func seconds(d time.Duration) int { return int(d / time.Second) }
