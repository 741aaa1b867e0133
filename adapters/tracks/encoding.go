package tracks

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// declaration is that of XML, of whatever version.
var declaration = regexp.MustCompile(`^\s*<\?xml\s[^>]*\?>`)

// declared is the encoding that a declaration names.
var declared = regexp.MustCompile(`encoding\s*=\s*["']\s*([^"'\s]+)`)

// aliases are names that Windows has for encodings, and the web has not.
var aliases = map[string]string{"cp949": "euc-kr", "ms949": "euc-kr", "uhc": "euc-kr", "cp932": "shift_jis", "cp936": "gb18030"}

// characters replaces what is no character of XML, a byte or a rune.
var characters = runes.Map(func(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r', r >= ' ' && r <= '\ud7ff', r >= '\ue000' && r <= '\ufffd', r >= '\U00010000':
		return r
	}
	return '\ufffd'
})

// decode returns the text of a file in UTF-8, without an XML declaration. Its
// encoding is told by the first bytes, and where they do not, by the declaration;
// what cannot be read in it becomes U+FFFD: a stray byte in a name is no reason to
// lose a run.
func decode(raw *bufio.Reader) (*bufio.Reader, error) {
	head, err := peek(raw)
	if err != nil {
		return nil, err
	}
	var of encoding.Encoding
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{'<', 0}):
		of = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}), bytes.HasPrefix(head, []byte{0, '<'}):
		of = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("\ufeff")):
		_, err = raw.Discard(len("\ufeff"))
	default:
		of = named(declaration.Find(head))
	}
	if err != nil {
		return nil, err
	}
	decoded := bufio.NewReader(transform.NewReader(raw, characters))
	if of != nil {
		decoded = bufio.NewReader(transform.NewReader(raw, transform.Chain(of.NewDecoder(), characters)))
	}
	if head, err = peek(decoded); err != nil {
		return nil, err
	}
	_, err = decoded.Discard(len(declaration.Find(head)))
	return decoded, err
}

// named returns the encoding that an XML declaration names, nil for UTF-8 and for
// what is not known. A declaration that can be read byte by byte is not in UTF-16,
// though many that were written from a string in memory say so.
func named(head []byte) encoding.Encoding {
	label := declared.FindSubmatch(head)
	if label == nil {
		return nil
	}
	name := strings.ToLower(string(label[1]))
	if alias, ok := aliases[name]; ok {
		name = alias
	}
	of, canonical := charset.Lookup(name)
	if canonical == "utf-8" || strings.HasPrefix(canonical, "utf-16") || canonical == "replacement" {
		return nil
	}
	return of
}
