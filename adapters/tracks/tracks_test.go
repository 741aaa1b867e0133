package tracks

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/muktihari/fit/encoder"
	"github.com/muktihari/fit/profile/filedef"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

const gpx11 = `<?xml version="1.0"?>
<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
<wpt lat="1" lon="1"><name>a mark</name></wpt>
<trk><name> Morning &amp; mist </name><trkseg>
<trkpt lat="37.5" lon="127"><ele>12.5</ele><time>2026-05-01T06:30:00.250Z</time><extensions><x:TrackPointExtension><x:hr>150</x:hr><x:cad>172</x:cad></x:TrackPointExtension></extensions></trkpt>
</trkseg><trkseg><trkpt lat="37.6" lon="127.1"><time>2026-05-01T15:31:00+09:00</time><ele>1e9</ele></trkpt></trkseg></trk></gpx>`

const tcx1 = `<?xml version="1.0"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity Sport="Running"><Lap><Track>
<Trackpoint><Time>2026-05-01T06:30:00Z</Time></Trackpoint>
<Trackpoint><Time>2026-05-01T06:30:01Z</Time><Position><LatitudeDegrees>37.5</LatitudeDegrees><LongitudeDegrees>127</LongitudeDegrees></Position>
<AltitudeMeters>9</AltitudeMeters><HeartRateBpm><Value>141</Value></HeartRateBpm><Cadence>86</Cadence></Trackpoint>
</Track></Lap></Activity></Activities></TrainingCenterDatabase>`

// fitFile is an activity of two records, one of them without a place.
func fitFile(t testing.TB) []byte {
	t.Helper()
	at := time.Date(2026, 5, 1, 6, 30, 0, 0, time.UTC)
	activity := filedef.NewActivity()
	activity.FileId = *mesgdef.NewFileId(nil).SetType(typedef.FileActivity).SetTimeCreated(at)
	activity.Records = []*mesgdef.Record{
		mesgdef.NewRecord(nil).SetTimestamp(at),
		mesgdef.NewRecord(nil).SetTimestamp(at.Add(time.Second)).SetPositionLatDegrees(37.5).SetPositionLongDegrees(127).SetAltitudeScaled(10).SetHeartRate(140).SetCadence(85),
	}
	data := activity.ToFIT(nil)
	var out bytes.Buffer
	if err := encoder.New(&out).Encode(&data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readAll reads a file.
func readAll(t testing.TB, data []byte) []ports.Activity {
	t.Helper()
	all, err := newFiles().Read(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// read reads a file of one activity.
func read(t testing.TB, data []byte) ports.Activity {
	t.Helper()
	all := readAll(t, data)
	if len(all) != 1 || all[0].Err != nil {
		t.Fatalf("%d activities, want 1: %+v", len(all), all)
	}
	return all[0]
}

func TestGPX(t *testing.T) {
	track := read(t, []byte(gpx11))
	fixes := track.Fixes()
	if track.Name != "Morning & mist" || len(fixes) != 2 {
		t.Fatalf("%+v", track)
	}
	f, g := fixes[0], fixes[1]
	if f.Point != geo.MustPoint(37.5, 127) || f.Timestamp != 1777617000250 || f.Altitude != 12.5 || f.HeartRate != 150 || f.Cadence != 172 || run.Has(f.Speed) {
		t.Errorf("%+v", f)
	}
	if g.Timestamp != 1777617060000 || run.Has(g.Altitude) {
		t.Errorf("an offset, or an altitude that is none: %+v", g)
	}
}

func TestARouteIsReadWhereThereIsNoTrack(t *testing.T) {
	track := read(t, []byte(`<gpx><rte><rtept lat="1" lon="2"/><rtept lat="1" lon="3"/></rte></gpx>`))
	fixes := track.Fixes()
	if len(fixes) != 2 || fixes[0].HasTime {
		t.Errorf("%+v", track)
	}
}

func TestTCX(t *testing.T) {
	track := read(t, []byte(tcx1))
	fixes := track.Fixes()
	if len(fixes) != 1 {
		t.Fatalf("%d points, want the one with a place", len(fixes))
	}
	if f := fixes[0]; f.Altitude != 9 || f.HeartRate != 141 || f.Cadence != 172 || f.Timestamp != 1777617001000 {
		t.Errorf("%+v", f)
	}
}

func TestFIT(t *testing.T) {
	track := read(t, fitFile(t))
	fixes := track.Fixes()
	if len(fixes) != 1 {
		t.Fatalf("%d points, want the one with a place", len(fixes))
	}
	f := fixes[0]
	if geo.Distance(f.Point, geo.MustPoint(37.5, 127)) > 0.02 || f.Altitude != 10 || f.HeartRate != 140 || f.Cadence != 170 || f.Timestamp != 1777617001000 {
		t.Errorf("%+v", f)
	}
}

func TestAGzippedFileIsInflated(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte(gpx11))
	_ = w.Close()
	if n := len(read(t, z.Bytes()).Fixes()); n != 2 {
		t.Errorf("%d points, want 2", n)
	}
	if _, err := newFiles().Read(t.Context(), z.Bytes()[:z.Len()/2]); !fault.HasCode(err, "bad_track") {
		t.Errorf("cut off: %v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	fit := fitFile(t)
	for name, c := range map[string]struct {
		data string
		code string
	}{
		"nothing": {"", "unsupported_track"}, "text": {"hello", "unsupported_track"}, "HTML": {"<html></html>", "unsupported_track"},
		"an empty GPX": {"<gpx></gpx>", "bad_track"}, "a cut-off GPX": {gpx11[:len(gpx11)-40], "bad_track"},
		"latitude 91":                          {`<gpx><trk><trkseg><trkpt lat="91" lon="0"/></trkseg></trk></gpx>`, "bad_track"},
		"no latitude":                          {`<gpx><trk><trkseg><trkpt lon="0"/></trkseg></trk></gpx>`, "bad_track"},
		"NaN":                                  {`<gpx><trk><trkseg><trkpt lat="NaN" lon="0"/></trkseg></trk></gpx>`, "bad_track"},
		"an entity":                            {`<!DOCTYPE gpx [<!ENTITY e SYSTEM "file:///etc/passwd">]><gpx><trk><name>&e;</name></trk></gpx>`, "bad_track"},
		"a FIT cut off before its first point": {string(fit[:40]), "bad_track"},
		"settings":                             {string(fitOf(append(fitDefinition(0, 0, [3]byte{0, 1, 0}), 0, 2))), "bad_track"},
		"a JSON of something else":             {`{"type":"Something"}`, "unsupported_track"}, "no JSON": {`{"type":`, "bad_track"},
		"a KML without lines": {"<kml><Placemark><Point><coordinates>1,1</coordinates></Point></Placemark></kml>", "bad_track"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := newFiles().Read(t.Context(), []byte(c.data)); !fault.HasCode(err, c.code) {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
}

// TestEveryRecordedRunIsRead uses the recorded runs where they are at hand.
func TestEveryRecordedRunIsRead(t *testing.T) {
	const shared = "../../../shared/tracks"
	raw, err := os.ReadFile(filepath.Join(shared, "manifest.json"))
	if err != nil {
		t.Skip("the recorded runs are not at hand")
	}
	var manifest struct {
		Groups []struct {
			Members []struct {
				File   string
				Points int
			}
		}
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	for _, g := range manifest.Groups {
		for _, m := range g.Members {
			data, err := os.ReadFile(filepath.Join(shared, m.File))
			if err != nil {
				t.Fatal(err)
			}
			if n := len(read(t, data).Fixes()); n == 0 || m.Points > 0 && n != m.Points {
				t.Errorf("%s: %d points, want %d", m.File, n, m.Points)
			}
		}
	}
}
