package tracks

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tormoder/fit"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

// Other programs read what is written here: GPSBabel all formats, and another library
// FIT.

// measured is a walk of two parts of which everything is known.
func measured() ports.Track {
	r := runAt([]int64{0, 1000, 2000, 3000}, []int64{60_000, 61_000, 63_000})
	r.Name, r.Sport, r.Kilocalories = "산책", ports.SportWalk, 31
	r.Totals = ports.DeviceTotals{TimerSeconds: 6, ElapsedSeconds: 63, DistanceMeters: 150, AscentMeters: 12, AvgHeartRate: 140, MaxHeartRate: 155}
	for _, p := range r.Parts {
		for i := range p.Fixes {
			f := &p.Fixes[i]
			f.HeartRate, f.Cadence, f.Altitude, f.Accuracy = 140+float64(i), 113, 12.4, 5
		}
	}
	return r
}

// babelFormats are GPSBabel's names of the formats, and what it reads of them beside
// places.
var babelFormats = map[ports.TrackFormat]struct {
	name                       string
	parts, times, body, height bool
}{
	ports.GPX:     {"gpx", true, true, true, true},
	ports.TCX:     {"gtrnctr", false, true, true, true},
	ports.FIT:     {"garmin_fit", true, true, true, true},
	ports.KML:     {"kml", true, true, false, true},
	ports.GeoJSON: {"geojson", true, false, false, false},
}

// babel has GPSBabel turn a file into another format.
func babel(t *testing.T, data []byte, from ports.TrackFormat, arguments ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("gpsbabel")
	if err != nil {
		if os.Getenv("RUNVS_REQUIRE_GPSBABEL") != "" {
			t.Fatal(err)
		}
		t.Skip("gpsbabel is not installed")
	}
	if from == ports.GeoJSON { // it reads a Feature in a collection only
		data = slices.Concat([]byte(`{"type":"FeatureCollection","features":[`), data, []byte("]}"))
	}
	path := filepath.Join(t.TempDir(), "track."+string(from))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	c := exec.Command(program, append([]string{arguments[0], "-i", babelFormats[from].name, "-f", path}, append(arguments[1:], "-F", "-")...)...)
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("GPSBabel: %v: %s", err, complaints.String())
	}
	return out
}

// What GPSBabel reads, it writes as GPX, which is read here.
func TestGPSBabelReadsARun(t *testing.T) {
	want := measured()
	for format := range writers {
		t.Run(string(format), func(t *testing.T) {
			a := read(t, babel(t, written(t, want, format), format, "-t", "-o", "gpx,garminextensions=1"))
			reads, parts := babelFormats[format], "[7]"
			if reads.parts {
				parts = "[4 3]"
			}
			if got := fmt.Sprint(sizes(a)); got != parts {
				t.Fatalf("parts of %s, want %s", got, parts)
			}
			for i, f := range a.Fixes() {
				w := slices.Concat(want.Parts[0].Fixes, want.Parts[1].Fixes)[i]
				if geo.Distance(f.Point, w.Point) > 0.0105 || reads.times && f.Timestamp != w.Timestamp || reads.height && math.Abs(f.Altitude-w.Altitude) > 0.001 ||
					reads.body && (f.HeartRate != w.HeartRate || math.Abs(f.Cadence-w.Cadence) > 1) {
					t.Errorf("%+v, want %+v", f, w)
				}
			}
		})
	}
}

func TestGPSBabelReadsACourse(t *testing.T) {
	want := aCourse()
	for format := range writers {
		t.Run(string(format), func(t *testing.T) {
			a := read(t, babel(t, written(t, want, format), format, "-t", "-o", "gpx"))
			for i, f := range a.Fixes() {
				if w := line(want)[i]; len(a.Fixes()) != 3 || geo.Distance(f.Point, w.Point) > 0.0105 || babelFormats[format].height && f.Altitude != w.Altitude {
					t.Errorf("%+v, want %+v", f, w)
				}
			}
		})
	}
	rows, err := csv.NewReader(bytes.NewReader(babel(t, written(t, want, ports.TCX), ports.TCX, "-w", "-o", "unicsv,utc=0"))).ReadAll()
	if err != nil || len(rows) != 4 || !strings.Contains(strings.Join(rows[2], ","), "37.509010,127.000000") || !strings.Contains(strings.Join(rows[2], ","), "Left") {
		t.Errorf("the turns of TCX are %v: %v", rows, err)
	}
}

func decoded(t *testing.T, data []byte) *fit.File {
	t.Helper()
	f, err := fit.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAnotherLibraryReadsARun(t *testing.T) {
	want := measured()
	a, err := decoded(t, written(t, want, ports.FIT)).Activity()
	if err != nil {
		t.Fatal(err)
	}
	var timer []string
	for _, e := range a.Events {
		timer = append(timer, fmt.Sprint(e.Event, " ", e.EventType, " ", e.Timestamp.Sub(dawn).Seconds()))
	}
	if got := strings.Join(timer, ", "); got != "Timer Start 0, Timer StopAll 3, Timer Start 60, Timer StopAll 63" {
		t.Errorf("the timer: %s", got)
	}
	if len(a.Records) != 7 || len(a.Laps) != 1 || len(a.Sessions) != 1 || a.Activity == nil {
		t.Fatalf("%d records, %d laps, %d sessions", len(a.Records), len(a.Laps), len(a.Sessions))
	}
	s := a.Sessions[0]
	if s.Sport != fit.SportWalking || s.GetTotalTimerTimeScaled() != 6 || s.GetTotalElapsedTimeScaled() != 63 || s.GetTotalDistanceScaled() != 150 || s.TotalCalories != 31 ||
		s.TotalAscent != 12 || s.AvgHeartRate != 140 || s.MaxHeartRate != 155 || !s.StartTime.Equal(dawn) || s.Timestamp.Sub(dawn).Seconds() != 63 || s.NumLaps != 1 {
		t.Errorf("%+v", s)
	}
	if l := a.Laps[0]; l.GetTotalTimerTimeScaled() != 6 || l.GetTotalDistanceScaled() != 150 || !l.StartTime.Equal(dawn) {
		t.Errorf("%+v", l)
	}
	if a.Activity.GetTotalTimerTimeScaled() != 6 || a.Activity.NumSessions != 1 {
		t.Errorf("%+v", a.Activity)
	}
	for i, r := range a.Records {
		w := slices.Concat(want.Parts[0].Fixes, want.Parts[1].Fixes)[i]
		if d := geo.Distance(geo.MustPoint(r.PositionLat.Degrees(), r.PositionLong.Degrees()), w.Point); d > 0.01 || r.Timestamp.UnixMilli() != w.Timestamp {
			t.Errorf("%v m and %v away", d, r.Timestamp)
		}
		if float64(r.HeartRate) != w.HeartRate || r.Cadence != 56 || r.FractionalCadence != 64 || r.GpsAccuracy != 5 || math.Abs(r.GetEnhancedAltitudeScaled()-w.Altitude) > 0.1 || math.Abs(r.GetDistanceScaled()-w.Distance) > 0.005 {
			t.Errorf("%+v, want %+v", r, w)
		}
	}
}

func TestAnotherLibraryReadsACourse(t *testing.T) {
	want := aCourse()
	c, err := decoded(t, written(t, want, ports.FIT)).Course()
	if err != nil {
		t.Fatal(err)
	}
	if c.Course.Name != want.Name || c.Course.Sport != fit.SportRunning || len(c.Laps) != 1 || c.Laps[0].GetTotalDistanceScaled() != 1500 || c.Laps[0].GetTotalTimerTimeScaled() != 450 {
		t.Errorf("%+v, %+v", c.Course, c.Laps)
	}
	if len(c.Events) != 2 || c.Events[0].EventType != fit.EventTypeStart || c.Events[1].EventType != fit.EventTypeStopAll {
		t.Errorf("%+v", c.Events)
	}
	var told []string
	for _, p := range c.CoursePoints {
		told = append(told, fmt.Sprintf("%v %q at %v m, %v s, %.5f %.5f", p.Type, p.Name, p.GetDistanceScaled(), p.Timestamp.Sub(dawn).Seconds(), p.PositionLat.Degrees(), p.PositionLong.Degrees()))
	}
	if got, want := strings.Join(told, "; "), `Left "Left" at 1000 m, 300 s, 37.50901 127.00000; SlightRight "Bear right" at 1200 m, 360 s, 37.50901 126.99774`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for i, r := range c.Records {
		if w := line(want)[i]; len(c.Records) != 3 || r.GetDistanceScaled() != w.Distance || r.Timestamp.Sub(dawn).Seconds() != w.Distance*0.3 || r.GetEnhancedAltitudeScaled() != w.Altitude {
			t.Errorf("%+v, want %+v", r, w)
		}
	}
}
