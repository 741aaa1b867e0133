package program_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// winding is a road of so many places, so many metres apart.
func winding(places int, step float64) (points [][2]float64) {
	lat, lng := 37.5, 127.0
	for i := range places {
		points = append(points, [2]float64{lat, lng})
		heading := math.Sin(float64(i) / 40)
		lat += step * math.Sin(heading) / 110_990
		lng += step * math.Cos(heading) / (111_320 * math.Cos(lat*math.Pi/180))
	}
	return points
}

func gpxOf(points [][2]float64) string {
	var b strings.Builder
	b.WriteString(`<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>`)
	for _, p := range points {
		fmt.Fprintf(&b, `<trkpt lat="%.7f" lon="%.7f"/>`, p[0], p[1])
	}
	return b.String() + `</trkseg></trk></gpx>`
}

// sent sends a run along a road, and returns its session.
func (s *server) sent(token string, more object, road [][2]float64, every time.Duration) string {
	const most = 3600
	began := started.Add(-time.Duration(len(road)) * every)
	more["started_at"] = began.Format(time.RFC3339)
	sid := s.session(token, more)
	claim := object{"distance_meters": 1, "duration_seconds": 1}
	for sequence, left := 0, road; len(left) > 0; sequence++ {
		n := min(most, len(left))
		var raw []object
		for i, p := range left[:n] {
			at := began.Add(time.Duration(sequence*most+i) * every)
			raw = append(raw, object{"lat": p[0], "lng": p[1], "timestamp": at.UnixMilli(), "altitude": 20 + 5*math.Sin(float64(i)/300), "accuracy": 5})
		}
		kind := "intermediate"
		if left = left[n:]; len(left) == 0 {
			kind = "final"
		}
		chunk := object{"sequence": sequence, "chunk_type": kind, "raw_gps_points": raw, "chunk_summary": claim, "cumulative": claim}
		if a := s.send(token, sid, chunk); a.status != 201 {
			s.t.Fatalf("chunk %d: %d %s", sequence, a.status, a.raw)
		}
	}
	return sid
}

// BenchmarkAtTheBounds says how long requests take, one after another, on the
// longest course that there may be, for a run of a marathon and for one of as
// many fixes as there may be: the 99th of 100, which of fewer is the slowest.
func BenchmarkAtTheBounds(b *testing.B) {
	for name, c := range map[string]struct {
		fixes, tries int
		every        time.Duration
	}{"marathon": {14_400, 20, time.Second}, "300,000 fixes": {300_000, 3, 800 * time.Millisecond}} {
		b.Run(name, func(b *testing.B) {
			s := boot(b, settings(b))
			mina := s.login("mina")
			route := winding(20_000, 24.9)
			course := s.formOf(mina, "/courses/import", gpxOf(route), map[string]string{"title": "the longest"})
			if course.status != 201 {
				b.Fatalf("%d %s", course.status, course.raw)
			}
			took := map[string][]time.Duration{}
			timed := func(what string, status int, c call) answer {
				a := s.want(status, c)
				took[what] = append(took[what], a.took)
				return a
			}
			road := winding(c.fixes, min(2.9, 480_000/float64(c.fixes)))
			for b.Loop() {
				for range c.tries {
					sid := s.sent(mina, object{"course_id": course.id()}, road, c.every)
					rec := timed("complete", 201, call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: mina, body: object{"finished_at": started.Format(time.RFC3339)}}).id()
					eventually(b, func() (answer, bool) {
						a := s.want(200, call{method: "GET", path: "/runs/" + rec, token: mina})
						return a, a.json["processing"] == "done"
					})
					timed("verdict", 200, call{method: "GET", path: "/runs/" + rec + "/verdict", token: mina})
					timed("course", 201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec, "title": "again"}})
					timed("corridor", 200, call{method: "GET", path: "/courses/" + course.id() + "/corridor"})
				}
			}
			for what, all := range took {
				slices.Sort(all)
				b.ReportMetric(float64(all[(len(all)-1)*99/100].Microseconds())/1000, "p99-ms-"+what)
			}
		})
	}
}
