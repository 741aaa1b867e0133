package tracks

import (
	"encoding/xml"
	"math"
	"strconv"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/text"
	"github.com/runvs/runvs/ports"
)

// What the schema of TCX allows for the name of a course, in characters, and for
// energy, which stands in 16 bits.
const (
	maxTCXName     = 15
	maxTCXCalories = math.MaxUint16
)

// tcxSports are written for a sport. The schema has but running, cycling and others;
// writers of walks and hikes say what they are, and readers take it.
var tcxSports = map[ports.Sport]string{ports.SportRun: "Running", ports.SportWalk: "Walking", ports.SportHike: "Hiking"}

// writeTCX writes Garmin's Training Center XML: a run as an activity of one lap with
// a track for each part, a course as a course.
func writeTCX(p *page, t ports.Track) error {
	p.put(xml.Header, `<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" xmlns:ax="http://www.garmin.com/xmlschemas/ActivityExtension/v2">`, "\n")
	if t.Planned {
		tcxCourse(p, t)
	} else {
		tcxActivity(p, t)
	}
	p.put("</TrainingCenterDatabase>\n")
	return nil
}

func tcxActivity(p *page, t ports.Track) {
	sport := tcxSports[t.Sport]
	if sport == "" {
		sport = "Other"
	}
	start := began(t)
	p.put(`<Activities><Activity Sport="`, sport, `">`)
	p.when("Id", start)
	p.put(`<Lap StartTime="`)
	p.instant(start)
	p.put(`">`)
	p.value("TotalTimeSeconds", t.Totals.TimerSeconds, meterDecimals)
	p.value("DistanceMeters", t.Totals.DistanceMeters, meterDecimals)
	p.put("<Calories>", strconv.Itoa(min(t.Kilocalories, maxTCXCalories)), "</Calories>")
	tcxHeart(p, "AverageHeartRateBpm", t.Totals.AvgHeartRate)
	tcxHeart(p, "MaximumHeartRateBpm", t.Totals.MaxHeartRate)
	p.put("<Intensity>Active</Intensity><TriggerMethod>Manual</TriggerMethod>\n")
	for _, part := range t.Parts {
		p.put("<Track>\n")
		for _, f := range part.Fixes {
			tcxPoint(p, f)
		}
		p.put("</Track>\n")
	}
	p.put("</Lap>")
	p.words("Notes", t.Name)
	p.put("</Activity></Activities>\n")
}

// tcxCourse writes a course; each of its points must have a time.
func tcxCourse(p *page, t ports.Track) {
	at := schedule(t)
	fixes := line(t)
	p.put("<Courses><Course>")
	p.words("Name", text.Cut(t.Name, maxTCXName))
	p.put("<Lap>")
	p.value("TotalTimeSeconds", at.seconds(t.Totals.DistanceMeters), meterDecimals)
	p.value("DistanceMeters", t.Totals.DistanceMeters, meterDecimals)
	if len(fixes) > 0 {
		tcxPosition(p, "BeginPosition", fixes[0])
		tcxPosition(p, "EndPosition", fixes[len(fixes)-1])
	}
	p.put("<Intensity>Active</Intensity></Lap>\n<Track>\n")
	for _, f := range fixes {
		f.Timestamp, f.HasTime = at.millis(f.Distance), true
		tcxPoint(p, f)
	}
	p.put("</Track>\n")
	for _, turn := range t.Turns {
		p.put("<CoursePoint>")
		p.words("Name", turnNames[turn.Bend])
		p.when("Time", at.millis(turn.AlongMeters))
		tcxPosition(p, "Position", ports.TrackFix{Point: turn.Point})
		p.words("PointType", tcxTurns[turn.Bend])
		p.put("</CoursePoint>\n")
	}
	p.put("</Course></Courses>\n")
}

// tcxTurns are the turns that TCX has.
var tcxTurns = map[course.Bend]string{course.Left: "Left", course.Right: "Right", course.SlightLeft: "Left", course.SlightRight: "Right"}

func tcxPoint(p *page, f ports.TrackFix) {
	p.put("<Trackpoint>")
	if f.HasTime {
		p.when("Time", f.Timestamp)
	}
	tcxPosition(p, "Position", f)
	p.value("AltitudeMeters", f.Altitude, meterDecimals)
	p.value("DistanceMeters", f.Distance, meterDecimals)
	tcxHeart(p, "HeartRateBpm", f.HeartRate)
	if steps := cadenceByte(f.Cadence); run.Has(steps) {
		p.value("Cadence", steps, 0) // that of a ride, which is all that some programs read
		p.put("<Extensions><ax:TPX>")
		p.value("ax:RunCadence", steps, 0)
		p.put("</ax:TPX></Extensions>")
	}
	p.put("</Trackpoint>\n")
}

func tcxPosition(p *page, name string, f ports.TrackFix) {
	p.put("<", name, ">")
	p.value("LatitudeDegrees", f.Point.Lat(), degreeDecimals)
	p.value("LongitudeDegrees", f.Point.Lng(), degreeDecimals)
	p.put("</", name, ">")
}

func tcxHeart(p *page, name string, rate float64) {
	if rate = heartByte(rate); run.Has(rate) {
		p.put("<", name, ">")
		p.value("Value", rate, 0)
		p.put("</", name, ">")
	}
}
