package ports

import (
	"context"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
)

// Faults that TrackFiles shares with those who take files.
var (
	ErrBadTrack     = fault.New(fault.Invalid, "bad_track", "the file is broken")
	ErrBodyTooLarge = fault.New(fault.TooLarge, "body_too_large", "the file is too large once it is inflated")
)

// TrackFiles reads and writes recorded runs.
type TrackFiles interface {
	// Read parses a GPX, TCX or FIT file by its content. It takes its share of the
	// budget and ends with ctx. Faults: Unsupported unsupported_track for another
	// format, Invalid bad_track for a broken file, Invalid track_too_complex
	// (details "what", "value", "limit") for one that is made to be hard to read,
	// TooLarge track_too_many_fixes and body_too_large ("value", "limit"), and
	// Budget's.
	Read(ctx context.Context, data []byte) (Track, error)
	// WriteGPX writes a track as GPX 1.1.
	WriteGPX(t Track) ([]byte, error)
}

// Track is what a recorded file holds.
type Track struct {
	Name  string
	Fixes []TrackFix
}

// TrackFix is one point of a file; HasTime is false in a route without times.
type TrackFix struct {
	Point     geo.Point
	Timestamp int64 // Unix milliseconds
	HasTime   bool
	Altitude  float64 // NaN when absent, as HeartRate, Cadence and Speed
	HeartRate float64
	Cadence   float64
	Speed     float64
}
