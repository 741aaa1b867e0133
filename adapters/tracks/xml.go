package tracks

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// leastXMLBytes is <trkpt lat="1"lon="1"/>, which has no space too many.
const leastXMLBytes = 23

// valueBytes is how much of an element's own text is kept: names and numbers
// are shorter.
const valueBytes = 1 << 10

// xmlFormat is what a format of XML does with the elements of a document. Names
// are local ones: extensions come with many prefixes.
type xmlFormat interface {
	// open is called for a start tag; at ends with its element.
	open(at path, attributes []xml.Attr)
	// close is called for an end tag, when the element has all its text.
	close(at path) error
	// track returns what was read.
	track() ports.Track
}

// xmlFormats are known by their root element.
var xmlFormats = map[string]func() xmlFormat{
	"gpx":                    func() xmlFormat { return &gpx{} },
	"TrainingCenterDatabase": func() xmlFormat { return &tcx{} },
}

// readXML reads a document of a known format to its end.
func readXML(src *source) (ports.Track, error) {
	doc := newDocument(src)
	root, err := doc.root()
	if err != nil {
		return ports.Track{}, err
	}
	kind := xmlFormats[root.Name.Local]
	if kind == nil {
		return ports.Track{}, errUnsupported
	}
	format := kind()
	if err := doc.walk(root, format); err != nil {
		return ports.Track{}, broken(err, "the file is not well-formed XML")
	}
	return format.track(), nil
}

// path is the elements that are open, the root first.
type path []element

type element struct {
	name xml.Name
	text []byte // its own, as much as is kept
}

// name is that of the innermost element.
func (p path) name() string { return p[len(p)-1].name.Local }

// text is the innermost element's own, without space around it.
func (p path) text() string { return string(bytes.TrimSpace(p[len(p)-1].text)) }

// parent is the name of the element around the innermost, "" for the root's.
func (p path) parent() string {
	if len(p) < 2 {
		return ""
	}
	return p[len(p)-2].name.Local
}

// within reports whether an element of a name is open.
func (p path) within(name string) bool {
	return slices.ContainsFunc(p, func(e element) bool { return e.name.Local == name })
}

// document reads the elements of a file within bounds.
type document struct {
	tokens   *xml.Decoder
	in       *tokenReader
	elements int
	open     path
}

func newDocument(src *source) *document {
	in := &tokenReader{Reader: src.Reader}
	return &document{tokens: xml.NewDecoder(in), in: in, open: make(path, 0, MaxDepth)}
}

// root reads up to the first element. What breaks before is no document.
func (d *document) root() (xml.StartElement, error) {
	for {
		t, err := d.next()
		switch e, ok := t.(xml.StartElement); {
		case ok:
			return e, nil
		case err != nil && !known(err):
			return e, errUnsupported.Because(err)
		case err != nil:
			return e, err
		}
	}
}

// walk hands a document's elements to a format, from the root on.
func (d *document) walk(root xml.StartElement, format xmlFormat) error {
	var token xml.Token = root
	for {
		switch t := token.(type) {
		case xml.StartElement:
			if err := d.enter(t); err != nil {
				return err
			}
			format.open(d.open, t.Attr)
		case xml.EndElement:
			if len(d.open) == 0 || d.open[len(d.open)-1].name != t.Name {
				return badTrack("the file is not well-formed XML: </%s> closes nothing", t.Name.Local)
			}
			if err := format.close(d.open); err != nil {
				return err
			}
			d.open = d.open[:len(d.open)-1]
		case xml.CharData:
			d.keep(t)
		}
		var err error
		if token, err = d.next(); errors.Is(err, io.EOF) && len(d.open) == 0 {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// next reads a token; the standard library's reader holds one at a time.
func (d *document) next() (xml.Token, error) {
	d.in.token = 0
	return d.tokens.RawToken()
}

// enter opens an element, and counts.
func (d *document) enter(e xml.StartElement) error {
	d.elements++
	depth := len(d.open) + 1
	switch {
	case depth > MaxDepth:
		return tooComplex("depth", depth, MaxDepth)
	case d.elements > MaxElements:
		return tooComplex("elements", d.elements, MaxElements)
	case len(e.Attr) > MaxAttributes:
		return tooComplex("attributes", len(e.Attr), MaxAttributes)
	}
	d.open = d.open[:depth] // with the memory of the last text at this depth
	at := &d.open[depth-1]
	at.name, at.text = e.Name, at.text[:0]
	return nil
}

// keep adds text to the innermost element's own.
func (d *document) keep(text []byte) {
	if len(d.open) == 0 {
		return
	}
	at := &d.open[len(d.open)-1]
	at.text = append(at.text, text[:min(len(text), valueBytes-len(at.text))]...)
}

// tokenReader ends a token that is too long: the standard library's reader would
// take all of it into memory. It reads byte by byte, and nothing ahead.
type tokenReader struct {
	*bufio.Reader
	token int // bytes of it so far
}

// ReadByte implements io.ByteReader.
func (r *tokenReader) ReadByte() (byte, error) {
	if r.token++; r.token > MaxTokenBytes {
		return 0, tooComplex("bytes of one tag or text", r.token, MaxTokenBytes)
	}
	return r.Reader.ReadByte()
}

// number reads a decimal number, absent when there is none.
func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return run.Absent
	}
	return v
}

// instant reads an xsd:dateTime; one without a zone is taken for UTC.
func instant(s string) (unixMilli int64, ok bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}
