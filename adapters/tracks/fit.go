package tracks

import (
	"bytes"

	"github.com/muktihari/fit/decoder"
	"github.com/muktihari/fit/profile/basetype"
	"github.com/muktihari/fit/profile/filedef"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// readFIT reads the records of an activity that have a place.
func readFIT(data []byte) (t ports.Track, err error) {
	listener := filedef.NewListener()
	defer listener.Close()
	dec := decoder.New(bytes.NewReader(data), decoder.WithMesgListener(listener), decoder.WithBroadcastOnly())
	if _, err := dec.Decode(); err != nil {
		return t, badTrack("the FIT file is cut off or broken").Because(err)
	}
	activity, ok := listener.File().(*filedef.Activity)
	if !ok {
		return t, badTrack("the FIT file is no activity")
	}
	var b builder
	for _, r := range activity.Records {
		if r.PositionLat == basetype.Sint32Invalid || r.PositionLong == basetype.Sint32Invalid {
			continue
		}
		f := ports.TrackFix{
			Timestamp: r.Timestamp.UnixMilli(), HasTime: !r.Timestamp.IsZero(),
			Altitude:  first(r.EnhancedAltitudeScaled(), r.AltitudeScaled()),
			Speed:     first(r.EnhancedSpeedScaled(), r.SpeedScaled()),
			HeartRate: run.Absent, Cadence: run.Absent,
		}
		if r.HeartRate != basetype.Uint8Invalid {
			f.HeartRate = float64(r.HeartRate)
		}
		if r.Cadence != basetype.Uint8Invalid {
			f.Cadence = 2 * float64(r.Cadence) // FIT counts strides of one leg
		}
		if err := b.add(r.PositionLatDegrees(), r.PositionLongDegrees(), f); err != nil {
			return t, err
		}
	}
	return nonEmpty(b.track)
}

// first returns the first value that is there.
func first(a, b float64) float64 {
	if run.Has(a) {
		return a
	}
	return b
}
