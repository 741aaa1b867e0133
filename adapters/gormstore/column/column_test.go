package column

import (
	"database/sql"
	"database/sql/driver"
	"reflect"
	"testing"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
)

// TestWhatIsWrittenIsReadBack writes as for PostgreSQL, which answers in text; what
// SQLite answers is tested with the store.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	someone := NewID[id.UserKind]()
	place := geo.MustPoint(37.5, -127.25)
	for name, c := range map[string]struct {
		in  driver.Valuer
		out sql.Scanner
	}{
		"an id":         {someone, &ID[id.UserKind]{}},
		"no id":         {ID[id.UserKind]{}, &someone},
		"a digest":      {Digest{1, 2, 3}, &Digest{}},
		"JSON":          {JSON(`{"a":1}`), &JSON{}},
		"no JSON":       {JSON(nil), &JSON{1}},
		"tags":          {Tags{"flat", `a"b\c`, "한강 {,}", "NULL", ""}, &Tags{}},
		"no tags":       {Tags{}, &Tags{"x"}},
		"a line":        {Line{place, place}, &Line{}},
		"a place":       {Point{Point: place}, &Point{}},
		"tags in JSON":  {text(`["a","한\"강"]`), &Tags{}},
		"a list's text": {Array[float64]{1.5, -2}, nil},
	} {
		v, err := c.in.Value()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c.out == nil {
			if v != "{1.5,-2}" {
				t.Errorf("%s is written %v", name, v)
			}
			continue
		}
		if err := c.out.Scan(v); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := any(c.in)
		if _, asText := want.(text); asText {
			want = Tags{"a", `한"강`}
		}
		if got := reflect.ValueOf(c.out).Elem().Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v is read as %v", name, want, got)
		}
	}
}

// text is a column's text as it is.
type text string

func (s text) Value() (driver.Value, error) { return string(s), nil }

func TestWhatAColumnCannotHoldIsRefused(t *testing.T) {
	point, err := Point{Point: geo.MustPoint(1, 2)}.Value()
	if err != nil {
		t.Fatal(err)
	}
	line, err := Line{geo.MustPoint(1, 2), geo.MustPoint(3, 4)}.Value()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		out sql.Scanner
		src any
	}{
		"an id of a number":      {&ID[id.UserKind]{}, 7},
		"an id of other text":    {&ID[id.UserKind]{}, "x"},
		"a digest of text":       {&Digest{}, "x"},
		"a digest of 31 bytes":   {&Digest{}, make([]byte, 31)},
		"a digest of NULL":       {&Digest{}, nil},
		"JSON of a number":       {&JSON{}, 7},
		"tags of a number":       {&Tags{}, 7},
		"tags of other text":     {&Tags{}, "x"},
		"tags of other JSON":     {&Tags{}, "[1]"},
		"a line of a point":      {&Line{}, point},
		"a point of a line":      {&Point{}, line},
		"a place of a number":    {&Point{}, 7},
		"a place of other text":  {&Point{}, "zz"},
		"a place of other bytes": {&Point{}, []byte("x")},
	} {
		if err := c.out.Scan(c.src); err == nil {
			t.Errorf("%s is read as %v", name, c.out)
		}
	}
}
