package program_test

import (
	"testing"

	"github.com/google/uuid"
)

// TestABoardIsListedInOtherOrders walks the board of two who ran equally fast,
// one of them twice, and their histories on the course.
func TestABoardIsListedInOtherOrders(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		joon, mina := s.login("joon"), s.login("mina") // joon's id is the lower one
		free := s.run(mina, nil)
		cid := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": free["id"], "title": "Road", "is_public": true}}).id()
		first, second := s.run(mina, object{"course_id": cid}), s.run(mina, object{"course_id": cid})
		other := s.runIn(1, joon, object{"course_id": cid})
		same(t, "joon's verdict", other["course_completed"], true)

		board := "/courses/" + cid + "/rankings?per_page=1"
		cursors := map[string]string{}
		for sort, want := range map[string][]any{"": {2.0, 1.0}, "&sort=time": {2.0, 1.0}, "&sort=recent": {1.0, 2.0}, "&sort=runs": {2.0, 1.0}} {
			var runs []any
			for cursor, more := "", true; more; {
				page := s.want(200, call{method: "GET", path: board + sort + cursor}).json
				row := page["items"].([]any)[0].(map[string]any)
				same(t, "rank, as they are equally fast", row["rank"], 1)
				same(t, "in all", page["total_count"], 2)
				runs = append(runs, row["run_count"])
				var next string
				if next, more = page["next_cursor"].(string); more {
					cursors[sort], cursor = next, "&cursor="+next
				}
			}
			same(t, "runs of the rows"+sort, runs, want)
			page := s.want(200, call{method: "GET", path: board + sort + "&page=2"}).json
			same(t, "page 2"+sort, page["items"].([]any)[0].(map[string]any)["run_count"], want[1])
			week := s.want(200, call{method: "GET", path: board + sort + "&period=week&date=2026-05-01"}).json
			same(t, "of the week"+sort, week["items"].([]any)[0].(map[string]any)["run_count"], want[0])
		}
		for sort, another := range map[string]string{"": "&sort=recent", "&sort=recent": "&sort=runs", "&sort=runs": "&sort=time"} {
			same(t, "a cursor of"+sort+" with"+another, s.do(call{method: "GET", path: board + another + "&cursor=" + cursors[sort]}).code(), "validation_failed")
		}
		same(t, "an order that is none", s.do(call{method: "GET", path: board + "&sort=best"}).code(), "validation_failed")

		history := func(token, course string) (runs map[any]bool, total any) {
			runs = map[any]bool{}
			a := s.want(200, call{method: "GET", path: "/users/me/runs?course_id=" + course, token: token})
			for _, r := range a.json["items"].([]any) {
				runs[r.(map[string]any)["id"]] = true
			}
			return runs, a.json["total_count"]
		}
		runs, total := history(mina, cid)
		same(t, "mina's history on the course", runs, map[any]bool{first["id"]: true, second["id"]: true})
		same(t, "in all", total, 2)
		runs, _ = history(joon, cid)
		same(t, "joon's", runs, map[any]bool{other["id"]: true})
		runs, total = history(mina, uuid.NewString())
		same(t, "on a course that is not there", len(runs), 0)
		same(t, "in all", total, 0)
		same(t, "no id", s.do(call{method: "GET", path: "/users/me/runs?course_id=x", token: mina}).code(), "validation_failed")
		// Who may not see a course any more still sees what they ran on it.
		s.want(200, call{method: "PATCH", path: "/courses/" + cid, token: mina, body: object{"is_public": false}})
		runs, _ = history(joon, cid)
		same(t, "on a private course", runs, map[any]bool{other["id"]: true})
	})
}
