package program_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// blamed returns where a problem says that something is wrong, in order.
func blamed(a answer) []string {
	var out []string
	errors, _ := a.json["errors"].([]any)
	for _, e := range errors {
		out = append(out, e.(map[string]any)["location"].(string))
	}
	slices.Sort(out)
	return out
}

func TestAllMistakesOfARequestAreToldAtOnce(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	course, sid := s.form(mina, "/courses/import", nil).id(), s.session(mina, nil)
	long := strings.Repeat("x", 31)
	tags := `["1","2","3","4","5","6","7","8","9","10","11"]`
	for name, c := range map[string]struct {
		call
		status int
		want   []string
	}{
		"a course": {call{method: "POST", path: "/courses", body: `{"run_record_id":"x","title":"` + long + `","tags":` + tags + `,"foo":1}`}, 422,
			[]string{"body.foo", "body.run_record_id", "body.tags", "body.title"}},
		"a course of rules alone": {call{method: "POST", path: "/courses", body: `{"run_record_id":"` + course + `","title":" ","description":"\u0007","is_public":1}`}, 400,
			[]string{"body.description", "body.is_public", "body.title"}},
		"a changed course": {call{method: "PATCH", path: "/courses/" + course, body: `{"title":null,"is_public":null,"tags":` + tags + `}`}, 422,
			[]string{"body.is_public", "body.tags", "body.title"}},
		"a changed course's texts": {call{method: "PATCH", path: "/courses/" + course, body: `{"title":"` + long + `","tags":` + tags + `}`}, 422,
			[]string{"body.tags", "body.title"}},
		"an account": {call{method: "PATCH", path: "/users/me", body: `{"nickname":"x","avatar_url":"http://x","weight_kg":1000}`}, 422,
			[]string{"body.avatar_url", "body.nickname", "body.weight_kg"}},
		"an account of a wrong type": {call{method: "PATCH", path: "/users/me", body: `{"nickname":5,"avatar_url":"http://x","weight_kg":1000,"foo":1}`}, 400,
			[]string{"body.avatar_url", "body.foo", "body.nickname", "body.weight_kg"}},
		"a session": {call{method: "POST", path: "/runs/sessions", body: `{"course_id":"x","client_session_id":"y","started_at":"1970-01-01T00:00:00Z"}`}, 422,
			[]string{"body.client_session_id", "body.course_id", "body.started_at"}},
		"nothing of a session": {call{method: "POST", path: "/runs/sessions", body: `{"course_id":7}`}, 400, []string{"body.course_id", "body.started_at"}},
		"an end": {call{method: "POST", path: "/runs/sessions/" + sid + "/complete", body: `{"finished_at":"2100-01-01T00:00:00Z","title":"` + strings.Repeat(long, 4) + `","total_chunks":0}`}, 422,
			[]string{"body.finished_at", "body.title", "body.total_chunks"}},
		"an end of rules alone": {call{method: "POST", path: "/runs/sessions/" + sid + "/complete", body: `{"finished_at":"2100-01-01T00:00:00Z","title":"` + strings.Repeat(long, 4) + `"}`}, 422,
			[]string{"body.finished_at", "body.title"}},
		"a chunk": {call{method: "POST", path: "/runs/sessions/" + sid + "/chunks", body: `{"sequence":-1,"chunk_type":7,"raw_gps_points":[{"lat":91}],"cumulative":{},"foo":null}`}, 400,
			[]string{"body.chunk_summary", "body.chunk_type", "body.cumulative.distance_meters", "body.foo", "body.raw_gps_points[0].lng", "body.sequence"}},
		"a chunk of an unknown field": {call{method: "POST", path: "/runs/sessions/" + sid + "/chunks", body: `{"foo":1}`}, 422,
			[]string{"body.chunk_summary", "body.chunk_type", "body.cumulative", "body.foo", "body.raw_gps_points", "body.sequence"}},
		"a query": {call{method: "GET", path: "/courses/nearby?lat=3_7&radius=0&limit=1000&zzz=1&yyy=2"}, 422,
			[]string{"query.lat", "query.limit", "query.lng", "query.radius", "query.yyy", "query.zzz"}},
		"an ambiguous query":  {call{method: "GET", path: "/courses?tag=a&tag=b&q=%00"}, 422, []string{"query.q", "query.tag"}},
		"a query and a body":  {call{method: "POST", path: "/courses?zzz=1", body: `{"run_record_id":"x","title":""}`}, 422, []string{"body.run_record_id", "body.title", "query.zzz"}},
		"a query of a body":   {call{method: "POST", path: "/courses?zzz=1", body: `{"run_record_id":"` + course + `","title":"fine"}`}, 422, []string{"query.zzz"}},
		"a query and no body": {call{method: "POST", path: "/courses?zzz=1"}, 422, []string{"query.zzz"}},
		"a body nobody reads": {call{method: "POST", path: "/auth/logout-all?zzz=1", body: `{"foo":1,"bar":2}`}, 422, []string{"body.bar", "body.foo", "query.zzz"}},
		"an export's query":   {call{method: "GET", path: "/users/me/export?zzz=1&yyy=1"}, 422, []string{"query.yyy", "query.zzz"}},
	} {
		c.token = mina
		a := s.do(c.call)
		if a.status != c.status || !slices.Equal(blamed(a), c.want) {
			t.Errorf("%s: %d %q, want %d %q\n%s", name, a.status, blamed(a), c.status, c.want, a.raw)
		}
	}
	a := s.form(mina, "/courses/import", map[string]string{"desc": "x", "is_public": "", "description": "\a"})
	same(t, "a form", blamed(a), []string{"body.desc", "body.description", "body.is_public"})
}

func TestMoreMistakesThanHelpAreNotTold(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	var body strings.Builder
	for i := range 100 {
		fmt.Fprintf(&body, `,"x%d":1`, i)
	}

	for _, c := range []call{
		{method: "PATCH", path: "/users/me", token: mina, body: `{"nickname":"x"` + body.String() + "}"},
		{method: "POST", path: "/runs/sessions/" + s.session(mina, nil) + "/chunks", token: mina, body: "{" + body.String()[1:] + "}"},
	} {
		same(t, c.path, len(blamed(s.do(c))), 20)
	}
}
