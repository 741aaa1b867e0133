package strictjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
)

// TestStringsAreThoseOfTheStandardLibrary compares what is read of a string, and
// what is written, with encoding/json.
func TestStringsAreThoseOfTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "") // NUL cannot be stored
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "escape all") {
			text = escapedWhole(want)
		}
		r, err := NewReader(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.String()
		if err != nil || got != want || r.End() != nil {
			t.Fatalf("%s is read as %q, %v", text, got, err)
		}
		var back string
		if err := json.Unmarshal(AppendString(nil, []byte(want)), &back); err != nil || back != want {
			t.Fatalf("%q is written as %s: %v", want, AppendString(nil, []byte(want)), err)
		}
	})
}

// escapedWhole writes a string with every character as \u escapes.
func escapedWhole(s string) []byte {
	const hex = "0123456789ABCDEF"
	var out bytes.Buffer
	out.WriteByte('"')
	unit := func(u rune) {
		out.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			out.WriteByte(hex[u>>shift&15])
		}
	}
	for _, r := range s {
		if r >= 0x10000 {
			unit(0xd800 + (r-0x10000)>>10)
			r = 0xdc00 + (r-0x10000)&0x3ff
		}
		unit(r)
	}
	out.WriteByte('"')
	return out.Bytes()
}

func TestEscapes(t *testing.T) {
	for in, want := range map[string]string{
		`"\"\\\/\b\f\n\r\t"`: "\"\\/\b\f\n\r\t", `"a\u00e9b"`: "aéb", `"\ud83c\udFC3"`: "🏃", `""`: "", `"plain"`: "plain", `"a\tb"`: "a\tb",
	} {
		r, _ := NewReader([]byte(in))
		if got, err := r.String(); err != nil || got != want {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{
		`"\u12"`, `"\u12g4"`, `"\ud83c`, `"\ud83c\u12"`, `"\ud83c\u0041"`, `"\ud83cx"`, `"\udfc3"`, `"\u0000"`, `"\q"`, `"\`, `"a\n`, "\"a\\n\x01\"", `"abc`, "\"\x1f\"",
	} {
		r, err := NewReader([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.String(); !fault.HasCode(err, CodeMalformed) {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
}

// TestAnotherTypeIsNamed holds that a fault says what is there and what should be.
func TestAnotherTypeIsNamed(t *testing.T) {
	wanted := map[string]func(*Reader) error{
		"an object":  func(r *Reader) error { return r.Object(func([]byte) error { return r.Skip() }) },
		"an array":   func(r *Reader) error { return r.Array(func(int) error { return r.Skip() }) },
		"a string":   func(r *Reader) error { _, err := r.String(); return err },
		"a number":   func(r *Reader) error { _, err := r.Float(); return err },
		"an integer": func(r *Reader) error { _, err := r.Int(); return err },
		"a boolean":  func(r *Reader) error { _, err := r.Bool(); return err },
	}
	there := map[string]string{"an object": "{}", "an array": "[]", "a string": `"a"`, "a number": " -5", "a boolean": "true", "null": "null"}
	for want, read := range wanted {
		for got, text := range there {
			r, _ := NewReader([]byte(text))
			err := read(r)
			if got == want || got == "a number" && want == "an integer" {
				if err != nil {
					t.Errorf("%s for %s: %v", text, want, err)
				}
				continue
			}
			f := fault.As(err)
			if f == nil || f.Code != fault.CodeWrongType || f.Message != want+" is needed here, not "+got || len(f.Fields) != 1 || f.Fields[0].Message != f.Message {
				t.Errorf("%s for %s: %v", text, want, err)
			}
		}
		for _, text := range []string{"", "  ", "?"} {
			r, _ := NewReader([]byte(text))
			if err := read(r); !fault.HasCode(err, CodeMalformed) {
				t.Errorf("%q for %s: %v", text, want, err)
			}
		}
	}
	r, _ := NewReader([]byte("1.5"))
	if _, err := r.Int(); !fault.HasCode(err, fault.CodeWrongType) {
		t.Errorf("a fraction for an integer: %v", err)
	}
}

func TestNullIsReadWhereItIs(t *testing.T) {
	for text, want := range map[string]bool{"null": true, " null": true, "nul": false, "0": false, "": false, `"null"`: false} {
		r, _ := NewReader([]byte(text))
		if got := r.Null(); got != want || got && r.End() != nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestADocumentInADocument holds that encoding/json keeps a document as it is.
func TestADocumentInADocument(t *testing.T) {
	type wire struct{ A, B, C Document }
	var in wire
	if err := json.Unmarshal([]byte(`{"A":{"b":1.0,"a":[ true ]},"B":null}`), &in); err != nil {
		t.Fatal(err)
	}
	if string(in.A) != `{"a":[true],"b":1}` || in.B != nil || in.C != nil {
		t.Errorf("read: %s, %s, %s", in.A, in.B, in.C)
	}
	out, err := json.Marshal(in)
	if want := `{"A":{"a":[true],"b":1},"B":null,"C":null}`; err != nil || string(out) != want {
		t.Errorf("written: %s, %v", out, err)
	}
	kept := Document("[1]")
	if err := kept.UnmarshalJSON([]byte(`{"a":1,"a":2}`)); !fault.HasCode(err, CodeMalformed) || string(kept) != "[1]" {
		t.Errorf("a name that comes twice: %v, %s", err, kept)
	}
	if _, err := Canonical([]byte(`1 2`)); !fault.HasCode(err, CodeMalformed) {
		t.Errorf("two documents: %v", err)
	}
	if _, err := Restored([]byte("\xff")); err == nil {
		t.Error("what is not UTF-8 is restored")
	}
	if _, err := Restored([]byte(`[`)); err == nil {
		t.Error("half a document is restored")
	}
}

// TestTheErrorOfAMemberEndsTheReading holds that what a caller finds wrong is what
// comes back.
func TestTheErrorOfAMemberEndsTheReading(t *testing.T) {
	mine := fault.New(fault.Invalid, "mine", "no")
	r, _ := NewReader([]byte(`{"a":1,"b":2}`))
	calls := 0
	if err := r.Object(func([]byte) error { calls++; return mine }); fault.As(err) != mine || calls != 1 {
		t.Errorf("an object: %v after %d members", err, calls)
	}
	r, _ = NewReader([]byte(`[1,2]`))
	calls = 0
	if err := r.Array(func(int) error { calls++; return mine }); fault.As(err) != mine || calls != 1 {
		t.Errorf("an array: %v after %d elements", err, calls)
	}
}

func TestWhereAnObjectOrAnArrayBreaks(t *testing.T) {
	for _, text := range []string{
		`{`, `{a:1}`, `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1;}`, `{"a":1,}`, `{"a":1,2}`, `{"a`, `{"a\q":1}`, `[`, `[1`, `[1;2]`, `[1,,2]`, `{,}`, `[,]`, `1e5000`, `99999999999999999999`,
	} {
		r, _ := NewReader([]byte(text))
		var err error
		if text[0] == '9' {
			_, err = r.Int()
		} else {
			_, err = r.Document()
		}
		if !fault.HasCode(err, CodeMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
