package tracks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

const gpx10 = `<?xml version="1.0"?><gpx version="1.0"><name>of the file</name><author>Somebody</author><trk><trkseg>
<trkpt lat="37.5" lon="127"><time>2026-05-01T06:30:00Z</time><speed>2.5</speed><hdop>1.2</hdop></trkpt></trkseg></trk></gpx>`

// pointOf is the fix of a point with this inside.
func pointOf(t *testing.T, inside string) ports.TrackFix {
	t.Helper()
	return read(t, []byte(`<gpx><trk><trkseg><trkpt lat="37.5" lon="127">`+inside+`</trkpt></trkseg></trk></gpx>`)).Parts[0].Fixes[0]
}

// points are track points of GPX, one a second from a second on.
func points(from, n int) string {
	var b strings.Builder
	for i := range n {
		at := time.Unix(1_777_617_000+int64(from+i), 0).UTC().Format(time.RFC3339)
		fmt.Fprintf(&b, `<trkpt lat="%.5f" lon="127"><time>%s</time></trkpt>`, 37.5+float64(from+i)*2.5e-5, at)
	}
	return b.String()
}

// sizes are how many fixes each part of an activity has.
func sizes(a ports.Activity) (n []int) {
	for _, p := range a.Parts {
		n = append(n, len(p.Fixes))
	}
	return n
}

func TestSegmentsAndTracksAreParts(t *testing.T) {
	for name, c := range map[string]struct {
		inside string
		want   string // fixes of each part of each activity
	}{
		"one segment":          {"<trk><trkseg>" + points(0, 5) + "</trkseg></trk>", "[[5]]"},
		"two segments":         {"<trk><trkseg>" + points(0, 5) + "</trkseg><trkseg>" + points(30, 3) + "</trkseg></trk>", "[[5 3]]"},
		"empty segments":       {"<trk><trkseg/><trkseg>" + points(0, 5) + "</trkseg><trkseg/></trk><trk><trkseg/></trk>", "[[5]]"},
		"two tracks":           {"<trk><trkseg>" + points(0, 5) + "</trkseg></trk><trk><trkseg>" + points(6*3600, 3) + "</trkseg></trk>", "[[5 3]]"},
		"two days":             {"<trk><trkseg>" + points(0, 5) + "</trkseg></trk><trk><trkseg>" + points(86_400, 3) + "</trkseg></trk>", "[[5] [3]]"},
		"newest day first":     {"<trk><trkseg>" + points(86_400, 3) + "</trkseg></trk><trk><trkseg>" + points(0, 5) + "</trkseg></trk>", "[[3] [5]]"},
		"a day and back":       {"<trk><trkseg>" + points(0, 5) + "</trkseg></trk><trk><trkseg>" + points(86_400, 3) + "</trkseg></trk><trk><trkseg>" + points(60, 2) + "</trkseg></trk>", "[[5 2] [3]]"},
		"other sports":         {"<trk><type>cycling</type><trkseg>" + points(0, 5) + "</trkseg></trk><trk><type>running</type><trkseg>" + points(60, 3) + "</trkseg></trk>", "[[5] [3]]"},
		"tracks without times": {`<trk><trkpt lat="1" lon="1"/></trk><trk><trkpt lat="1" lon="1.1"/></trk>`, "[[1 1]]"},
		"a route beside":       {`<rte><rtept lat="1" lon="1"/><rtept lat="1" lon="1.1"/></rte><trk><trkseg>` + points(0, 5) + "</trkseg></trk>", "[[5]]"},
		"points in no track":   {points(0, 2), "[[2]]"},
		"a step back in time":  {"<trk><trkseg>" + points(3600, 5) + points(0, 5) + "</trkseg></trk>", "[[10]]"},
	} {
		t.Run(name, func(t *testing.T) {
			var got [][]int
			for _, a := range readAll(t, []byte("<gpx>"+c.inside+"</gpx>")) {
				got = append(got, sizes(a))
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestTheNameIsTheTracks(t *testing.T) {
	track := "<trkseg>" + points(0, 2) + "</trkseg>"
	for name, c := range map[string]struct{ file, want string }{
		"the track's":            {"<gpx><metadata><name>file</name><author><name>Jane</name></author></metadata><trk><name>run</name>" + track + "</trk></gpx>", "run"},
		"the file's":             {"<gpx><metadata><name>file</name><author><name>Jane</name></author></metadata><trk>" + track + "</trk></gpx>", "file"},
		"never a person's":       {"<gpx><metadata><author><name>Jane</name></author></metadata><trk>" + track + "</trk></gpx>", ""},
		"never a link's":         {"<gpx><trk><link><text>x</text><name>y</name></link>" + track + "</trk></gpx>", ""},
		"never a mark's":         {`<gpx><wpt lat="1" lon="1"><name>mark</name></wpt><trk>` + track + "</trk></gpx>", ""},
		"the first one's":        {"<gpx><trk><name>one</name>" + track + "</trk><trk><name>two</name>" + track + "</trk></gpx>", "one"},
		"the first that has one": {"<gpx><trk>" + track + "</trk><trk><name>two</name>" + track + "</trk></gpx>", "two"},
		"with a bare ampersand":  {"<gpx><trk><name>Tom & Jerry &amp; co &run</name>" + track + "</trk></gpx>", "Tom & Jerry & co &run"},
		"of GPX 1.0":             {gpx10, "of the file"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, []byte(c.file)).Name; got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestValuesOfManyDialects(t *testing.T) {
	for inside, c := range map[string]struct {
		value func(ports.TrackFix) float64
		want  float64
	}{
		"<extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>150</gpxtpx:hr></gpxtpx:TrackPointExtension></extensions>": {hr, 150},
		"<extensions><ns3:TrackPointExtension><ns3:hr>150</ns3:hr></ns3:TrackPointExtension></extensions>":             {hr, 150},
		"<extensions><gpxdata:hr>150</gpxdata:hr></extensions>":                                                        {hr, 150},
		"<extensions><heartrate>150</heartrate></extensions>":                                                          {hr, 150},
		"<extensions><bpm>150</bpm></extensions>":                                                                      {hr, 150},
		"<extensions><heartrate><bpm>150</bpm></heartrate></extensions>":                                               {hr, 150},
		"<extensions><hr>0</hr></extensions>":                                                                          {hr, run.Absent},
		"<extensions><hr>255.5</hr><hr>x</hr></extensions>":                                                            {hr, 255.5},
		"<extensions><ns3:TrackPointExtension><ns3:cad>86</ns3:cad></ns3:TrackPointExtension></extensions>":            {steps, 172},
		"<extensions><gpxdata:cadence>86</gpxdata:cadence></extensions>":                                               {steps, 172},
		"<extensions><cad>172</cad></extensions>":                                                                      {steps, 172},
		"<extensions><cad>130</cad></extensions>":                                                                      {steps, 260},
		"<extensions><cad>255</cad></extensions>":                                                                      {steps, run.Absent},
		"<extensions><cad>0</cad></extensions>":                                                                        {steps, 0},
		"<extensions><speed>2.8</speed><hAcc>5</hAcc><vAcc>3</vAcc></extensions>":                                      {meters, 5},
		"<hdop>1.2</hdop>": {meters, 6},
		"<hdop>1.2</hdop><extensions><hAcc>150</hAcc></extensions>":          {meters, 150},
		"<hdop>0</hdop><extensions><hAcc>-1</hAcc></extensions>":             {meters, run.Absent},
		"<speed>2</speed><extensions><speed>2.8</speed></extensions>":        {func(f ports.TrackFix) float64 { return f.Speed }, 2.8},
		"<extensions><speed>-1</speed></extensions>":                         {func(f ports.TrackFix) float64 { return f.Speed }, run.Absent},
		"<extensions><gpxdata:distance>12.5</gpxdata:distance></extensions>": {func(f ports.TrackFix) float64 { return f.Distance }, 12.5},
	} {
		if got := c.value(pointOf(t, inside)); got != c.want && (run.Has(got) || run.Has(c.want)) {
			t.Errorf("%s: %v, want %v", inside, got, c.want)
		}
	}
}

func hr(f ports.TrackFix) float64     { return f.HeartRate }
func steps(f ports.TrackFix) float64  { return f.Cadence }
func meters(f ports.TrackFix) float64 { return f.Accuracy }

// Who counts both feet walks at 110 now and then.
func TestACadenceOfBothFeetIsToldByMostOfIt(t *testing.T) {
	var b strings.Builder
	for i := range 10 {
		cadence := 170
		if i > 6 {
			cadence = 110
		}
		fmt.Fprintf(&b, `<trkpt lat="37.5" lon="127"><extensions><cad>%d</cad></extensions></trkpt>`, cadence)
	}
	fixes := read(t, []byte("<gpx><trk><trkseg>"+b.String()+"</trkseg></trk></gpx>")).Fixes()
	if fixes[0].Cadence != 170 || fixes[9].Cadence != 110 {
		t.Errorf("%v and %v, want 170 and 110", fixes[0].Cadence, fixes[9].Cadence)
	}
	odd := strings.ReplaceAll(b.String(), "110", "171")
	fixes = read(t, []byte("<gpx><trk><trkseg>"+strings.ReplaceAll(odd, "170", "86")+"</trkseg></trk></gpx>")).Fixes()
	if fixes[0].Cadence != 172 || fixes[9].Cadence != 171 {
		t.Errorf("%v and %v, want 172 and 171", fixes[0].Cadence, fixes[9].Cadence)
	}
}

func TestTimesInManyForms(t *testing.T) {
	for written, want := range map[string]int64{
		"2026-05-01T06:30:00Z": 1777617000000, "2026-05-01T06:30:00.250Z": 1777617000250, "2026-05-01T15:30:00+09:00": 1777617000000,
		"2026-05-01T15:30:00+0900": 1777617000000, "2026-05-01T15:30:00.25+0900": 1777617000250, "2026-05-01T15:30:00+09": 1777617000000,
		"2026-05-01 06:30:00": 1777617000000, "2026-05-01T06:30:00": 1777617000000, "2026-05-01 06:30:00Z": 1777617000000,
		"2026-05-01 15:30:00 +0900": 1777617000000, "2026-05-01t06:30:00z": 1777617000000, "2026-05-01T06:30:00,250Z": 1777617000250,
	} {
		if f := pointOf(t, "<time> "+written+"\n</time>"); !f.HasTime || f.Timestamp != want {
			t.Errorf("%s: %v %d, want %d", written, f.HasTime, f.Timestamp, want)
		}
	}
	for _, written := range []string{"", "yesterday", "2026-13-01T00:00:00Z", "2026-05-01"} {
		if f := pointOf(t, "<time>"+written+"</time>"); f.HasTime {
			t.Errorf("%q is a time", written)
		}
	}
}

func TestBadPointsAreSkippedAndCounted(t *testing.T) {
	good := points(0, 5)
	for name, bad := range map[string]string{
		"no place": "<trkpt/>", "no latitude": `<trkpt lon="0"/>`, "empty": `<trkpt lat="" lon=""/>`, "NaN": `<trkpt lat="NaN" lon="NaN"/>`,
		"latitude 91": `<trkpt lat="91" lon="0"/>`, "180, 180": `<trkpt lat="180" lon="180"/>`, "a longitude that is none": `<trkpt lat="1" lon="-181"/>`, "endless": `<trkpt lat="Inf" lon="1"/>`,
	} {
		t.Run(name, func(t *testing.T) {
			a := read(t, []byte("<gpx><trk><trkseg>"+good+bad+"</trkseg></trk></gpx>"))
			if a.SkippedPoints != 1 || len(a.Fixes()) != 5 || len(a.Parts) != 1 {
				t.Errorf("%d skipped, %v", a.SkippedPoints, sizes(a))
			}
			_, err := newFiles().Read(t.Context(), []byte("<gpx><trk><trkseg>"+good+strings.Repeat(bad, 6)+"</trkseg></trk></gpx>"))
			if f := fault.As(err); f == nil || f.Code != "bad_track" || f.Details["value"] != 6 || f.Details["limit"] != 5 {
				t.Errorf("6 bad points of 11: %v", err)
			}
		})
	}
}

func TestOneActivityOfManyIsToldItsFault(t *testing.T) {
	bad := `<trk><name>bad</name><type>running</type><trkseg>` + points(0, 1) + strings.Repeat("<trkpt/>", 3) + `</trkseg></trk>`
	all := readAll(t, []byte("<gpx>"+bad+"<trk><trkseg>"+points(86_400, 5)+"</trkseg></trk></gpx>"))
	if len(all) != 2 || !fault.HasCode(all[0].Err, "bad_track") || all[0].Name != "bad" || len(all[1].Fixes()) != 5 {
		t.Errorf("%+v", all)
	}
}

func TestLongitudesPastTheAntimeridianWrap(t *testing.T) {
	fixes := read(t, []byte(`<gpx><trk><trkpt lat="-17" lon="179.999"/><trkpt lat="-17" lon="180.001"/><trkpt lat="-17" lon="-180.001"/></trk></gpx>`)).Fixes()
	if got := []float64{fixes[1].Point.Lng(), fixes[2].Point.Lng()}; got[0] > -179.9989 || got[0] < -179.9991 || got[1] < 179.9989 || got[1] > 179.9991 {
		t.Errorf("%v", got)
	}
	if d := geo.Distance(fixes[0].Point, fixes[1].Point); d > 220 {
		t.Errorf("%v m from one to the other", d)
	}
}

func TestARouteIsPlanned(t *testing.T) {
	if a := read(t, []byte(`<gpx><rte><name>r</name><rtept lat="1" lon="2"/></rte></gpx>`)); !a.Planned || a.Name != "r" {
		t.Errorf("%+v", a)
	}
}

// Some treadmills write 0, 0 for every point.
func TestARunAtNullIslandIsIndoors(t *testing.T) {
	all := strings.ReplaceAll(strings.ReplaceAll(points(0, 5), `lon="127"`, `lon="0"`), `lat="37.5`, `lat="0.0" a="`)
	a := read(t, []byte("<gpx><trk><trkseg>"+all+"</trkseg></trk></gpx>"))
	if !a.Indoor || len(a.Fixes()) != 5 || a.Fixes()[0].HasPlace || !a.Fixes()[0].HasTime {
		t.Errorf("%+v", a)
	}
}

func TestSports(t *testing.T) {
	for name, want := range map[string]ports.Sport{
		"running": "run", "Run": "run", "trail_running": "run", "TrailRun": "run", "VirtualRun": "run", "treadmill_running": "run", "9": "run", "달리기": "run", "Jogging": "run",
		"walking": "walk", "Nordic Walking": "walk", "10": "walk", "hiking": "hike", "4": "hike", "등산": "hike",
		"cycling": "ride", "Biking": "ride", "VirtualRide": "ride", "EBikeRide": "ride", "mountain_biking": "ride", "1": "ride", "자전거": "ride",
		"lap_swimming": "swim", "cross_country_skiing": "ski", "Driving": "drive", "rowing": "row", "stand_up_paddleboarding": "paddle",
		"": "", "jkljkl": "", "...": "", "Other": "", "stride": "", "cardio": "",
	} {
		if got := read(t, []byte("<gpx><trk><type>"+name+"</type><trkseg>"+points(0, 2)+"</trkseg></trk></gpx>")).Sport; got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
