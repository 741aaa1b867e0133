package program_test

import (
	"strings"
	"testing"

	"github.com/runvs/runvs/domain/run"
)

// What cannot become a record takes no place among the active sessions; what was
// sent of it stays, and the answer is the same each time.
func TestARefusedRunLeavesNoActiveSession(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		var last, piece string
		for i := range run.MaxActiveSessions + 2 {
			sid := s.session(mina, nil)
			path := "/runs/sessions/" + sid
			body := completed
			kind := "final"
			if i%2 == 1 { // the phone says how many there are, and sends no final one
				kind, body = "intermediate", with(completed, object{"total_chunks": 1})
			}
			same(t, "a chunk of one point", s.send(mina, sid, chunkOf(0, kind, 0, 1)).status, 201)
			for range 2 {
				a := s.do(call{method: "POST", path: path + "/complete", token: mina, body: body})
				same(t, "completing", []any{a.status, a.code()}, []any{422, "run_too_short"})
				if detail := a.json["detail"].(string); !strings.Contains(detail, "kept for 30 days") {
					t.Errorf("the runner reads %q", detail)
				}
				now := s.want(200, call{method: "GET", path: path, token: mina}).json
				same(t, "the session", []any{now["status"], now["received"]}, "[abandoned [[0 0]]]")
			}
			if last = path; kind == "intermediate" {
				piece = path
			}
		}
		same(t, "active sessions", s.want(200, call{method: "GET", path: "/runs/sessions?status=active", token: mina}).json["total_count"], 0)
		same(t, "recovering it", s.do(call{method: "POST", path: last + "/recover", token: mina, body: object{}}).code(), "nothing_to_recover")
		// No chunk could follow the final one, so it would be active for nothing.
		a := s.do(call{method: "POST", path: last + "/recover", token: mina, body: object{"mode": "resume"}})
		same(t, "taking it up again", []any{a.status, a.code()}, []any{422, "nothing_to_recover"})
		same(t, "what all has arrived of is over", s.want(200, call{method: "GET", path: last, token: mina}).json["status"], "abandoned")
		same(t, "taking up what may go on", s.want(200, call{method: "POST", path: piece + "/recover", token: mina, body: object{"mode": "resume"}}).json["status"], "active")
		same(t, "another chunk", s.send(mina, piece[len("/runs/sessions/"):], chunkOf(1, "final", 1, 60)).status, 201)
		s.want(201, call{method: "POST", path: piece + "/complete", token: mina, body: completed})
		s.run(mina, nil)

		// What may still become a run stays as it was.
		sid := s.session(mina, nil)
		path := "/runs/sessions/" + sid
		s.send(mina, sid, chunkOf(1, "final", 1, 2))
		same(t, "completing with a gap", s.do(call{method: "POST", path: path + "/complete", token: mina, body: completed}).code(), "chunks_missing")
		same(t, "recovering with a gap", s.do(call{method: "POST", path: path + "/recover", token: mina, body: object{}}).code(), "nothing_to_recover")
		same(t, "the session", s.want(200, call{method: "GET", path: path, token: mina}).json["status"], "active")
		s.send(mina, sid, chunkOf(0, "intermediate", 0, 1))
		s.want(201, call{method: "POST", path: path + "/complete", token: mina, body: completed})

		// One that the runner abandoned is said to be so, and not measured into a record.
		sid = s.session(mina, nil)
		path = "/runs/sessions/" + sid
		s.send(mina, sid, chunkOf(0, "final", 0, 60))
		s.want(200, call{method: "POST", path: path + "/abandon", token: mina})
		same(t, "completing an abandoned run", s.do(call{method: "POST", path: path + "/complete", token: mina, body: completed}).code(), "session_abandoned")
		same(t, "taking up a whole run", s.want(200, call{method: "POST", path: path + "/recover", token: mina, body: object{"mode": "resume"}}).json["status"], "active")
		s.want(201, call{method: "POST", path: path + "/complete", token: mina, body: completed})

		// So is one that would be too short, and of which nobody knows whether it is all.
		sid = s.session(mina, nil)
		path = "/runs/sessions/" + sid
		s.send(mina, sid, chunkOf(0, "intermediate", 0, 1))
		s.want(200, call{method: "POST", path: path + "/abandon", token: mina})
		same(t, "completing a piece of an abandoned run", s.do(call{method: "POST", path: path + "/complete", token: mina, body: completed}).code(), "session_abandoned")
	})
}

func TestARefusedImportLeavesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina := s.login("mina")
		still := `<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>` +
			strings.Repeat(`<trkpt lat="37.5" lon="127"><time>2026-05-01T06:30:00Z</time></trkpt>`, 5) + `</trkseg></trk></gpx>`
		for range 2 {
			a := s.formOf(mina, "/runs/import", still, nil)
			same(t, "a file of one instant", []any{a.status, a.code()}, []any{422, "run_too_short"})
			if detail := a.json["detail"].(string); strings.Contains(detail, "kept") {
				t.Errorf("it says %q of a session that is gone", detail)
			}
		}
		same(t, "sessions", s.want(200, call{method: "GET", path: "/runs/sessions", token: mina}).json["total_count"], 0)
	})
}
