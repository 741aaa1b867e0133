package strictjson

import (
	"bytes"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Document is a JSON value in canonical form: no white space, the members of
// an object sorted by name, numbers as the shortest text of their double.
// Two documents say the same exactly when their bytes are equal.
type Document []byte

// MarshalJSON writes the document as it is; a nil one as null.
func (d Document) MarshalJSON() ([]byte, error) {
	if d == nil {
		return []byte("null"), nil
	}
	return d, nil
}

// UnmarshalJSON reads a value and keeps its canonical form.
func (d *Document) UnmarshalJSON(b []byte) error {
	c, err := Canonical(b)
	if err != nil {
		return err
	}
	*d = c
	if string(c) == "null" {
		*d = nil
	}
	return nil
}

// Canonical reads a whole document and writes it in canonical form.
func Canonical(b []byte) (Document, error) { return whole(NewReader(b)) }

// Restored is Canonical for what storage gives back (NewStoredReader): however it
// wrote the numbers and ordered the members, the document is the one that was stored.
func Restored(b []byte) (Document, error) { return whole(NewStoredReader(b)) }

func whole(r *Reader, err error) (Document, error) {
	if err != nil {
		return nil, err
	}
	d, err := r.Document()
	if err != nil {
		return nil, err
	}
	return d, r.End()
}

// Size is how many bytes a store may write for the document: those of its text,
// with every number written out as PostgreSQL's JSONB does, without an exponent.
// A document of 4 KiB may else hide 250 KiB: 1e300 has five bytes, and 301 digits.
func (d Document) Size() int {
	size := len(d)
	for i := 0; i < len(d); i++ {
		switch c := d[i]; {
		case c == '"':
			for i++; d[i] != '"'; i++ {
				if d[i] == '\\' {
					i++
				}
			}
		case c == '-' || (c >= '0' && c <= '9'):
			start := i
			for i+1 < len(d) && strings.IndexByte("0123456789+-.e", d[i+1]) >= 0 {
				i++
			}
			if number := d[start : i+1]; bytes.IndexByte(number, 'e') >= 0 {
				size += writtenOut(number) - len(number)
			}
		}
	}
	return size
}

// writtenOut returns how long a canonical number with an exponent is without it.
func writtenOut(number []byte) int {
	v, _ := strconv.ParseFloat(string(number), 64) // AppendFloat wrote it: it cannot fail
	var digits [400]byte
	return len(strconv.AppendFloat(digits[:0], v, 'f', -1, 64))
}

// Document reads the next value, whatever it is, and returns its canonical form.
func (r *Reader) Document() (Document, error) {
	return r.value(make([]byte, 0, 64), true)
}

// value reads the next value; with write it appends the canonical form to dst.
func (r *Reader) value(dst []byte, write bool) ([]byte, error) {
	switch c := r.peek(); {
	case c == '{':
		return r.object(dst, write)
	case c == '[':
		if write {
			dst = append(dst, '[')
		}
		err := r.Array(func(i int) (err error) {
			if write && i > 0 {
				dst = append(dst, ',')
			}
			dst, err = r.value(dst, write)
			return err
		})
		if write {
			dst = append(dst, ']')
		}
		return dst, err
	case c == '"':
		s, err := r.stringBytes()
		if write && err == nil {
			dst = AppendString(dst, s)
		}
		return dst, err
	case c == 't' || c == 'f':
		v, err := r.Bool()
		if write {
			dst = strconv.AppendBool(dst, v)
		}
		return dst, err
	case c == 'n' && r.Null():
		if write {
			dst = append(dst, "null"...)
		}
		return dst, nil
	case c == '-' || (c >= '0' && c <= '9'):
		v, err := r.Float()
		if write {
			dst = AppendFloat(dst, v)
		}
		return dst, err
	}
	return dst, r.malformed("a value is expected")
}

func (r *Reader) object(dst []byte, write bool) ([]byte, error) {
	if !write {
		return dst, r.Object(func([]byte) error { return r.Skip() })
	}
	type member struct{ name, value []byte }
	var members []member
	err := r.Object(func(name []byte) error {
		v, err := r.value(nil, true)
		members = append(members, member{name, v})
		return err
	})
	if err != nil {
		return dst, err
	}
	sort.Slice(members, func(i, j int) bool { return string(members[i].name) < string(members[j].name) })
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, m.name)
		dst = append(dst, ':')
		dst = append(dst, m.value...)
	}
	return append(dst, '}'), nil
}

// AppendFloat appends the shortest text that reads back as v, without an
// exponent where encoding/json writes none.
func AppendFloat(dst []byte, v float64) []byte {
	if v == 0 {
		return append(dst, '0')
	}
	if out, ok := appendShortDecimal(dst, v); ok && math.Abs(v) >= 1e-6 {
		return out
	}
	if abs := max(v, -v); abs < 1e-6 || abs >= 1e21 {
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// AppendString appends a JSON string of valid UTF-8, escaping only what must be.
func AppendString(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			_, n := utf8.DecodeRune(s[i:])
			dst = append(dst, s[i:i+n]...)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}
