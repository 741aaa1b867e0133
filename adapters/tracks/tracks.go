// Package tracks reads recorded runs from GPX, TCX and FIT files, and writes
// GPX. Files come from strangers: sizes are bounded, entities are not resolved,
// and values that no runner has are taken for absent.
package tracks

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// Limits of a file.
const (
	MaxPoints        = 200_000
	MaxInflatedBytes = 64 << 20
)

var (
	errUnsupported = fault.New(fault.Unsupported, "unsupported_track", "the file is neither GPX, TCX nor FIT")
	errTooLarge    = fault.New(fault.TooLarge, "body_too_large", "the track is too large: at most %d points and %d MiB inflated", MaxPoints, MaxInflatedBytes>>20)
)

func badTrack(format string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, "bad_track", format, args...)
}

// Files implements ports.TrackFiles.
type Files struct{}

// New returns the reader and writer of track files.
func New() Files { return Files{} }

// Read parses a file by its content; it may be gzip'd as a whole.
func (Files) Read(data []byte) (ports.Track, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		inflated, err := inflate(data)
		if err != nil {
			return ports.Track{}, err
		}
		data = inflated
	}
	if len(data) >= 12 && string(data[8:12]) == ".FIT" {
		return readFIT(data)
	}
	switch root(data) {
	case "gpx":
		return readGPX(data)
	case "TrainingCenterDatabase":
		return readTCX(data)
	}
	return ports.Track{}, errUnsupported
}

func inflate(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, badTrack("the gzip'd file cannot be inflated").Because(err)
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxInflatedBytes+1))
	if len(out) > MaxInflatedBytes {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, badTrack("the gzip'd file is cut off or broken").Because(err)
	}
	return out, nil
}

// builder collects points and keeps them within the limits.
type builder struct{ track ports.Track }

var errFull = errors.New("too many points")

// add appends a point; a place out of range is a fault that names the point.
func (b *builder) add(lat, lng float64, f ports.TrackFix) error {
	if len(b.track.Fixes) >= MaxPoints {
		return errTooLarge.Because(errFull)
	}
	p, err := geo.NewPoint(lat, lng)
	if err != nil {
		return badTrack("point %d: %v", len(b.track.Fixes)+1, fault.As(err).Message)
	}
	f.Point = p
	f.Altitude = within(f.Altitude, run.MinAltitudeMeters, run.MaxAltitudeMeters)
	f.HeartRate = within(f.HeartRate, 0, run.MaxHeartRate)
	f.Cadence = within(f.Cadence, 0, run.MaxCadence)
	f.Speed = within(f.Speed, 0, run.MaxSpeedMS)
	b.track.Fixes = append(b.track.Fixes, f)
	return nil
}

// within returns v, or absent when it lies outside.
func within(v, lo, hi float64) float64 {
	if v >= lo && v <= hi {
		return v
	}
	return run.Absent
}
