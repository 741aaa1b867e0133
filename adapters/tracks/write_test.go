package tracks

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// holds is what a format can hold, beside places, altitudes, heart rates, cadences,
// the sport and the parts.
type holds struct {
	name     bool
	accuracy float64 // the error of one in metres, 0 where there is none
	altitude float64 // likewise
	cadence  float64
	millis   int64 // of a time
	distance bool
}

var formats = map[ports.TrackFormat]holds{
	ports.GPX:     {name: true, accuracy: 0.01, altitude: 0.001, cadence: 1, millis: 1},
	ports.TCX:     {altitude: 0.001, cadence: 1, millis: 1, distance: true},
	ports.FIT:     {accuracy: 0.5, altitude: 0.1, cadence: 0.01, millis: 1000, distance: true},
	ports.KML:     {name: true, accuracy: 0.001, altitude: 0.001, cadence: 0.1, millis: 1},
	ports.GeoJSON: {name: true, accuracy: 0.001, altitude: 0.001, cadence: 0.1, millis: 1},
}

// aRun draws a run of some parts; each fix has its own second.
func aRun(t *rapid.T) ports.Track {
	maybe := func(label string, lo, hi float64) float64 {
		if !rapid.Bool().Draw(t, "has "+label) {
			return run.Absent
		}
		return rapid.Float64Range(lo, hi).Draw(t, label)
	}
	out := ports.Track{
		Name:   rapid.StringMatching(`[a-z<&">'가-힣]([ a-z<&">'가-힣]*[a-z가-힣])?`).Draw(t, "name"),
		Sport:  rapid.SampledFrom([]ports.Sport{ports.SportRun, ports.SportWalk, ports.SportHike}).Draw(t, "sport"),
		Totals: ports.DeviceTotals{TimerSeconds: float64(rapid.IntRange(1, 1e5).Draw(t, "timer")), DistanceMeters: float64(rapid.IntRange(0, 1e6).Draw(t, "metres"))},
	}
	at := rapid.Int64Range(run.EarliestTimestamp, 4_000_000_000_000).Draw(t, "start")
	lat, lng := rapid.Float64Range(-89, 89).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng")
	meters := 0.0
	for range rapid.IntRange(1, 4).Draw(t, "parts") {
		var part ports.TrackPart
		for range rapid.IntRange(1, 6).Draw(t, "fixes") {
			lat += rapid.Float64Range(-1e-4, 1e-4).Draw(t, "north")
			lng = max(-180, min(180, lng+rapid.Float64Range(-1e-4, 1e-4).Draw(t, "east")))
			at += rapid.Int64Range(1000, 9000).Draw(t, "wait")
			meters += 5
			part.Fixes = append(part.Fixes, ports.TrackFix{
				Point: geo.MustPoint(lat, lng), Timestamp: at, HasPlace: true, HasTime: true, Distance: meters, Speed: run.Absent,
				Altitude: maybe("altitude", -490, 9000), Accuracy: maybe("accuracy", 1, 250), HeartRate: math.Round(maybe("heart rate", 30, 220)), Cadence: math.Round(maybe("cadence", 0, 2*maxOneFoot)),
			})
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

func written(t interface{ Fatal(...any) }, track ports.Track, f ports.TrackFormat) []byte {
	data, err := Files{}.Write(track, f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What is read back is the run that was written, as far as the format holds it.
func TestWhatIsWrittenReadsBack(t *testing.T) {
	for format, can := range formats {
		t.Run(string(format), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want := aRun(t)
				all, err := newFiles().Read(t.Context(), written(t, want, format))
				if err != nil || len(all) != 1 {
					t.Fatalf("%d activities: %v", len(all), err)
				}
				got := all[0]
				if can.name && got.Name != want.Name || got.Sport != want.Sport || got.Planned || got.Damaged || got.SkippedPoints > 0 {
					t.Fatalf("%q, %q: %+v", got.Name, got.Sport, got)
				}
				if can.distance && (got.Device.TimerSeconds != want.Totals.TimerSeconds || got.Device.DistanceMeters != want.Totals.DistanceMeters) {
					t.Fatalf("%+v, want %+v", got.Device, want.Totals)
				}
				if len(got.Parts) != len(want.Parts) {
					t.Fatalf("%d parts, want %d", len(got.Parts), len(want.Parts))
				}
				for i, part := range want.Parts {
					fixes := got.Parts[i].Fixes
					if format == ports.GeoJSON && len(part.Fixes) == 1 { // a line has two positions
						if len(fixes) != 2 || fixes[0].Timestamp != fixes[1].Timestamp {
							t.Fatalf("a line of %d positions", len(fixes))
						}
						fixes = fixes[:1]
					}
					if len(fixes) != len(part.Fixes) {
						t.Fatalf("part %d has %d fixes, want %d", i, len(fixes), len(part.Fixes))
					}
					for k, f := range part.Fixes {
						if wrong := differs(fixes[k], f, can); wrong != "" {
							t.Fatalf("%s: %+v, want %+v", wrong, fixes[k], f)
						}
					}
				}
			})
		})
	}
}

// differs says what of a fix is not as it was written.
func differs(got, want ports.TrackFix, can holds) string {
	if d := geo.Distance(got.Point, want.Point); d > 0.0105 { // at the antimeridian FIT has a place less
		return fmt.Sprintf("%v m away", d)
	}
	if got.Timestamp != want.Timestamp/can.millis*can.millis {
		return "time"
	}
	for _, c := range []struct {
		name      string
		got, want float64
		error     float64
	}{
		{"altitude", got.Altitude, want.Altitude, can.altitude}, {"accuracy", got.Accuracy, want.Accuracy, can.accuracy},
		{"heart rate", got.HeartRate, want.HeartRate, 1e-9}, {"cadence", got.Cadence, want.Cadence, can.cadence},
	} {
		if c.error == 0 {
			c.want = run.Absent
		}
		if run.Has(c.got) != run.Has(c.want) || math.Abs(c.got-c.want) > c.error+1e-6 {
			return c.name
		}
	}
	if can.distance && math.Abs(got.Distance-want.Distance) > 0.01 {
		return "distance"
	}
	return ""
}

// fixAt is a fix of a run at so many milliseconds.
func fixAt(millis int64) ports.TrackFix {
	f := blank()
	f.Point, f.HasPlace, f.Timestamp, f.HasTime, f.Distance = geo.MustPoint(37.5, 127+float64(millis)/1e9), true, dawn.UnixMilli()+millis, true, float64(millis)/400
	return f
}

func runAt(parts ...[]int64) ports.Track {
	t := ports.Track{Name: "run", Sport: ports.SportRun}
	for _, p := range parts {
		var part ports.TrackPart
		for _, at := range p {
			part.Fixes = append(part.Fixes, fixAt(at))
		}
		t.Parts = append(t.Parts, part)
	}
	return t
}

// FIT has whole seconds. A second has one record, and a part that has none of its own
// is not written.
func TestFixesOfOneSecondInFIT(t *testing.T) {
	for name, c := range map[string]struct {
		run  ports.Track
		want string
	}{
		"ten a second":                {runAt([]int64{0, 100, 900, 1000, 1999, 2000}), "[3]"},
		"parts that share a second":   {runAt([]int64{0, 1000, 2100}, []int64{2900, 3900}), "[3 1]"},
		"a part within a second":      {runAt([]int64{0, 1100}, []int64{1200, 1300}, []int64{1400, 2400}), "[2 1]"},
		"a part of one fix, at last":  {runAt([]int64{0, 1000}, []int64{9000}), "[2 1]"},
		"a part of one fix, at first": {runAt([]int64{0}, []int64{9000, 10_000}), "[1 2]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(sizes(read(t, written(t, c.run, ports.FIT)))); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestPlacesAtTheEdgeOfFIT(t *testing.T) {
	for _, lng := range []float64{180, -180, 179.99999999, 179.9999999162, 127} { // the last but one has the number of no place
		r := runAt([]int64{0, 1000})
		for i := range r.Parts[0].Fixes {
			r.Parts[0].Fixes[i].Point = geo.MustPoint(10, lng)
		}
		for _, f := range read(t, written(t, r, ports.FIT)).Fixes() {
			if d := geo.Distance(f.Point, geo.MustPoint(10, lng)); d > 0.0105 {
				t.Errorf("%v becomes %v", lng, f.Point)
			}
		}
	}
}

// A sprinter takes more steps than the highest number that is taken for one foot's.
func TestStepsOfASprinter(t *testing.T) {
	r := runAt([]int64{0, 1000, 2000, 3000})
	for i := range r.Parts[0].Fixes {
		r.Parts[0].Fixes[i].Cadence = 180
	}
	r.Parts[0].Fixes[1].Cadence = 280
	for format := range writers {
		if got := read(t, written(t, r, format)).Fixes(); got[0].Cadence != 180 || format != ports.FIT && format != ports.GPX && format != ports.TCX && got[1].Cadence != 280 || got[1].Cadence == 140 {
			t.Errorf("%s: %v, %v", format, got[0].Cadence, got[1].Cadence)
		}
	}
}

// Room is made once: no fix takes more than its format says.
func TestTheLongestFixHasRoom(t *testing.T) {
	long := ports.TrackFix{
		Point: geo.MustPoint(-37.1234567, -127.1234567), HasPlace: true, HasTime: true, Altitude: -123.456, Accuracy: 99_999.123, HeartRate: 254, Cadence: 253, Distance: 987_654.321, Speed: run.Absent,
	}
	fixes := make([]ports.TrackFix, 2000)
	for i := range fixes {
		fixes[i] = long
		fixes[i].Timestamp = dawn.UnixMilli() + int64(i)*1001
		if i%2 == 1 { // in FIT each is of another kind than the one before
			fixes[i].HeartRate = run.Absent
		}
	}
	track := ports.Track{Name: "run", Sport: ports.SportRun, Parts: []ports.TrackPart{{Fixes: fixes}}}
	for format, w := range writers {
		if n := len(written(t, track, format)); n > headBytes+w.mostFixBytes*len(fixes) || n < w.mostFixBytes*len(fixes)/2 {
			t.Errorf("%s takes %d bytes a fix, and room for %d is made", format, n/len(fixes), w.mostFixBytes)
		}
	}
}

// aCourse goes north, and turns left after a kilometre.
func aCourse() ports.Track {
	t := ports.Track{Name: "한강 다리 두 개와 서울숲 한 바퀴", Sport: ports.SportRun, Planned: true, MadeAt: dawn}
	along := []float64{0, 1000, 1500}
	for i, p := range []geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.50901, 127), geo.MustPoint(37.50901, 126.99434)} {
		f := blank()
		f.Point, f.HasPlace, f.Distance, f.Altitude = p, true, along[i], 10*float64(i)
		t.Parts = append(t.Parts[:0], ports.TrackPart{Fixes: append(line(t), f)})
	}
	t.Totals = ports.DeviceTotals{TimerSeconds: 450, DistanceMeters: 1500, AscentMeters: 20}
	t.Turns = []course.Turn{{AlongMeters: 1000, Point: geo.MustPoint(37.50901, 127), Bend: course.Left}, {AlongMeters: 1200, Point: geo.MustPoint(37.50901, 126.99774), Bend: course.SlightRight}}
	return t
}

func TestACourseReadsBack(t *testing.T) {
	want := aCourse()
	for format := range writers {
		t.Run(string(format), func(t *testing.T) {
			a := read(t, written(t, want, format))
			fixes := a.Fixes()
			if watch := format == ports.FIT || format == ports.TCX; a.Planned != watch || len(fixes) != 3 || fixes[0].HasTime != watch {
				t.Fatalf("%+v", a)
			} else if watch && (fixes[0].Timestamp != dawn.UnixMilli() || fixes[1].Timestamp != dawn.Add(300*time.Second).UnixMilli()) {
				t.Errorf("its times are %v", fixes)
			}
			if name := want.Name; format != ports.TCX && a.Name != name || format == ports.TCX && a.Name != strings.TrimSpace(string([]rune(name)[:15])) {
				t.Errorf("it is called %q", a.Name)
			}
			for i, f := range fixes {
				if w := line(want)[i]; geo.Distance(f.Point, w.Point) > 0.01 || f.Altitude != w.Altitude {
					t.Errorf("%+v, want %+v", f, w)
				}
			}
		})
	}
}

// Nobody has timed it: it is followed at six minutes a kilometre.
func TestACourseThatNobodyTimed(t *testing.T) {
	c := aCourse()
	c.Totals.TimerSeconds = 0
	for _, format := range []ports.TrackFormat{ports.FIT, ports.TCX} {
		if at := read(t, written(t, c, format)).Fixes()[1].Timestamp; at != dawn.Add(6*time.Minute).UnixMilli() {
			t.Errorf("%s: %v", format, time.UnixMilli(at).UTC())
		}
	}
}

func TestTurnsInTCX(t *testing.T) {
	text := string(written(t, aCourse(), ports.TCX))
	for _, want := range []string{
		"<CoursePoint><Name>Left</Name><Time>" + dawn.Add(300*time.Second).Format("2006-01-02T15:04:05.000Z") + "</Time><Position><LatitudeDegrees>37.50901</LatitudeDegrees><LongitudeDegrees>127</LongitudeDegrees></Position><PointType>Left</PointType></CoursePoint>",
		"<Name>Bear right</Name>", "<PointType>Right</PointType>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// The same track is the same file, so that a tag tells whether it has changed.
func TestATrackIsWrittenAlikeEachTime(t *testing.T) {
	for _, track := range []ports.Track{aCourse(), runAt([]int64{0, 1000}, []int64{5000, 6000})} {
		for format := range writers {
			if !bytes.Equal(written(t, track, format), written(t, track, format)) {
				t.Errorf("%s", format)
			}
		}
	}
}

func TestAnUnknownFormatIsNotWritten(t *testing.T) {
	if _, err := (Files{}).Write(aCourse(), "shp"); err == nil {
		t.Error("it is written")
	}
	for f := range writers {
		if _, is := formats[f]; !is {
			t.Errorf("no test reads back %s", f)
		}
	}
}
