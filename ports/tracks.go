package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/course"
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
	// Read parses a GPX, TCX, FIT, KML or GeoJSON file, plain, gzip'd or in a zip,
	// by its content. It takes its share of the budget and ends with ctx.
	//
	// It returns at least one activity. When there are several, some may have
	// nothing but their fault, Err; what is wrong with a file as a whole, or with
	// all there is in it, is returned as the error. Faults: Unsupported
	// unsupported_track for another format, Invalid bad_track for a broken file
	// ("value" and "limit" when most of its points are), Invalid track_too_complex
	// (details "what", "value", "limit") for one that is made to be hard to read,
	// TooLarge track_too_many_fixes, track_too_many_activities and body_too_large
	// ("value", "limit"), and Budget's.
	Read(ctx context.Context, data []byte) ([]Activity, error)
	// Write writes a track. Read gives back what the format can hold: places to a
	// centimetre, heart rate, cadence, altitude, accuracy and parts; TCX has no
	// accuracy, a run's FIT no name, and FIT one fix a second.
	Write(t Track, f TrackFormat) ([]byte, error)
}

// TrackFormat is a format that tracks are written in.
type TrackFormat string

// The formats, as they are asked for.
const (
	GPX     TrackFormat = "gpx"
	TCX     TrackFormat = "tcx"
	FIT     TrackFormat = "fit"
	KML     TrackFormat = "kml"
	GeoJSON TrackFormat = "geojson"
)

// Track is a run or a course that is written to a file. All fixes have a place.
type Track struct {
	Name         string
	Sport        Sport
	Parts        []TrackPart
	Totals       DeviceTotals // as the run's own device would say them
	Kilocalories int

	// Of a course, whose fixes have distances but no times:
	Planned bool
	MadeAt  time.Time
	Turns   []course.Turn // in order
}

// Activity is one recording of a file.
type Activity struct {
	File string // its name in a zip, "" outside
	Err  error  // why it could not be read: there is nothing else then

	Name    string // the track's own, never a person's
	Sport   Sport
	Planned bool // a route or course to follow: it was not recorded, and its times are guesses
	Indoor  bool // no fix has a place

	// Parts are in the order of the file; none is empty. Their times may overlap,
	// repeat or step back: what that means is the domain's to say.
	Parts  []TrackPart
	Device DeviceTotals

	SkippedPoints int  // that had no place, or one that there is not
	Damaged       bool // something of the file could not be read
}

// Fixes returns the fixes of all parts, one behind the other.
func (a Activity) Fixes() []TrackFix {
	n := 0
	for _, p := range a.Parts {
		n += len(p.Fixes)
	}
	all := make([]TrackFix, 0, n)
	for _, p := range a.Parts {
		all = append(all, p.Fixes...)
	}
	return all
}

// FirstActivity returns the first one of a file that could be read.
func FirstActivity(read []Activity) Activity {
	for _, a := range read {
		if a.Err == nil {
			return a
		}
	}
	return Activity{}
}

// TrackPart is a stretch that was recorded without a declared break: a segment of
// GPX, a track of TCX, what lies between a start and a stop of FIT's timer.
type TrackPart struct {
	Fixes []TrackFix
}

// DeviceTotals is what the device says of the whole activity, 0 where it says
// nothing.
type DeviceTotals struct {
	TimerSeconds   float64 // without pauses
	ElapsedSeconds float64
	DistanceMeters float64
	AscentMeters   float64
	AvgHeartRate   float64
	MaxHeartRate   float64
}

// Sport is what an activity was, "" when its file does not say. What is neither
// SportRun, SportWalk nor SportHike is no run; it has a name such as "ride", "swim"
// or the file's own.
type Sport string

// The sports that are runs.
const (
	SportRun  Sport = "run"
	SportWalk Sport = "walk"
	SportHike Sport = "hike"
)

// TrackFix is one point of a file; HasTime is false in a route without times,
// HasPlace in an indoor activity.
type TrackFix struct {
	Point     geo.Point
	Timestamp int64 // Unix milliseconds
	HasPlace  bool
	HasTime   bool
	Altitude  float64 // NaN when absent, as all that follow
	Accuracy  float64 // metres
	HeartRate float64 // beats a minute
	Cadence   float64 // steps a minute, of both feet
	Speed     float64 // metres a second
	Distance  float64 // metres since the start, by the device
}
