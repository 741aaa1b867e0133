package tracks

import (
	"encoding/xml"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// lapHoleMillis is how much later than the end of a lap's timer the next one
// begins when the runner stopped it between them. Timers count tenths, and laps
// begin on whole seconds.
const lapHoleMillis = 3000

// tcx reads Garmin's Training Center XML. The tracks of a lap are parts, and so
// are two laps with a hole between them.
type tcx struct {
	*content
	activity *recording // that is open
	laps     int        // of it that have ended
	lap      lap
	previous lap
	lapParts int // tracks of the open lap so far

	depth      int // of the point that is open, 0 for none
	position   bool
	lat, lng   float64
	fix        ports.TrackFix
	ownCadence float64 // of cycling; an extension's goes before
}

// lap is what a lap says of itself.
type lap struct {
	start   int64
	started bool
	last    int64 // time of its last point, 0 for none
	totals  ports.DeviceTotals
}

func (t *tcx) open(at path, attributes []xml.Attr) {
	switch name := at.name(); {
	case t.depth > 0:
		t.position = t.position || name == "Position"
	case name == "Activity", name == "Course":
		t.activity, t.laps, t.lap, t.previous = &recording{}, 0, lap{}, lap{}
		t.activity.activity.Planned = name == "Course"
		t.activity.activity.Sport = sportOf(attribute(attributes, "Sport"))
	case name == "Lap":
		t.lap, t.lapParts = lap{}, 0
		t.lap.start, t.lap.started = instant(attribute(attributes, "StartTime"))
	case name == "Track" && t.activity != nil:
		t.activity.cut = t.activity.cut || t.lapParts > 0
		t.lapParts++
	case name == "Trackpoint":
		t.depth, t.position = len(at), false
		t.lat, t.lng, t.ownCadence = run.Absent, run.Absent, run.Absent
		t.fix = blank()
		if t.activity == nil { // it stands in no activity
			t.activity = &recording{}
		}
	}
}

func attribute(all []xml.Attr, name string) string {
	for _, a := range all {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (t *tcx) close(at path) error {
	switch name := at.name(); {
	case len(at) == t.depth:
		t.depth = 0
		return t.add()
	case t.depth > 0:
		t.value(at)
	case t.activity == nil:
	case name == "Lap":
		return t.endLap()
	case name == "Activity", name == "Course":
		return t.end()
	default:
		t.total(at)
	}
	return nil
}

// value reads a value of the open point, by the names of its element and of the
// one around it.
func (t *tcx) value(at path) {
	switch at.parent() + "/" + at.name() {
	case "Trackpoint/Time":
		t.fix.Timestamp, t.fix.HasTime = instant(at.text())
	case "Position/LatitudeDegrees":
		t.lat = number(at.text())
	case "Position/LongitudeDegrees":
		t.lng = number(at.text())
	case "Trackpoint/AltitudeMeters":
		set(&t.fix, altitude, number(at.text()))
	case "Trackpoint/DistanceMeters":
		set(&t.fix, distance, number(at.text()))
	case "HeartRateBpm/Value":
		set(&t.fix, heartRate, number(at.text()))
	case "Trackpoint/Cadence":
		t.ownCadence = number(at.text())
	case "TPX/RunCadence":
		set(&t.fix, cadence, number(at.text()))
	case "TPX/Speed":
		set(&t.fix, speed, number(at.text()))
	}
}

// total reads what a lap or course says of itself.
func (t *tcx) total(at path) {
	switch d := &t.lap.totals; at.parent() + "/" + at.name() {
	case "Course/Name":
		t.activity.activity.Name = at.text()
	case "Lap/TotalTimeSeconds":
		d.TimerSeconds = positive(at.text())
	case "Lap/DistanceMeters":
		d.DistanceMeters = positive(at.text())
	case "AverageHeartRateBpm/Value":
		d.AvgHeartRate = positive(at.text())
	case "MaximumHeartRateBpm/Value":
		d.MaxHeartRate = positive(at.text())
	}
}

// add takes the open point. One without a position was recorded indoors, or
// before the first fix; an empty position is a place that is none.
func (t *tcx) add() error {
	if !place(&t.fix, t.lat, t.lng) && t.position {
		t.activity.bad++
	}
	if !run.Has(t.fix.Cadence) {
		set(&t.fix, cadence, t.ownCadence)
	}
	if t.fix.HasTime {
		t.breakAtHole()
		t.lap.last = t.fix.Timestamp
	}
	if !t.fix.HasPlace && !t.fix.HasTime {
		return nil
	}
	return t.take(t.activity, t.fix)
}

// breakAtHole begins a part with the first point of a lap that began later than
// the timer of the one before ended, if there are no points between either.
func (t *tcx) breakAtHole() {
	before := t.previous
	if !before.started || !t.lap.started || before.totals.TimerSeconds == 0 || before.last == 0 || t.lap.last != 0 {
		return
	}
	timed := before.start + int64(1000*before.totals.TimerSeconds)
	if t.lap.start-timed > lapHoleMillis && t.fix.Timestamp-before.last > lapHoleMillis {
		t.activity.cut = true
	}
}

// endLap adds a lap's totals to the activity's. A lap without points, as of a
// treadmill, is told by its two ends.
func (t *tcx) endLap() error {
	a := &t.activity.activity
	if t.lap.last == 0 && t.lap.started && !a.Planned {
		if err := t.summary(t.activity, t.lap.start, a.Device.DistanceMeters, t.lap.totals); err != nil {
			return err
		}
	}
	if t.laps++; t.laps == 1 {
		a.Device = t.lap.totals
	} else {
		a.Device = sum(a.Device, t.lap.totals)
	}
	t.previous, t.lap = t.lap, lap{}
	return nil
}

// end closes the open activity. Each is one of its own.
func (t *tcx) end() error {
	r := t.activity
	if t.activity = nil; r == nil || len(r.spans) == 0 && r.bad == 0 {
		return nil
	}
	t.date(r)
	return t.own(r)
}
