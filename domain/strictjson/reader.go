// Package strictjson reads JSON that a stranger wrote. It refuses what other
// parsers let pass and people then disagree about: duplicate keys, keys in
// another case (names are compared exactly), invalid UTF-8 and lone surrogates,
// NUL characters (PostgreSQL cannot store them), a byte order mark, trailing
// data, deep nesting, endless numbers, and numbers that overflow a double.
//
// A Reader pulls one value after another, without building a tree: a chunk of
// 3,600 fixes is read with no allocation per fix.
package strictjson

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/runvs/runvs/domain/fault"
)

// Limits of what a stranger writes.
const (
	MaxDepth  = 8  // of objects and arrays in one another
	MaxDigits = 25 // significant digits of one number
)

// CodeMalformed is the code of what is not JSON, or JSON that a strict reader refuses.
const CodeMalformed = "malformed_json"

// Reader reads one document from front to back. After an error every further
// call is meaningless.
type Reader struct {
	b     []byte
	i     int
	depth int
	seen  [][]byte // keys of the open objects, as a stack

	maxDepth, maxDigits int
}

// NewReader makes a reader of a whole document. The bytes must not change while
// it is used. Invalid UTF-8 and a byte order mark are refused at once.
func NewReader(b []byte) (*Reader, error) {
	if len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf {
		return nil, fault.New(fault.Malformed, CodeMalformed, "the body begins with a byte order mark; send plain UTF-8")
	}
	if !utf8.Valid(b) {
		return nil, fault.New(fault.Malformed, CodeMalformed, "the body is not valid UTF-8")
	}
	return &Reader{b: b, maxDepth: MaxDepth, maxDigits: MaxDigits}, nil
}

// NewStoredReader makes a reader of what storage gives back. It checks the same
// grammar and no limit: PostgreSQL's JSONB writes 1e300 with 301 digits, and what
// was accepted once must be readable under any later limit.
func NewStoredReader(b []byte) (*Reader, error) {
	r, err := NewReader(b)
	if err == nil {
		r.maxDepth, r.maxDigits = math.MaxInt, math.MaxInt
	}
	return r, err
}

// Check reads a whole document and reports whether a strict reader accepts it.
func Check(b []byte) error {
	r, err := NewReader(b)
	if err != nil {
		return err
	}
	if err := r.Skip(); err != nil {
		return err
	}
	return r.End()
}

func (r *Reader) malformed(what string) error {
	return fault.New(fault.Malformed, CodeMalformed, "not valid JSON at byte %d: %s", r.i, what)
}

func (r *Reader) wrongType(want string) error {
	r.space()
	if r.i >= len(r.b) {
		return r.malformed("the document ends too early")
	}
	var got string
	switch c := r.b[r.i]; {
	case c == '{':
		got = "an object"
	case c == '[':
		got = "an array"
	case c == '"':
		got = "a string"
	case c == 't' || c == 'f':
		got = "a boolean"
	case c == 'n':
		got = "null"
	case c == '-' || (c >= '0' && c <= '9'):
		got = "a number"
	default:
		return r.malformed("a value is expected")
	}
	msg := want + " is needed here, not " + got
	return &fault.Error{
		Kind: fault.Malformed, Code: fault.CodeWrongType, Message: msg,
		Fields: []fault.Field{{Message: msg}},
	}
}

func (r *Reader) space() {
	for r.i < len(r.b) {
		switch r.b[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

// peek returns the first byte of the next value, or 0 at the end.
func (r *Reader) peek() byte {
	r.space()
	if r.i < len(r.b) {
		return r.b[r.i]
	}
	return 0
}

// End checks that nothing follows the value that was read.
func (r *Reader) End() error {
	if r.peek() != 0 || r.i < len(r.b) {
		return r.malformed("data follows the end of the document")
	}
	return nil
}

// Null reads a null if one is next, and reports whether it did.
func (r *Reader) Null() bool {
	if r.peek() == 'n' && bytes.HasPrefix(r.b[r.i:], []byte("null")) {
		r.i += 4
		return true
	}
	return false
}

// Object reads an object, calling field for each member with its name; field
// must read the member's value. The name is valid only during the call. A name
// that comes twice is refused.
func (r *Reader) Object(field func(name []byte) error) error {
	if r.peek() != '{' {
		return r.wrongType("an object")
	}
	if err := r.enter(); err != nil {
		return err
	}
	mark := len(r.seen)
	defer func() { r.seen = r.seen[:mark]; r.depth-- }()
	var many map[string]bool // the names, once they are more than few
	if r.peek() == '}' {
		r.i++
		return nil
	}
	for {
		if r.peek() != '"' {
			return r.malformed("a member's name in quotes is expected")
		}
		name, err := r.stringBytes()
		if err != nil {
			return err
		}
		if r.comesTwice(name, mark, &many) {
			return fault.New(fault.Malformed, CodeMalformed, "the member %q comes twice in one object", name)
		}
		if r.peek() != ':' {
			return r.malformed("a colon is expected")
		}
		r.i++
		if err := field(name); err != nil {
			return err
		}
		switch r.peek() {
		case ',':
			r.i++
		case '}':
			r.i++
			return nil
		default:
			return r.malformed("a comma or a closing brace is expected")
		}
	}
}

// few is up to how many names are compared one by one, which needs no memory. An
// object of ours has fewer; a stranger's may have 100,000 in one body, and
// comparing each with all took 27 s.
const few = 32

// comesTwice notes a name of the object whose names begin at mark in r.seen, and
// reports whether it was there.
func (r *Reader) comesTwice(name []byte, mark int, many *map[string]bool) bool {
	if *many != nil {
		twice := (*many)[string(name)]
		(*many)[string(name)] = true
		return twice
	}
	names := r.seen[mark:]
	for _, s := range names {
		if bytes.Equal(s, name) {
			return true
		}
	}
	if len(names) < few {
		r.seen = append(r.seen, name)
		return false
	}
	*many = make(map[string]bool, 2*few)
	for _, s := range names {
		(*many)[string(s)] = true
	}
	(*many)[string(name)] = true
	return false
}

// Array reads an array, calling element for each element with its index;
// element must read the value.
func (r *Reader) Array(element func(i int) error) error {
	if r.peek() != '[' {
		return r.wrongType("an array")
	}
	if err := r.enter(); err != nil {
		return err
	}
	defer func() { r.depth-- }()
	if r.peek() == ']' {
		r.i++
		return nil
	}
	for i := 0; ; i++ {
		if err := element(i); err != nil {
			return err
		}
		switch r.peek() {
		case ',':
			r.i++
		case ']':
			r.i++
			return nil
		default:
			return r.malformed("a comma or a closing bracket is expected")
		}
	}
}

func (r *Reader) enter() error {
	r.i++
	r.depth++
	if r.depth > r.maxDepth {
		return fault.New(fault.Malformed, CodeMalformed, "nested deeper than %d levels", r.maxDepth)
	}
	return nil
}

// number reads a number's text and checks its grammar and its digits.
func (r *Reader) number() (text []byte, integer bool, err error) {
	c := r.peek()
	if c != '-' && (c < '0' || c > '9') {
		return nil, false, r.wrongType("a number")
	}
	start, b, i := r.i, r.b, r.i
	digits := 0
	if b[i] == '-' {
		i++
	}
	if i >= len(b) || b[i] < '0' || b[i] > '9' {
		return nil, false, r.malformed("a digit is expected")
	}
	if b[i] == '0' {
		i++
		if i < len(b) && b[i] >= '0' && b[i] <= '9' {
			return nil, false, r.malformed("a number does not begin with 0")
		}
	} else {
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
			digits++
		}
	}
	integer = true
	if i < len(b) && b[i] == '.' {
		integer = false
		i++
		if i >= len(b) || b[i] < '0' || b[i] > '9' {
			return nil, false, r.malformed("a digit is expected after the point")
		}
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			if digits > 0 || b[i] != '0' { // leading zeros are not significant
				digits++
			}
			i++
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		integer = false
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i >= len(b) || b[i] < '0' || b[i] > '9' {
			return nil, false, r.malformed("a digit is expected in the exponent")
		}
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
	}
	if digits > r.maxDigits {
		return nil, false, fault.New(fault.Malformed, CodeMalformed, "a number has %d significant digits; %d are the limit", digits, r.maxDigits)
	}
	r.i = i
	return b[start:i], integer, nil
}

// Float reads a finite number. Minus zero becomes zero.
func (r *Reader) Float() (float64, error) {
	text, _, err := r.number()
	if err != nil {
		return 0, err
	}
	if v, ok := shortDecimal(text); ok {
		return v + 0, nil
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, fault.New(fault.Malformed, CodeMalformed, "a number is too large for a double")
	}
	return v + 0, nil
}

// Int reads an integer, written without point or exponent, that fits 64 bits.
func (r *Reader) Int() (int64, error) {
	if c := r.peek(); c != '-' && (c < '0' || c > '9') {
		return 0, r.wrongType("an integer")
	}
	text, integer, err := r.number()
	if err != nil {
		return 0, err
	}
	if !integer {
		msg := "an integer is needed here, not a fraction"
		return 0, &fault.Error{Kind: fault.Malformed, Code: fault.CodeWrongType, Message: msg, Fields: []fault.Field{{Message: msg}}}
	}
	v, err := strconv.ParseInt(unsafe.String(unsafe.SliceData(text), len(text)), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Malformed, CodeMalformed, "an integer does not fit 64 bits")
	}
	return v, nil
}

// Rounded reads a number and rounds it to an integer, half away from zero.
func (r *Reader) Rounded() (int64, error) {
	text, integer, err := r.number()
	if err != nil {
		return 0, err
	}
	written := unsafe.String(unsafe.SliceData(text), len(text))
	if integer {
		if v, err := strconv.ParseInt(written, 10, 64); err == nil {
			return v, nil
		}
	}
	v, err := strconv.ParseFloat(written, 64)
	if err != nil || math.Abs(v) >= 1<<63 {
		return 0, fault.New(fault.Malformed, CodeMalformed, "an integer does not fit 64 bits")
	}
	return int64(math.Round(v)), nil
}

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	r.space()
	switch {
	case bytes.HasPrefix(r.b[r.i:], []byte("true")):
		r.i += 4
		return true, nil
	case bytes.HasPrefix(r.b[r.i:], []byte("false")):
		r.i += 5
		return false, nil
	}
	return false, r.wrongType("a boolean")
}

// String reads a string.
func (r *Reader) String() (string, error) {
	if r.peek() != '"' {
		return "", r.wrongType("a string")
	}
	b, err := r.stringBytes()
	return string(b), err
}

// stringBytes reads a string whose opening quote is next. Without an escape the
// bytes are the document's own.
func (r *Reader) stringBytes() ([]byte, error) {
	r.i++
	start := r.i
	for ; r.i < len(r.b); r.i++ {
		switch c := r.b[r.i]; {
		case c == '"':
			s := r.b[start:r.i]
			r.i++
			return s, nil
		case c == '\\':
			return r.escaped(append([]byte(nil), r.b[start:r.i]...))
		case c < 0x20:
			return nil, r.malformed("a control character stands in a string")
		}
	}
	return nil, r.malformed("a string does not end")
}

// escaped reads the rest of a string from its first backslash on.
func (r *Reader) escaped(out []byte) ([]byte, error) {
	for r.i < len(r.b) {
		c := r.b[r.i]
		switch {
		case c == '"':
			r.i++
			return out, nil
		case c < 0x20:
			return nil, r.malformed("a control character stands in a string")
		case c != '\\':
			out = append(out, c)
			r.i++
			continue
		}
		r.i++
		if r.i >= len(r.b) {
			break
		}
		c = r.b[r.i]
		r.i++
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			u, err := r.hex4()
			if err != nil {
				return nil, err
			}
			if utf16.IsSurrogate(u) {
				if !bytes.HasPrefix(r.b[r.i:], []byte(`\u`)) {
					return nil, r.malformed("a lone surrogate")
				}
				r.i += 2
				low, err := r.hex4()
				if err != nil {
					return nil, err
				}
				if u = utf16.DecodeRune(u, low); u == utf8.RuneError {
					return nil, r.malformed("a lone surrogate")
				}
			}
			if u == 0 {
				return nil, r.malformed(`the character \u0000 cannot be stored`)
			}
			out = utf8.AppendRune(out, u)
		default:
			return nil, r.malformed("an unknown escape")
		}
	}
	return nil, r.malformed("a string does not end")
}

func (r *Reader) hex4() (rune, error) {
	if r.i+4 > len(r.b) {
		return 0, r.malformed("four hexadecimal digits are expected")
	}
	var u rune
	for _, c := range r.b[r.i : r.i+4] {
		switch {
		case c >= '0' && c <= '9':
			u = u<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			u = u<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			u = u<<4 | rune(c-'A'+10)
		default:
			return 0, r.malformed("four hexadecimal digits are expected")
		}
	}
	r.i += 4
	return u, nil
}

// Skip reads and checks the next value, whatever it is.
func (r *Reader) Skip() error {
	_, err := r.value(nil, false)
	return err
}
