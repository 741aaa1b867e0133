package tracks

import (
	"encoding/xml"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// tcx reads Garmin's Training Center XML: the points of all laps, or of a
// course, are joined. Points without a place, as recorded indoors or before the
// first fix, are left out.
type tcx struct {
	fixes fixes

	depth      int // of the point that is open, 0 for none
	hasPlace   bool
	lat, lng   float64
	fix        ports.TrackFix
	ownCadence float64 // of cycling; an extension's goes before
}

func (t *tcx) open(at path, _ []xml.Attr) {
	switch name := at.name(); {
	case t.depth == 0 && name == "Trackpoint":
		t.depth, t.hasPlace = len(at), false
		t.lat, t.lng, t.ownCadence = run.Absent, run.Absent, run.Absent
		t.fix = ports.TrackFix{Altitude: run.Absent, HeartRate: run.Absent, Cadence: run.Absent, Speed: run.Absent}
	case t.depth > 0 && name == "Position":
		t.hasPlace = true
	}
}

func (t *tcx) close(at path) error {
	switch {
	case len(at) == t.depth:
		t.depth = 0
		return t.add()
	case t.depth > 0:
		t.value(at)
	}
	return nil
}

// value reads a value of the open point, by the names of its element and of the
// one around it.
func (t *tcx) value(at path) {
	switch [2]string{at.parent(), at.name()} {
	case [2]string{"Trackpoint", "Time"}:
		t.fix.Timestamp, t.fix.HasTime = instant(at.text())
	case [2]string{"Position", "LatitudeDegrees"}:
		t.lat = number(at.text())
	case [2]string{"Position", "LongitudeDegrees"}:
		t.lng = number(at.text())
	case [2]string{"Trackpoint", "AltitudeMeters"}:
		t.fix.Altitude = number(at.text())
	case [2]string{"HeartRateBpm", "Value"}:
		t.fix.HeartRate = number(at.text())
	case [2]string{"Trackpoint", "Cadence"}:
		t.ownCadence = number(at.text())
	case [2]string{"TPX", "RunCadence"}:
		t.fix.Cadence = number(at.text())
	case [2]string{"TPX", "Speed"}:
		t.fix.Speed = number(at.text())
	}
}

func (t *tcx) add() error {
	if !t.hasPlace {
		return nil
	}
	t.fix.Cadence = 2 * first(t.fix.Cadence, t.ownCadence) // TCX counts strides of one leg
	return t.fixes.add(t.lat, t.lng, t.fix)
}

func (t *tcx) track() ports.Track { return ports.Track{Fixes: t.fixes.all()} }
