package tracks

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
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
	// end is called when the document has been read.
	end() error
}

// xmlFormats are known by their root element.
var xmlFormats = map[string]func(*content) xmlFormat{
	"gpx":                    func(c *content) xmlFormat { return newGPX(c) },
	"TrainingCenterDatabase": func(c *content) xmlFormat { return &tcx{content: c} },
}

// readXML reads a document of a known format to its end.
func readXML(src *source, c *content) error {
	doc, root, err := newDocument(src)
	if err != nil {
		return err
	}
	kind := xmlFormats[root.Name.Local]
	if kind == nil {
		return errUnsupported
	}
	return doc.read(root, kind(c))
}

// path is the elements that are open, the root first.
type path []element

type element struct {
	name xml.Name
	text []byte // its own, as much as is kept
}

// name is that of the innermost element.
func (p path) name() string { return p[len(p)-1].name.Local }

// text is the innermost element's own, without space around it, or the half of a
// character at the end of what is kept.
func (p path) text() string {
	return strings.ToValidUTF8(string(bytes.TrimSpace(p[len(p)-1].text)), "")
}

// parent is the name of the element around the innermost, "" for the root's.
func (p path) parent() string {
	if len(p) < 2 {
		return ""
	}
	return p[len(p)-2].name.Local
}

// document reads the elements of a file within bounds.
type document struct {
	tokens   *xml.Decoder
	in       *tokenReader
	elements int
	open     path

	// long is the one element whose text may be long, and goes to its reader.
	long     string
	readLong func(text []byte) error
}

// newDocument begins to read a document, and returns its root.
func newDocument(src *source) (*document, xml.StartElement, error) {
	decoded, err := decode(src.Reader)
	if err != nil {
		return nil, xml.StartElement{}, err
	}
	in := &tokenReader{Reader: decoded}
	tokens := xml.NewDecoder(in)
	tokens.Strict = false                                                                     // a bare & is text
	tokens.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is UTF-8 by now
	doc := &document{tokens: tokens, in: in, open: make(path, 0, MaxDepth)}
	root, err := doc.root()
	return doc, root, err
}

// read reads a document with a format, from its root on.
func (d *document) read(root xml.StartElement, format xmlFormat) error {
	err := d.walk(root, format)
	if err == nil {
		err = format.end()
	}
	if err != nil {
		return broken(err, "the file is not well-formed XML")
	}
	return nil
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
			if err := d.keep(t); err != nil {
				return err
			}
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
	d.in.token, d.in.limit = 0, MaxTokenBytes
	if d.inLong() {
		d.in.limit = MaxLineBytes
	}
	return d.tokens.RawToken()
}

func (d *document) inLong() bool { return len(d.open) > 0 && d.open.name() == d.long }

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
func (d *document) keep(text []byte) error {
	if len(d.open) == 0 {
		return nil
	}
	if d.inLong() {
		return d.readLong(text)
	}
	at := &d.open[len(d.open)-1]
	at.text = append(at.text, text[:min(len(text), valueBytes-len(at.text))]...)
	return nil
}

// tokenReader ends a token that is too long: the standard library's reader would
// take all of it into memory. It reads byte by byte, and nothing ahead.
type tokenReader struct {
	*bufio.Reader
	token, limit int // bytes of it so far, and at most
}

// ReadByte implements io.ByteReader.
func (r *tokenReader) ReadByte() (byte, error) {
	if r.token++; r.token > r.limit {
		return 0, tooComplex("bytes of one tag or text", r.token, r.limit)
	}
	return r.Reader.ReadByte()
}
