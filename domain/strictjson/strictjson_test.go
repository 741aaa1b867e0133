package strictjson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/runvs/runvs/domain/fault"
)

func TestWhatAStrictReaderRefuses(t *testing.T) {
	deep := strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)
	for name, in := range map[string]string{
		"empty": "", "truncated": `{"a":`, "trailing data": `{} x`, "two objects": `{}{}`, "a byte order mark": "\xef\xbb\xbf{}",
		"UTF-16": "{\x00}\x00", "invalid UTF-8": "{\"a\":\"\xff\"}", "a lone surrogate": `"\ud800"`, "a wrong pair": `"\ud800A"`,
		"NUL": `"\u0000"`, "too deep": deep, "duplicate keys": `{"a":1,"a":2}`, "duplicate keys, one escaped": `{"a":1,"\u0061":2}`,
		"a comment": `{/**/}`, "single quotes": `{'a':1}`, "NaN": `NaN`, "Infinity": `Infinity`, "1e400": `1e400`,
		"1e100000": `1e100000`, "a leading zero": `01`, "a lone minus": `-`, "no digit after the point": `1.`, "no exponent": `1e`,
		"26 digits": "1" + strings.Repeat("2", 25), "a raw control character": "\"\x01\"", "an unknown escape": `"\x"`,
		"a trailing comma": `[1,]`, "half a literal": `tru`, "an open string": `"abc`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := Check([]byte(in)); fault.KindOf(err) != fault.Malformed {
				t.Errorf("Check(%q) = %v, want a Malformed fault", in, err)
			}
		})
	}
}

func TestWhatAStrictReaderAccepts(t *testing.T) {
	for _, in := range []string{
		`{}`, `[]`, ` { "a" : [ 1 , -2.5e-3 , true , false , null , "é\n\u00e9\ud83d\ude00" ] } `, `0`, `-0`, `0.0000001234567890123456789012345`,
		strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth), "1234567890123456789012345",
	} {
		if err := Check([]byte(in)); err != nil {
			t.Errorf("Check(%q) = %v", in, err)
		}
	}
}

func TestEqualDocumentsHaveEqualBytes(t *testing.T) {
	a, err := Canonical([]byte(`{"b": [1.0, 2e1], "a":"\u0041\/"}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a":"A/","b":[1,20]}`; string(a) != want {
		t.Errorf("canonical %s, want %s", a, want)
	}
}

func TestAnIntegerIsWrittenAsOne(t *testing.T) {
	for in, ok := range map[string]bool{"1": true, "-5": true, "1.0": false, "1e3": false, `"1"`: false, "9223372036854775808": false, "null": false} {
		r, err := NewReader([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Int(); (err == nil) != ok {
			t.Errorf("Int of %s: %v", in, err)
		}
	}
}

// manyMembers is an object of n members, and one more of the name.
func manyMembers(n int, name string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		fmt.Fprintf(&b, `"%06d":1,`, i)
	}
	return b.String() + `"` + name + `":1}`
}

func TestANameThatComesTwiceIsFoundAmongAnyNumber(t *testing.T) {
	for _, n := range []int{1, few - 1, few, few + 1, few + 2, 5 * few} {
		for _, name := range []string{"000000", fmt.Sprintf("%06d", n/2), fmt.Sprintf("%06d", n-1)} {
			if err := Check([]byte(manyMembers(n, name))); fault.KindOf(err) != fault.Malformed {
				t.Errorf("%s comes twice among %d: %v", name, n, err)
			}
		}
		if err := Check([]byte(manyMembers(n, "other"))); err != nil {
			t.Errorf("%d members: %v", n, err)
		}
	}
}

// A body of 1 MiB with 130,000 names took 27 s when each was compared with all.
// Time is no test's to measure; the set that is used instead shows by its memory.
func TestManyNamesAreNotComparedOneByOne(t *testing.T) {
	allocations := func(n int) float64 {
		in := []byte(manyMembers(n, "other"))
		return testing.AllocsPerRun(1, func() {
			if err := Check(in); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few := allocations(few - 1); few > 20 {
		t.Errorf("few names take %v allocations", few)
	}
	if many := allocations(2000); many < 2000 {
		t.Errorf("2,000 names are compared one by one: %v allocations", many)
	}
}

func TestWhatWasStoredCanAlwaysBeRead(t *testing.T) {
	for name, c := range map[string]struct{ stored, want string }{
		"301 digits":             {"[1" + strings.Repeat("0", 300) + "]", "[1e+300]"},
		"300 zeros":              {"[0." + strings.Repeat("0", 299) + "1]", "[1e-300]"},
		"trailing zeros":         {"[1.50, 0.1000, -0.0]", "[1.5,0.1,0]"},
		"the order of JSONB":     {`{"b": 1, "aa": 2}`, `{"aa":2,"b":1}`},
		"deeper than the limit":  {strings.Repeat("[", 3*MaxDepth) + strings.Repeat("]", 3*MaxDepth), strings.Repeat("[", 3*MaxDepth) + strings.Repeat("]", 3*MaxDepth)},
		"more digits than today": {"1." + strings.Repeat("2", 3*MaxDigits), "1.2222222222222223"},
	} {
		if got, err := Restored([]byte(c.stored)); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if _, err := Restored([]byte(`{"a":1,"a":2}`)); err == nil {
		t.Error("what is no document of ours was read")
	}
}

func TestTheSizeIsThatOfNumbersWrittenOut(t *testing.T) {
	for in, want := range map[string]int{
		`{}`: 2, `[1e300]`: 303, `[-1e300]`: 304, `[1e-300]`: 304, `[1.5e-7]`: len(`[0.00000015]`), `1e20`: 21, `1e21`: 22,
		`["1e300"]`: 9, `["\"1e300"]`: 11, `{"1e300\\":1e300}`: 2 + 9 + 1 + 301, `[true,null,12.5,-0]`: len(`[true,null,12.5,0]`), ` [ 1 ] `: 3,
	} {
		doc, err := Canonical([]byte(in))
		if got := doc.Size(); err != nil || got != want {
			t.Errorf("%s: %d bytes, want %d; %v", in, got, want, err)
		}
	}
}

// jsonb writes a document as PostgreSQL's JSONB does: blanks, members by the
// length of their names, and numbers without exponents.
func jsonb(v any) string {
	switch v := v.(type) {
	case map[string]any:
		names := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
			return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
		})
		members := make([]string, len(names))
		for i, name := range names {
			members[i] = jsonb(name) + ": " + jsonb(v[name])
		}
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		elements := make([]string, len(v))
		for i, e := range v {
			elements[i] = jsonb(e)
		}
		return "[" + strings.Join(elements, ", ") + "]"
	case json.Number:
		return positional(string(v))
	}
	b, _ := json.Marshal(v)
	return string(b)
}

// positional moves the point of a number to where its exponent says.
func positional(number string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		sign, number = "-", rest
	}
	digits, exponent, _ := strings.Cut(number, "e")
	whole, fraction, _ := strings.Cut(digits, ".")
	shift, _ := strconv.Atoi(exponent)
	if shift < 0 {
		whole = strings.Repeat("0", -shift) + whole
	} else {
		fraction += strings.Repeat("0", shift)
	}
	point := len(whole) + shift
	whole, fraction = (whole + fraction)[:point], strings.TrimRight((whole + fraction)[point:], "0")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}

// FuzzCanonical checks that whatever is accepted is JSON for encoding/json,
// too, that the canonical form is a fixed point, and that it comes back from a
// store that writes it in another way.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9"]}`, `[null,true]`, `1e-7`, `"\ud83d\ude00"`, `{"a":{"b":{}}}`, `-0.0`,
		`[1e25,1E+308,5e-324,1e-25,0.1000,1.50,1234567890123456789012345,-1.7976931348623157e308]`, `{"bb":1e-7,"a":1e21}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		doc, err := Canonical(in)
		if err != nil {
			return
		}
		if !json.Valid(in) || !json.Valid(doc) {
			t.Fatalf("accepted %q as %q", in, doc)
		}
		again, err := Canonical(doc)
		if err != nil || string(again) != string(doc) {
			t.Fatalf("%q became %q: %v", doc, again, err)
		}
		reader := json.NewDecoder(bytes.NewReader(doc))
		reader.UseNumber()
		var v any
		if err := reader.Decode(&v); err != nil {
			t.Fatal(err)
		}
		stored := jsonb(v)
		restored, err := Restored([]byte(stored))
		if err != nil || string(restored) != string(doc) {
			t.Fatalf("%q, kept as %q, came back as %q: %v", doc, stored, restored, err)
		}
		if blanks := strings.Count(stored, ": ") + strings.Count(stored, ", "); !strings.Contains(stored, `"`) && doc.Size() != len(stored)-blanks {
			t.Fatalf("%q has a size of %d, and is kept as %q", doc, doc.Size(), stored)
		}
	})
}
