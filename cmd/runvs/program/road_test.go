package program_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestTheMainRoad follows a run from its first chunk to the board.
func TestTheMainRoad(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina, joon := s.login("mina"), s.login("joon")
		free := s.run(mina, nil)
		same(t, "distance", free["distance_meters"], 1798) // 599 s at 3/88,400 of a degree, which is 88,426 m here
		same(t, "moving time", free["duration_seconds"], 599)
		for _, field := range []string{"course_id", "course_completed", "route_match_percent", "max_deviation_meters", "course_duration_seconds", "verdict", "client_discrepancy"} {
			if v, there := free[field]; !there || v != nil {
				t.Errorf("%s of a free run is %v, there %v", field, v, there)
			}
		}
		course := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": free["id"], "title": "한강 Road", "tags": []string{"flat"}}})
		cid := course.id()
		same(t, "hints", course.json["hints"], "map[alike:[] overlap_percent:0]")
		twin := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": free["id"], "title": "the same once more"}})
		same(t, "hints of a course that is there already", twin.json["hints"], "map[alike:[map[apart_meters:0 id:"+cid+" title:한강 Road]] overlap_percent:0]")
		same(t, "its deletion", s.do(call{method: "DELETE", path: "/courses/" + twin.id(), token: mina}).status, 204)
		same(t, "thresholds", course.json["thresholds"], "map[curve:map[deviate_meters:60 warn_meters:40] straight:map[deviate_meters:50 warn_meters:30]]")

		first := s.run(mina, object{"course_id": cid})
		second := s.run(joon, object{"course_id": cid})
		same(t, "first verdict", first["verdict"].(map[string]any)["status"], "completed")
		// Joon's track is the same to the last digit: a copy is not ranked.
		same(t, "flags of a copy", second["flags"], "[copied_track]")
		same(t, "verdict on a copy", second["course_completed"], false)

		board := s.want(200, call{method: "GET", path: "/courses/" + cid + "/rankings"})
		same(t, "rows", board.json["total_count"], 1)
		row := board.json["items"].([]any)[0].(map[string]any)
		same(t, "rank", row["rank"], 1)
		same(t, "time", row["best_duration_seconds"], first["course_duration_seconds"])
		mine := s.want(200, call{method: "GET", path: "/courses/" + cid + "/rankings/me", token: mina})
		same(t, "my rank", mine.json["me"].(map[string]any)["rank"], 1)
		stats := s.want(200, call{method: "GET", path: "/courses/" + cid + "/stats"})
		same(t, "runs", stats.json["total_runs"], 2)
		same(t, "runners", stats.json["unique_runners"], 2)
		same(t, "completion", stats.json["completion_rate"], 0.5)
		same(t, "by hour, in Seoul", stats.json["runs_by_hour"], "map[15:2]")
		me := s.want(200, call{method: "GET", path: "/users/me", token: mina})
		same(t, "my runs", me.json["total_runs"], 2)
		same(t, "my metres", me.json["total_distance_meters"], 2*1798)

		for path, want := range map[string]string{
			"/courses?q=한강": cid, "/courses?tag=flat": cid, "/courses?q=%25": "",
			"/courses/nearby?lat=37.5&lng=127":                                         cid,
			"/courses/nearby?lat=37.5&lng=127.018&radius=500":                          "",
			"/courses/nearby?lat=37.5&lng=127.018&radius=500&match=route":              cid,
			"/courses/bounds?sw_lat=37&sw_lng=126&ne_lat=38&ne_lng=128":                cid,
			"/courses/bounds?sw_lat=-90&sw_lng=-180&ne_lat=90&ne_lng=180":              cid,
			"/courses/bounds?sw_lat=37&sw_lng=170&ne_lat=38&ne_lng=-170":               "",
			"/courses/bounds?sw_lat=37&sw_lng=127.01&ne_lat=38&ne_lng=128&match=route": cid,
		} {
			found := s.want(200, call{method: "GET", path: path})
			if has := strings.Contains(string(found.raw), cid); has != (want != "") {
				t.Errorf("%s: %s", path, found.raw)
			}
		}
		verdict := s.want(200, call{method: "GET", path: "/runs/" + first["id"].(string) + "/verdict", token: mina})
		if reasons, ok := verdict.json["reasons"].([]any); !ok || len(reasons) != 0 {
			t.Errorf("reasons of a completed run: %v", verdict.json["reasons"])
		}
		for _, at := range []any{verdict.json["start_gate_at"], verdict.json["efforts"].([]any)[0].(map[string]any)["finished_at"]} {
			if _, err := time.Parse("2006-01-02T15:04:05.000Z", at.(string)); err != nil {
				t.Errorf("a time of the verdict has no milliseconds: %v", at)
			}
		}
		if n := len(verdict.json["fixes"].([]any)); n != 600 {
			t.Errorf("%d fixes explained, want 600", n)
		}
		gpx := s.want(200, call{method: "GET", path: "/runs/" + first["id"].(string) + "/track?format=gpx", token: mina})
		if strings.Count(string(gpx.raw), "<trkpt") != 600 {
			t.Error("the GPX has not 600 points")
		}
		corridor := s.want(200, call{method: "GET", path: "/courses/" + cid + "/corridor"})
		same(t, "corridor", corridor.json["type"], "Polygon")
		picture := eventually(t, func() (answer, bool) {
			a := s.do(call{method: "GET", path: "/courses/" + cid + "/thumbnail.png"})
			return a, a.status == 200
		})
		if !strings.HasPrefix(string(picture.raw), "\x89PNG") {
			t.Error("the thumbnail is no PNG")
		}
		again := s.do(call{method: "GET", path: "/courses/" + cid, header: map[string]string{"If-None-Match": s.want(200, call{method: "GET", path: "/courses/" + cid}).header.Get("ETag")}})
		same(t, "a course that has not changed", again.status, 304)

		// Deleting a run takes it out of everything.
		s.want(204, call{method: "DELETE", path: "/runs/" + first["id"].(string), token: mina})
		same(t, "rows after", s.want(200, call{method: "GET", path: "/courses/" + cid + "/rankings"}).json["total_count"], 0)
		same(t, "runs after", s.want(200, call{method: "GET", path: "/courses/" + cid + "/stats"}).json["total_runs"], 1)
		same(t, "my runs after", s.want(200, call{method: "GET", path: "/users/me", token: mina}).json["total_runs"], 1)
		// Deleting a course leaves its runs as free runs.
		s.want(204, call{method: "DELETE", path: "/courses/" + cid, token: mina})
		left := s.want(200, call{method: "GET", path: "/runs/" + second["id"].(string), token: joon})
		same(t, "course of what is left", left.json["course_id"], nil)
		same(t, "verdict of what is left", left.json["verdict"], nil)
	})
}

// eventually waits for a condition that a job brings about.
func eventually[T any](t testing.TB, look func() (T, bool)) T {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		v, ok := look()
		if ok {
			return v
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %v", v)
		}
	}
	panic("unreachable")
}

func TestFiftyCompletesAtOnceMakeOneRecord(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		token := s.login("mina")
		sid := s.session(token, nil)
		same(t, "chunk", s.send(token, sid, chunkOf(0, "final", 0, 60)).status, 201)
		var mu sync.Mutex
		ids, statuses := map[string]int{}, map[int]int{}
		var wg sync.WaitGroup
		for range 50 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				a := s.do(call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: token, body: completed})
				mu.Lock()
				ids[a.id()]++
				statuses[a.status]++
				mu.Unlock()
			}()
		}
		wg.Wait()
		if len(ids) != 1 || statuses[201] != 1 || statuses[200] != 49 {
			t.Errorf("records %v, statuses %v", ids, statuses)
		}
	})
}

func TestTwoBodiesOfOneSequenceHaveOneWinner(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		token := s.login("mina")
		sid := s.session(token, nil)
		for sequence := 0; sequence < 10; sequence++ {
			var mu sync.Mutex
			statuses := map[int]int{}
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Add(1)
				go func() {
					defer wg.Done()
					a := s.send(token, sid, chunkOf(sequence, "intermediate", sequence*10, sequence*10+5+i%2))
					mu.Lock()
					statuses[a.status]++
					mu.Unlock()
				}()
			}
			wg.Wait()
			if statuses[201] != 1 || statuses[200] != 3 || statuses[409] != 4 {
				t.Fatalf("sequence %d: %v", sequence, statuses)
			}
		}
	})
}

func TestARunIsRecoveredOrResumed(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		token := s.login("mina")
		client := uuid.NewString()
		sid := s.session(token, object{"client_session_id": client})
		again := s.want(200, call{method: "POST", path: "/runs/sessions", token: token, body: object{"started_at": started.Format(time.RFC3339), "client_session_id": strings.ToUpper(client)}})
		same(t, "the repeat's session", again.id(), sid)
		s.send(token, sid, chunkOf(0, "intermediate", 0, 60))
		s.send(token, sid, chunkOf(2, "intermediate", 120, 180))
		list := s.want(200, call{method: "GET", path: "/runs/sessions?status=active", token: token})
		open := list.json["items"].([]any)[0].(map[string]any)
		same(t, "received", open["received"], "[[0 0] [2 2]]")
		same(t, "missing", open["missing"], "[[1 1]]")
		missing := s.want(409, call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: token, body: completed})
		same(t, "code", missing.code(), "chunks_missing")
		same(t, "missing", missing.json["missing"], "[[1 1] [3 3]]")

		s.want(200, call{method: "POST", path: "/runs/sessions/" + sid + "/abandon", token: token})
		same(t, "a chunk then", s.send(token, sid, chunkOf(1, "intermediate", 60, 120)).code(), "session_abandoned")
		resumed := s.want(200, call{method: "POST", path: "/runs/sessions/" + sid + "/recover", token: token, body: object{"mode": "resume"}})
		same(t, "status", resumed.json["status"], "active")
		record := s.want(201, call{method: "POST", path: "/runs/sessions/" + sid + "/recover", token: token})
		same(t, "flags", record.json["flags"], "[gaps]")
		same(t, "recovering again", s.want(200, call{method: "POST", path: "/runs/sessions/" + sid + "/recover", token: token}).id(), record.id())
		same(t, "a late chunk", s.send(token, sid, chunkOf(1, "intermediate", 60, 120)).code(), "session_closed")
	})
}

func TestAPrivateCourseIsNowhere(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina, joon := s.login("mina"), s.login("joon")
		rec := s.run(mina, nil)
		cid := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "secret", "is_public": false}}).id()
		s.want(200, call{method: "GET", path: "/courses/" + cid, token: mina})
		for _, path := range []string{"", "/stats", "/rankings", "/corridor", "/track", "/thumbnail.png"} {
			for _, token := range []string{"", joon} {
				same(t, path, s.want(404, call{method: "GET", path: "/courses/" + cid + path, token: token}).code(), "course_not_found")
			}
		}
		same(t, "its board, for another", s.do(call{method: "GET", path: "/courses/" + cid + "/rankings/me", token: joon}).status, 404)
		same(t, "a session on it", s.do(call{method: "POST", path: "/runs/sessions", token: joon, body: object{"started_at": started.Format(time.RFC3339), "course_id": cid}}).status, 404)
		for _, path := range []string{"/courses", "/courses/nearby?lat=37.5&lng=127", "/courses/bounds?sw_lat=37&sw_lng=126&ne_lat=38&ne_lng=128"} {
			if strings.Contains(string(s.want(200, call{method: "GET", path: path, token: joon}).raw), cid) {
				t.Errorf("%s shows it", path)
			}
		}
		same(t, "changing it", s.do(call{method: "PATCH", path: "/courses/" + cid, token: joon, body: object{"title": "mine"}}).status, 404)
		same(t, "another's run", s.do(call{method: "GET", path: "/runs/" + rec["id"].(string), token: joon}).status, 404)
	})
}

func TestAHistoryGoesOnBehindItsCursor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		want := []string{}
		for i := range 3 {
			sid := s.session(mina, nil)
			s.send(mina, sid, chunkOf(0, "final", i, 60+i))
			a := s.want(201, call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: mina, body: completed})
			want = append([]string{a.id()}, want...) // the later it ended, the earlier in the list
		}
		var got []string
		path := "/users/me/runs?per_page=1"
		for cursor := ""; ; {
			page := s.want(200, call{method: "GET", path: path + cursor, token: mina})
			same(t, "in all", page.json["total_count"], 3)
			got = append(got, page.json["items"].([]any)[0].(map[string]any)["id"].(string))
			next, more := page.json["next_cursor"].(string)
			same(t, "has_next", page.json["has_next"], more)
			if !more {
				break
			}
			cursor = "&cursor=" + next
		}
		same(t, "runs", got, want)
		board := s.want(200, call{method: "GET", path: path + "&page=2", token: mina})
		same(t, "page 2", board.json["items"].([]any)[0].(map[string]any)["id"], want[1])
		for _, cursor := range []string{"x", "e30", "eyJsIjoiYm9hcmQxIn0"} {
			same(t, "a cursor of nothing", s.do(call{method: "GET", path: path + "&cursor=" + cursor, token: mina}).code(), "validation_failed")
		}
	})
}
