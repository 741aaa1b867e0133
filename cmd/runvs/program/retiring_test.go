package program_test

import (
	"strings"
	"testing"
	"time"
)

// A course that somebody else completed is deleted: it is in no list and on no map,
// and what others ran on it is as it was.
func TestADeletedCourseThatOthersRanIsRetired(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina, joon := s.login("mina"), s.login("joon")
		rec := s.run(mina, nil)
		publish := func(title string) string {
			return s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": title, "tags": []string{"river", "mina's"}}}).id()
		}
		cid, unrun := publish("mina's way"), publish("nobody's way")
		ran := s.runIn(1, joon, object{"course_id": cid})
		same(t, "joon completed it", ran["course_completed"], true)
		begun := object{"course_id": cid, "client_session_id": "0199b0a2-0000-7000-8000-00000000000a", "started_at": started.Format(time.RFC3339)}
		start := call{method: "POST", path: "/runs/sessions", token: joon, body: begun}
		under := s.want(201, start).id() // begun before it is deleted
		gone := call{method: "POST", path: "/runs/sessions", token: joon, body: with(begun, object{"course_id": unrun, "client_session_id": "0199b0a2-0000-7000-8000-00000000000b"})}
		onGone := s.want(201, gone).id()
		shown := func(path string) string { return string(s.want(200, call{method: "GET", path: path}).raw) }
		boardThen, statsThen := shown("/courses/"+cid+"/rankings"), shown("/courses/"+cid+"/stats")

		remove := func(token, course string) answer {
			return s.do(call{method: "DELETE", path: "/courses/" + course, token: token})
		}
		same(t, "by another", remove(joon, cid).code(), "course_not_found")
		same(t, "by its maker", remove(mina, cid).status, 204)
		same(t, "once more", remove(mina, cid).code(), "course_not_found")
		same(t, "one that nobody else completed", remove(mina, unrun).status, 204)
		same(t, "is gone", s.do(call{method: "GET", path: "/courses/" + unrun, token: mina}).code(), "course_not_found")

		for _, token := range []string{"", mina, joon} {
			for _, path := range []string{"/courses", "/courses?q=way", "/courses?tag=river", "/courses?q=course", "/courses?sort=popular", "/courses/nearby?lat=37.5&lng=127", "/courses/nearby?lat=37.5&lng=127.005&match=route",
				"/courses/bounds?sw_lat=37&sw_lng=126&ne_lat=38&ne_lng=128", "/courses/bounds?sw_lat=37&sw_lng=126&ne_lat=38&ne_lng=128&match=route"} {
				if raw := string(s.want(200, call{method: "GET", path: path, token: token}).raw); strings.Contains(raw, cid) {
					t.Errorf("%s shows it", path)
				}
			}
		}
		same(t, "her own courses", s.want(200, call{method: "GET", path: "/users/me/courses", token: mina}).json["total_count"], 0)
		again := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "again"}})
		same(t, "courses like a new one", again.json["hints"].(map[string]any)["alike"], "[]")
		same(t, "deleted again", remove(mina, again.id()).status, 204)
		tile := s.do(call{method: "GET", path: "/tiles/courses/14/13971/6346.mvt"})
		if tile.status != 200 && tile.status != 204 || len(tile.raw) > 0 {
			t.Errorf("the map there: %d, %d bytes", tile.status, len(tile.raw))
		}

		left := s.want(200, call{method: "GET", path: "/courses/" + cid}).json
		same(t, "what stays", []any{left["retired"], left["is_public"], left["creator_id"], left["creator"], left["run_record_id"], left["estimated_duration_seconds"], left["tags"]}, "[true false <nil> <nil> <nil> <nil> [river]]")
		if title := left["title"].(string); strings.Contains(title, "mina") {
			t.Errorf("it is called %q", title)
		}
		same(t, "changing it", s.do(call{method: "PATCH", path: "/courses/" + cid, token: mina, body: object{"title": "mine"}}).code(), "course_not_found")
		same(t, "its board", shown("/courses/"+cid+"/rankings"), boardThen)
		same(t, "its statistics", shown("/courses/"+cid+"/stats"), statsThen)
		mine := s.want(200, call{method: "GET", path: "/runs/" + ran["id"].(string), token: joon}).json
		same(t, "joon's run", []any{mine["course_id"], mine["course_completed"], mine["verdict"]}, []any{cid, true, ran["verdict"]})
		explained := s.want(200, call{method: "GET", path: "/runs/" + ran["id"].(string) + "/verdict", token: joon}).json
		same(t, "its fixes", explained["fixes"], []any{})
		delete(explained, "fixes")
		same(t, "its verdict", explained, ran["verdict"])

		begin := object{"started_at": started.Format(time.RFC3339), "course_id": cid}
		same(t, "a new run on it", s.do(call{method: "POST", path: "/runs/sessions", token: joon, body: begin}).code(), "course_retired")
		same(t, "the start of the run that was under way, again", s.want(200, start).id(), under)
		vanished := s.want(200, gone)
		same(t, "a start on a course that is gone, again", []any{vanished.id(), vanished.json["course_id"]}, []any{onGone, nil})
		begun["started_at"] = started.Add(time.Second).Format(time.RFC3339)
		same(t, "another start of that name", s.do(start).code(), "session_conflict")
		for i, from := range []int{0, 300} {
			kind := []string{"intermediate", "final"}[i]
			same(t, "a chunk of the run that was under way", s.send(joon, under, chunkIn(2, i, kind, from, from+300)).status, 201)
		}
		late := s.want(201, call{method: "POST", path: "/runs/sessions/" + under + "/complete", token: joon, body: completed, header: map[string]string{"Prefer": "wait=10"}}).json
		same(t, "it is a free run", []any{late["processing"], late["course_id"], late["course_completed"], late["verdict"]}, []any{"done", nil, nil, nil})
		same(t, "its board", shown("/courses/"+cid+"/rankings"), boardThen)
		same(t, "its verdict", s.do(call{method: "GET", path: "/runs/" + late["id"].(string) + "/verdict", token: joon}).code(), "verdict_not_found")
	})
}
