// Package tracks reads recorded runs from GPX, TCX and FIT files, and writes
// GPX. Files come from strangers: they are read as a stream, what they hold is
// counted, and reading stops at the first bound that is passed. Entities are not
// resolved, and values that no runner has are taken for absent.
//
// A format is a reader of a source that fills a track; see sniff.
package tracks

import (
	"bytes"
	"context"

	"github.com/runvs/runvs/ports"
)

// Files implements ports.TrackFiles.
type Files struct{ budget ports.Budget }

// New returns the reader and writer of track files; reading takes shares of a
// budget.
func New(budget ports.Budget) Files { return Files{budget} }

// Read implements ports.TrackFiles. A file may be gzip'd as a whole.
func (f Files) Read(ctx context.Context, data []byte) (ports.Track, error) {
	src, err := open(ctx, data)
	if err != nil {
		return ports.Track{}, err
	}
	head, err := src.head()
	if err != nil {
		return ports.Track{}, err
	}
	read, leastFixBytes := sniff(head)
	if read == nil {
		return ports.Track{}, errUnsupported
	}
	release, err := f.budget.Take(ctx, price(src.most(), leastFixBytes))
	if err != nil {
		return ports.Track{}, err
	}
	defer release()
	track, err := read(src)
	if err == nil && len(track.Fixes) == 0 {
		err = badTrack("the file has no points")
	}
	if err != nil {
		return ports.Track{}, err
	}
	return track, nil
}

// sniff tells a file's reader by its first bytes, nil for what is none, and how
// many bytes one fix takes in such a file at least.
func sniff(head []byte) (read func(*source) (ports.Track, error), leastFixBytes int64) {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	switch {
	case len(head) >= 12 && string(head[8:12]) == ".FIT":
		return readFIT, leastFITBytes
	case bytes.HasPrefix(text, []byte("<")):
		return readXML, leastXMLBytes
	}
	return nil, 0
}
