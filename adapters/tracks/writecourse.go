package tracks

import (
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/ports"
)

// plannedSpeed is six minutes a kilometre, in m/s: that of a course nobody has timed.
// Watches take it for the speed of the partner they show.
const plannedSpeed = 1000.0 / 360

// timetable is when a runner is where, on a course that is followed at one speed from
// when it was made.
type timetable struct {
	start int64   // Unix milliseconds
	speed float64 // m/s
}

func schedule(t ports.Track) timetable {
	s := timetable{t.MadeAt.UnixMilli(), plannedSpeed}
	if t.Totals.TimerSeconds > 0 && t.Totals.DistanceMeters > 0 {
		s.speed = t.Totals.DistanceMeters / t.Totals.TimerSeconds
	}
	return s
}

// seconds is how long the way takes to so many metres.
func (t timetable) seconds(meters float64) float64 { return meters / t.speed }

// millis is when so many metres are done, in Unix milliseconds.
func (t timetable) millis(meters float64) int64 { return t.start + int64(1000*t.seconds(meters)) }

// line is the one line of a course.
func line(t ports.Track) []ports.TrackFix {
	if len(t.Parts) == 0 {
		return nil
	}
	return t.Parts[0].Fixes
}

// turnNames are what a watch shows; TCX has room for ten characters.
var turnNames = map[course.Bend]string{course.Left: "Left", course.Right: "Right", course.SlightLeft: "Bear left", course.SlightRight: "Bear right"}

// began is when a run began, in Unix milliseconds.
func began(t ports.Track) int64 {
	if len(t.Parts) == 0 {
		return 0
	}
	return t.Parts[0].Fixes[0].Timestamp
}
