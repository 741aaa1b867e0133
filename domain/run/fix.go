package run

import (
	"math"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
)

// Fix is one GPS fix as a phone recorded it. Names and units are those of the
// W3C Geolocation API. Values a phone did not give are NaN; Has tells.
type Fix struct {
	Point     geo.Point
	Timestamp int64   // Unix milliseconds
	Altitude  float64 // metres
	Accuracy  float64 // metres, radius of 95 % confidence
	Speed     float64 // metres per second
	Heading   float64 // degrees clockwise from north, [0, 360]
	HeartRate float64 // beats per minute
	Cadence   float64 // steps per minute
}

// Absent marks a value that a phone did not give.
var Absent = math.NaN()

// Has reports whether an optional value of a fix was given.
func Has(v float64) bool { return v == v }

// What sensors say when they know nothing: iOS of speed and heading, and the formats
// of watches.
const (
	unknownMotion   = -1
	unknownCadence  = 255
	unknownAltitude = 65_535
)

// Known returns the fix without readings that say that nothing is known.
func (f Fix) Known() Fix {
	if f.Speed == unknownMotion {
		f.Speed = Absent
	}
	if f.Heading == unknownMotion {
		f.Heading = Absent
	}
	if f.Altitude == unknownAltitude {
		f.Altitude = Absent
	}
	if f.HeartRate == 0 { // the strap lies on the table
		f.HeartRate = Absent
	}
	if f.Cadence == unknownCadence {
		f.Cadence = Absent
	}
	return f
}

// SmallestReading is the smallest reading that is not zero, in any unit. No sensor
// measures so finely. A phone's filter that fades out ends in numbers such as
// 1e-300, and PostgreSQL's JSONB writes 300 zeros for each of them.
const SmallestReading = 1e-12

// zeroTiny makes readings zero that are smaller than SmallestReading.
func zeroTiny(fixes []Fix) {
	for i := range fixes {
		f := &fixes[i]
		for _, v := range [...]*float64{&f.Altitude, &f.Accuracy, &f.Speed, &f.Heading, &f.HeartRate, &f.Cadence} {
			if math.Abs(*v) < SmallestReading {
				*v = 0
			}
		}
	}
}

// Limits of what one fix may say. Outside, the value is a defect of the client
// or an attack, and refusing it loudly is better than a wrong record.
const (
	MinAltitudeMeters = -1_000 // the Dead Sea's shore is at -430
	MaxAltitudeMeters = 20_000 // Everest is 8,849; balloons and GPS noise above it
	MaxAccuracyMeters = 100_000
	MaxSpeedMS        = 1_000
	MaxHeartRate      = 300
	MaxCadence        = 400
	// EarliestTimestamp is 2000-01-01T00:00:00Z: before it there was no
	// undegraded civil GPS, and seconds sent as milliseconds land in 1970.
	EarliestTimestamp = 946_684_800_000
	// LatestTimestamp is 9999-12-31T23:59:59.999Z, the last RFC 3339 can write.
	LatestTimestamp = 253_402_300_799_999
)

// Validate checks the ranges of all values but the place, which a geo.Point
// has checked already. The fault is Invalid with the field's name as location.
func (f Fix) Validate() error {
	if f.Timestamp < EarliestTimestamp || f.Timestamp > LatestTimestamp {
		return fault.InvalidField("timestamp", "%d is not a time in Unix milliseconds since the year 2000", f.Timestamp)
	}
	for _, c := range [...]struct {
		name     string
		v, lo, h float64
	}{
		{"altitude", f.Altitude, MinAltitudeMeters, MaxAltitudeMeters},
		{"accuracy", f.Accuracy, 0, MaxAccuracyMeters},
		{"speed", f.Speed, 0, MaxSpeedMS},
		{"heading", f.Heading, 0, 360},
		{"heart_rate", f.HeartRate, 0, MaxHeartRate},
		{"cadence", f.Cadence, 0, MaxCadence},
	} {
		if Has(c.v) && (c.v < c.lo || c.v > c.h) {
			return fault.InvalidField(c.name, "%v is outside [%v, %v]", c.v, c.lo, c.h)
		}
	}
	return nil
}

// Seconds returns the time from f to g in seconds; negative when g is earlier.
func (f Fix) Seconds(g Fix) float64 { return float64(g.Timestamp-f.Timestamp) / 1000 }
