package program_test

import (
	"bytes"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tormoder/fit"
)

// trackMedia are the media types of the files of a track.
var trackMedia = map[string]string{
	"gpx": "application/gpx+xml", "tcx": "application/vnd.garmin.tcx+xml", "fit": "application/vnd.ant.fit",
	"kml": "application/vnd.google-earth.kml+xml", "geojson": "application/geo+json",
}

// bodily is a chunk of a walker with a strap, who climbs.
func bodily(sequence int, kind string, from, to int) object {
	c := chunkOf(sequence, kind, from, to)
	for i, p := range c["raw_gps_points"].([]object) {
		p["heart_rate"], p["cadence"], p["altitude"] = 120+i%20, 112, 20+float64(from+i)/4
	}
	return c
}

// walkWithAPause is four minutes of walking around three of a pause, in which the
// phone went on sending.
func (s *server) walkWithAPause(token string) object {
	s.t.Helper()
	at := func(second int) string {
		return started.Add(time.Duration(second) * time.Second).Format(time.RFC3339)
	}
	sid := s.session(token, object{"activity": "walk"})
	first := bodily(0, "intermediate", 0, 140)
	first["pause_intervals"] = []object{{"started_at": at(119), "ended_at": at(300)}}
	for _, c := range []object{first, bodily(1, "final", 300, 421)} {
		if a := s.send(token, sid, c); a.status != 201 {
			s.t.Fatalf("%d %s", a.status, a.raw)
		}
	}
	return s.want(201, call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: token, body: object{"finished_at": at(430), "title": "저녁 산책"}, header: map[string]string{"Prefer": "wait=10"}}).json
}

// A run is the same run when its file is sent by somebody else, whatever the format.
func TestARunSurvivesEachFormat(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		walk := s.walkWithAPause(mina)
		id := walk["id"].(string)
		same(t, "moving time", walk["duration_seconds"], 239)
		for format, media := range trackMedia {
			a := s.want(200, call{method: "GET", path: "/runs/" + id + "/track?format=" + format, token: mina})
			same(t, format+": media type", a.header.Get("Content-Type"), media)
			same(t, format+": name", a.header.Get("Content-Disposition"), `attachment; filename="run-`+id+"."+format+`"`)
			head := s.want(200, call{method: "HEAD", path: "/runs/" + id + "/track?format=" + format, token: mina})
			same(t, format+": length", head.header.Get("Content-Length"), len(a.raw))
			other := s.formWith(s.login("from "+format), "/runs/import", string(a.raw), nil, map[string]string{"Prefer": "wait=10"})
			if other.status != 201 {
				t.Errorf("%s: %d %s", format, other.status, other.raw)
				continue
			}
			for _, field := range []string{"activity", "duration_seconds", "total_elapsed_seconds", "avg_heart_rate", "max_heart_rate", "avg_cadence", "started_at", "finished_at"} {
				same(t, format+": "+field, other.json[field], walk[field])
			}
			for _, field := range []string{"distance_meters", "elevation_gain_meters"} { // places and altitudes are rounded
				if off := other.json[field].(float64) - walk[field].(float64); math.Abs(off) > 1 {
					t.Errorf("%s: %s is %v m more", format, field, off)
				}
			}
			if title := other.json["title"]; title != walk["title"] && format != "fit" && format != "tcx" { // which have no name, or none that is read
				t.Errorf("%s: it is called %v", format, title)
			}
			pauses := other.json["pause_intervals"].([]any)
			if len(pauses) != 1 {
				t.Errorf("%s: its pauses are %v", format, pauses)
				continue
			}
			for _, field := range []string{"kind", "started_at", "ended_at"} {
				same(t, format+": "+field+" of its pause", pauses[0].(map[string]any)[field], walk["pause_intervals"].([]any)[0].(map[string]any)[field])
			}
		}
		line := s.want(200, call{method: "GET", path: "/runs/" + id + "/track?format=polyline", token: mina})
		same(t, "a polyline", line.json["precision"], 5)
		feature := s.want(200, call{method: "GET", path: "/runs/" + id + "/track", token: mina}).json
		same(t, "parts", len(feature["geometry"].(map[string]any)["coordinates"].([]any)), 2)
		same(t, "another format", s.do(call{method: "GET", path: "/runs/" + id + "/track?format=shp", token: mina}).status, 422)
	})
}

const atHome = `<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity Sport="Running"><Lap StartTime="2026-05-01T06:30:00Z">
<TotalTimeSeconds>1200</TotalTimeSeconds><DistanceMeters>4000</DistanceMeters></Lap></Activity></Activities></TrainingCenterDatabase>`

func TestARunIndoorsHasNoTrack(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	run := s.formWith(mina, "/runs/import", atHome, nil, map[string]string{"Prefer": "wait=10"})
	same(t, "indoors", run.json["indoor"], true)
	for _, format := range []string{"geojson", "polyline", "fit"} {
		same(t, format, s.want(404, call{method: "GET", path: "/runs/" + run.id() + "/track?format=" + format, token: mina}).code(), "track_not_found")
	}
	files := unzip(t, s.want(200, call{method: "GET", path: "/users/me/export", token: mina}).raw)
	if _, there := files["runs/"+run.id()+".gpx"]; there || files["runs/"+run.id()+".json"] == "" {
		t.Errorf("of it %d files are exported, and a track: %v", len(files), there)
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// aCorner goes 400 m north and then 300 m east.
func aCorner() string {
	var b strings.Builder
	b.WriteString(`<gpx version="1.1"><trk><name>corner</name><trkseg>`)
	for i := range 41 {
		b.WriteString(`<trkpt lat="` + decimal(37.5+float64(i)*10/110_990) + `" lon="127"><ele>` + decimal(10+float64(i)/2) + `</ele></trkpt>`)
	}
	for i := 1; i < 31; i++ {
		b.WriteString(`<trkpt lat="` + decimal(37.5+400.0/110_990) + `" lon="` + decimal(127+float64(i)*10/88_400) + `"><ele>30</ele></trkpt>`)
	}
	return b.String() + `</trkseg></trk></gpx>`
}

func TestAWatchFollowsACourse(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		cid := s.formOf(mina, "/courses/import", aCorner(), map[string]string{"title": "모퉁이"}).id()
		get := call{method: "GET", path: "/courses/" + cid + "/track?format=fit"}
		a := s.want(200, get)
		same(t, "name", a.header.Get("Content-Disposition"), `attachment; filename="course-`+cid+`.fit"`)
		file, err := fit.Decode(bytes.NewReader(a.raw))
		if err != nil {
			t.Fatal(err)
		}
		course, err := file.Course()
		if err != nil {
			t.Fatal(err)
		}
		same(t, "title", course.Course.Name, "모퉁이")
		same(t, "points", len(course.Records), 71)
		if len(course.CoursePoints) != 1 {
			t.Fatalf("%+v", course.CoursePoints)
		}
		turn := course.CoursePoints[0]
		same(t, "turn", turn.Type, "Right")
		if at := turn.GetDistanceScaled(); math.Abs(at-400) > 5 {
			t.Errorf("it is told at %v m", at)
		}
		if last := course.Records[70]; math.Abs(last.GetDistanceScaled()-700) > 2 || last.Timestamp.Sub(course.Records[0].Timestamp).Round(5*time.Second) != 250*time.Second || math.Abs(last.GetEnhancedAltitudeScaled()-30) > 1 {
			t.Errorf("%+v", last)
		}
		get.header = map[string]string{"If-None-Match": a.header.Get("ETag")}
		same(t, "what has not changed", s.do(get).status, http.StatusNotModified)
		for format, media := range trackMedia {
			a := s.want(200, call{method: "GET", path: "/courses/" + cid + "/track?format=" + format})
			same(t, format, a.header.Get("Content-Type"), media)
			again := s.formOf(mina, "/courses/import", string(a.raw), map[string]string{"title": format})
			same(t, format+": length", again.json["distance_meters"], 700)
			if !slices.Contains([]any{20.0, 19.0, 18.0}, again.json["elevation_gain_meters"]) {
				t.Errorf("%s: it climbs %v", format, again.json["elevation_gain_meters"])
			}
		}
	})
}
