package tracks

import (
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/text"
	"github.com/runvs/runvs/ports"
)

// maxFITCourseName is the longest name in characters that fits into a field of FIT,
// which has 255 bytes, whatever its letters are.
const maxFITCourseName = 60

// fitTurns are the course points of turns.
var fitTurns = map[course.Bend]typedef.CoursePoint{
	course.Left: typedef.CoursePointLeft, course.Right: typedef.CoursePointRight, course.SlightLeft: typedef.CoursePointSlightLeft, course.SlightRight: typedef.CoursePointSlightRight,
}

// course writes a course as a watch follows it: records with times, in whose order the
// course points stand among them.
func (w *fitWriter) course(t ports.Track) {
	at := schedule(t)
	from, to := fitSecond(t.MadeAt.UnixMilli()), fitSecond(at.millis(t.Totals.DistanceMeters))
	w.begin(typedef.FileCourse, from)
	w.put(mesgdef.NewCourse(nil).SetSport(w.sport).SetName(text.Cut(t.Name, maxFITCourseName)).ToMesg(nil))
	fixes := line(t)
	if len(fixes) == 0 {
		return
	}
	first, last := fixes[0].Point, fixes[len(fixes)-1].Point
	seconds := scaled(at.seconds(t.Totals.DistanceMeters), 1000)
	w.put(mesgdef.NewLap(nil).SetMessageIndex(0).SetTimestamp(to).SetStartTime(from).SetSport(w.sport).
		SetStartPositionLat(semicircles(first.Lat())).SetStartPositionLong(semicircles(first.Lng())).
		SetEndPositionLat(semicircles(last.Lat())).SetEndPositionLong(semicircles(last.Lng())).
		SetTotalElapsedTime(seconds).SetTotalTimerTime(seconds).SetTotalDistance(scaled(t.Totals.DistanceMeters, 100)).
		SetTotalAscent(short(t.Totals.AscentMeters)).ToMesg(nil))
	w.timer(from, typedef.EventTypeStart)
	turns := t.Turns
	for _, f := range fixes {
		for ; len(turns) > 0 && turns[0].AlongMeters < f.Distance; turns = turns[1:] {
			w.turn(turns[0], at)
		}
		w.record(f, fitSecond(at.millis(f.Distance)))
	}
	w.timer(fitSecond(at.millis(fixes[len(fixes)-1].Distance)), typedef.EventTypeStopAll)
}

func (w *fitWriter) turn(turn course.Turn, at timetable) {
	w.put(mesgdef.NewCoursePoint(nil).SetTimestamp(fitSecond(at.millis(turn.AlongMeters))).
		SetPositionLat(semicircles(turn.Point.Lat())).SetPositionLong(semicircles(turn.Point.Lng())).
		SetDistance(scaled(turn.AlongMeters, 100)).SetType(fitTurns[turn.Bend]).SetName(turnNames[turn.Bend]).ToMesg(nil))
}
