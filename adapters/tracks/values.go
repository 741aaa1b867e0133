package tracks

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

const (
	// maxBeyondDegrees is how far past the antimeridian a writer who rounds, or
	// counts on when a runner crosses it, takes a longitude: 11 km at the equator.
	maxBeyondDegrees = 0.1
	// metersOfHDOP is the accuracy of a receiver with an ideal sky, which HDOP
	// multiplies.
	metersOfHDOP = 5
	// maxOneFoot is the highest cadence of one foot; what is higher counts both.
	maxOneFoot = 130
	// noCadence is a byte that says that there is none.
	noCadence = 255
)

// blank is a point of which nothing is known.
func blank() ports.TrackFix {
	return ports.TrackFix{
		Altitude: run.Absent, Accuracy: run.Absent, HeartRate: run.Absent,
		Cadence: run.Absent, Speed: run.Absent, Distance: run.Absent,
	}
}

// place gives a point its place, and reports whether it is one.
func place(f *ports.TrackFix, lat, lng float64) bool {
	switch {
	case lng > 180 && lng <= 180+maxBeyondDegrees:
		lng -= 360
	case lng < -180 && lng >= -180-maxBeyondDegrees:
		lng += 360
	}
	p, err := geo.NewPoint(lat, lng)
	f.Point, f.HasPlace = p, err == nil
	return f.HasPlace
}

// quantity is something that files say of a point beside its place and time.
type quantity int

const (
	altitude quantity = iota + 1
	accuracy
	hdop
	heartRate
	cadence
	speed
	distance
)

// quantities are known by the names that the formats and their extensions have
// for them, in lower case: Garmin's TrackPointExtension 1 and 2, Cluetrust's
// gpxdata, and those of Apple, Amazfit, Zepp, OpenTracks and togeojson.
var quantities = map[string]quantity{
	"ele": altitude, "altitude": altitude,
	"hacc": accuracy, "accuracy": accuracy, "accuracy_horizontal": accuracy, "horizontal_accuracy": accuracy, "horizontalaccuracy": accuracy,
	"hdop": hdop,
	"hr":   heartRate, "heartrate": heartRate, "heart_rate": heartRate, "heart-rate": heartRate, "bpm": heartRate, "heart": heartRate, "heartrates": heartRate, "heart_rates": heartRate,
	"cad": cadence, "cadence": cadence, "runcadence": cadence, "run_cadence": cadence, "cads": cadence, "cadences": cadence,
	"speed": speed, "speeds": speed,
	"distance": distance,
}

// quantityOf returns what a name stands for, 0 for nothing known.
func quantityOf(name string) quantity { return quantities[strings.ToLower(name)] }

// set gives a point a value; what no runner and no device has leaves it as it is.
func set(f *ports.TrackFix, q quantity, v float64) {
	to, lo, hi := &f.Altitude, float64(run.MinAltitudeMeters), float64(run.MaxAltitudeMeters)
	switch q {
	case altitude:
	case accuracy:
		to, lo, hi = &f.Accuracy, math.SmallestNonzeroFloat64, run.MaxAccuracyMeters
	case hdop:
		if run.Has(f.Accuracy) { // metres say it better
			return
		}
		to, lo, hi, v = &f.Accuracy, math.SmallestNonzeroFloat64, run.MaxAccuracyMeters, v*metersOfHDOP
	case heartRate:
		to, lo, hi = &f.HeartRate, math.SmallestNonzeroFloat64, run.MaxHeartRate
	case cadence:
		to, lo, hi = &f.Cadence, 0, run.MaxCadence
		if v == noCadence {
			return
		}
	case speed:
		to, lo, hi = &f.Speed, 0, run.MaxSpeedMS
	case distance:
		to, lo, hi = &f.Distance, 0, run.MaxRunMeters
	default:
		return
	}
	if v >= lo && v <= hi {
		*to = v
	}
}

// number reads a decimal number, absent when there is none.
func number(s string) float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return run.Absent
	}
	return v
}

// positive reads a total, 0 when there is none.
func positive(s string) float64 {
	if v := number(s); v > 0 && v < math.MaxInt32 {
		return v
	}
	return 0
}

// instants are the forms of time that are read, the commonest first.
var instants = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07"}

// instant reads an xsd:dateTime, and what is written for one: a space for the T
// or before the zone, a zone of hours alone or without its colon. A time without
// a zone is taken for UTC.
func instant(s string) (unixMilli int64, ok bool) {
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	for _, layout := range instants {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}
