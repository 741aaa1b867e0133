// Package tracks reads recorded runs from GPX, TCX, FIT, KML and GeoJSON files,
// plain, gzip'd or in a zip, and writes them. Files come from strangers: they are
// read as a stream, what they hold is counted, and reading stops at the first
// bound that is passed. Entities are not resolved, and values that no runner has
// are taken for absent. What a writer did wrong is forgiven as long as it is plain
// what was meant.
//
// A format is a reader of a source that fills a content; see sniff.
package tracks

import (
	"bytes"
	"context"
	"errors"
	"math"

	"github.com/runvs/runvs/ports"
)

// Files implements ports.TrackFiles.
type Files struct{ budget ports.Budget }

// New returns the reader and writer of track files; reading takes shares of a
// budget.
func New(budget ports.Budget) Files { return Files{budget} }

// Read implements ports.TrackFiles.
func (f Files) Read(ctx context.Context, data []byte) ([]ports.Activity, error) {
	if isZip(data) {
		return f.readZip(ctx, data)
	}
	left := int64(math.MaxInt64)
	src, err := open(ctx, bytes.NewReader(data), int64(len(data)), &left)
	if err != nil {
		return nil, err
	}
	kind, err := sniff(src)
	if err != nil {
		return nil, err
	}
	release, err := f.budget.Take(ctx, price(src.most()/kind.leastFixBytes))
	if err != nil {
		return nil, err
	}
	defer release()
	var c content
	if err := kind.read(src, &c); err != nil {
		return nil, err
	}
	return some(c.activities())
}

// some answers for a file that holds nothing that can be read.
func some(read []ports.Activity) ([]ports.Activity, error) {
	if len(read) == 0 {
		return nil, errNoPoints
	}
	var errs []error
	for _, a := range read {
		if a.Err == nil {
			return read, nil
		}
		errs = append(errs, a.Err)
	}
	if len(errs) > 1 {
		return nil, badTrack("none of the %d files or activities can be read; the first: %s", len(errs), message(errs[0])).Because(errors.Join(errs...))
	}
	return nil, errs[0]
}

var errNoPoints = badTrack("the file has no points")

// format is how a kind of file is read.
type format struct {
	read func(*source, *content) error
	// leastFixBytes is how many bytes one fix takes in such a file at least.
	leastFixBytes int64
}

// sniff tells a file's format by its first bytes.
func sniff(src *source) (format, error) {
	head, err := peek(src.Reader)
	if err != nil {
		return format{}, err
	}
	text := bytes.TrimPrefix(bytes.TrimPrefix(head, []byte{0xff, 0xfe}), []byte{0xfe, 0xff})
	text = bytes.TrimLeft(bytes.TrimPrefix(bytes.ReplaceAll(text, []byte{0}, nil), []byte("\ufeff")), " \t\r\n")
	switch {
	case len(head) >= minHeaderBytes && string(head[8:12]) == ".FIT":
		return format{readFIT, leastFITBytes}, nil
	case bytes.HasPrefix(text, []byte("<")) && bytes.Contains(text, []byte("<kml")):
		return format{readKML, leastKMLBytes}, nil
	case bytes.HasPrefix(text, []byte("<")):
		return format{readXML, leastXMLBytes}, nil
	case bytes.HasPrefix(text, []byte("{")):
		return format{readGeoJSON, leastGeoJSONBytes}, nil
	case isZip(head):
		return format{}, errUnsupported.Saying("a zip within a zip, or a gzip'd one, is not read")
	}
	return format{}, errUnsupported
}
