package strictjson

import (
	"encoding/json"
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

// FuzzCanonical checks that whatever is accepted is JSON for encoding/json,
// too, and that the canonical form is a fixed point.
func FuzzCanonical(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9"]}`, `[null,true]`, `1e-7`, `"\ud83d\ude00"`, `{"a":{"b":{}}}`, `-0.0`} {
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
	})
}
