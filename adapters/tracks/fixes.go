package tracks

import (
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// blockFixes is how many fixes are kept together. A slice that grew would hold
// more than twice what it has.
const blockFixes = 1024

// fixes collects the points of a file.
type fixes struct {
	blocks [][]ports.TrackFix
	n      int
}

// add appends a point; a place out of range is a fault that names the point, and
// values that no runner has become absent.
func (f *fixes) add(lat, lng float64, fix ports.TrackFix) error {
	if f.n >= MaxFixes {
		return errTooMany.With("value", f.n+1)
	}
	p, err := geo.NewPoint(lat, lng)
	if err != nil {
		return badTrack("point %d: %v", f.n+1, fault.As(err).Message)
	}
	fix.Point = p
	fix.Altitude = within(fix.Altitude, run.MinAltitudeMeters, run.MaxAltitudeMeters)
	fix.HeartRate = within(fix.HeartRate, 0, run.MaxHeartRate)
	fix.Cadence = within(fix.Cadence, 0, run.MaxCadence)
	fix.Speed = within(fix.Speed, 0, run.MaxSpeedMS)
	if f.n%blockFixes == 0 {
		f.blocks = append(f.blocks, make([]ports.TrackFix, 0, blockFixes))
	}
	last := &f.blocks[len(f.blocks)-1]
	*last = append(*last, fix)
	f.n++
	return nil
}

// all returns the points in one piece.
func (f *fixes) all() []ports.TrackFix {
	out := make([]ports.TrackFix, 0, f.n)
	for _, block := range f.blocks {
		out = append(out, block...)
	}
	return out
}

// within returns v, or absent when it lies outside.
func within(v, lo, hi float64) float64 {
	if v >= lo && v <= hi {
		return v
	}
	return run.Absent
}

// first returns the first value that is there.
func first(a, b float64) float64 {
	if run.Has(a) {
		return a
	}
	return b
}
