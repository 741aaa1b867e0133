package program_test

import (
	"bytes"
	"maps"
	"mime/multipart"
	"strings"
	"testing"
)

// form sends a multipart form of a short route file and other parts.
func (s *server) form(token, path string, parts map[string]string) answer {
	s.t.Helper()
	return s.formOf(token, path, aWay, parts)
}

const aWay = `<gpx version="1.1"><trk><name>way</name><trkseg><trkpt lat="37.5" lon="127"/><trkpt lat="37.51" lon="127"/></trkseg></trk></gpx>`

// formOf is form with another file.
func (s *server) formOf(token, path, file string, parts map[string]string) answer {
	s.t.Helper()
	return s.formWith(token, path, file, parts, nil)
}

// formWith is formOf with more headers.
func (s *server) formWith(token, path, file string, parts, header map[string]string) answer {
	s.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f, err := w.CreateFormFile("file", "route.gpx")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.Write([]byte(file)); err != nil {
		s.t.Fatal(err)
	}
	for name, value := range parts {
		if err := w.WriteField(name, value); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	all := map[string]string{"Content-Type": w.FormDataContentType()}
	maps.Copy(all, header)
	return s.do(call{method: "POST", path: path, token: token, body: b.Bytes(), header: all})
}

func TestFormsAreReadToTheLetter(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	for name, c := range map[string]struct {
		parts  map[string]string
		status int
		public any
	}{
		"public when not said": {nil, 201, true}, "public": {map[string]string{"is_public": "true"}, 201, true},
		"private": {map[string]string{"is_public": "false"}, 201, false}, "empty": {map[string]string{"is_public": ""}, 422, nil},
		"another word": {map[string]string{"is_public": "yes"}, 422, nil}, "another case": {map[string]string{"Tags": "x"}, 422, nil},
		"unknown": {map[string]string{"desc": "x"}, 422, nil}, "a file that is a text": {map[string]string{"file": "x"}, 422, nil},
	} {
		a := s.form(mina, "/courses/import", c.parts)
		if a.status != c.status || a.status == 201 && a.json["is_public"] != c.public {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	same(t, "a title for a run", s.form(mina, "/runs/import", map[string]string{"title": "x"}).status, 422)
	a := s.form(mina, "/runs/import?course_id=foo", nil)
	same(t, "where a query is wrong", a.json["errors"].([]any)[0].(map[string]any)["location"], "query.course_id")
	noTimes := s.form(mina, "/runs/import", nil)
	if noTimes.code() != "run_too_short" || !strings.Contains(noTimes.json["detail"].(string), "have a time") {
		t.Errorf("a route without times: %s", noTimes.raw)
	}
	for name, c := range map[string]struct{ body, media string }{
		"no end":      {"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc", "multipart/form-data; boundary=x"},
		"no boundary": {"--x--\r\n", "multipart/form-data"},
		"many parts":  {strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n", 5000) + "--x--\r\n", "multipart/form-data; boundary=x"},
	} {
		a := s.do(call{method: "POST", path: "/uploads/avatar", token: mina, body: c.body, header: map[string]string{"Content-Type": c.media}})
		if a.status != 400 || a.code() != "malformed_body" || strings.Contains(string(a.raw), "EOF") {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestNamesAreComparedExactly(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	course := s.form(mina, "/courses/import", nil).id()
	sid := s.session(mina, nil)
	for name, c := range map[string]call{
		"nickname":          {method: "PATCH", path: "/users/me", token: mina, body: `{"NickName":"Zed99"}`},
		"two spellings":     {method: "PATCH", path: "/users/me", token: mina, body: `{"nickname":"goodnick","NICKNAME":"evilnick"}`},
		"the sign of K":     {method: "PATCH", path: "/users/me", token: mina, body: `{"nic` + "\u212a" + `name":"Zed99"}`},
		"login":             {method: "POST", path: "/auth/login", body: `{"provider":"dev","token":"x1x","Token":"evil1"}`},
		"refresh":           {method: "POST", path: "/auth/refresh", body: `{"Refresh_token":"x"}`},
		"a session":         {method: "POST", path: "/runs/sessions", token: mina, body: `{"Started_At":"2026-05-01T06:30:00Z"}`},
		"a course":          {method: "PATCH", path: "/courses/" + course, token: mina, body: `{"IS_PUBLIC":false}`},
		"nothing is read":   {method: "POST", path: "/auth/logout-all", token: mina, body: `{"foo":1}`},
		"nor here":          {method: "POST", path: "/runs/sessions/" + sid + "/abandon", token: mina, body: `{"foo":1}`},
		"a typo on leaving": {method: "DELETE", path: "/users/me", token: mina, body: `{"authorisation_code":"x"}`},
		"a null title":      {method: "PATCH", path: "/courses/" + course, token: mina, body: `{"title":null}`},
		"null tags":         {method: "PATCH", path: "/courses/" + course, token: mina, body: `{"tags":null}`},
		"neither":           {method: "PATCH", path: "/courses/" + course, token: mina, body: `{"is_public":null}`},
		"an empty picture":  {method: "PATCH", path: "/users/me", token: mina, body: `{"avatar_url":""}`},
		"underscores":       {method: "GET", path: "/courses/nearby?lat=3_7.5&lng=127"},
		"hexadecimals":      {method: "GET", path: "/courses/nearby?lat=37.5&lng=127&radius=0x1p4"},
		"a comma in a time": {method: "POST", path: "/runs/sessions", token: mina, body: `{"started_at":"2026-05-01T06:30:00,5Z"}`},
	} {
		a := s.do(c)
		if a.status < 400 || a.status >= 500 || a.status == 404 {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	me := s.want(200, call{method: "GET", path: "/users/me", token: mina})
	same(t, "her nickname", me.json["nickname"], "mina")
	same(t, "an empty object where nothing is read", s.do(call{method: "POST", path: "/runs/sessions/" + sid + "/abandon", token: mina, body: `{}`}).status, 200)
	same(t, "a nickname given up", s.do(call{method: "PATCH", path: "/users/me", token: mina, body: `{"nickname":null}`}).json["nickname"], nil)
	for body, want := range map[string]string{
		`{"sequence":-1}`: "sequence: -1 is outside [0, 4999]", `{"foo":1}`: "foo: unknown field",
	} {
		a := s.send(mina, s.session(mina, nil), body)
		same(t, "detail", a.json["detail"], want)
	}
}

func TestMyCoursesNameTheirCreatorAndAnEmptyChangeChangesNothing(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	course := s.form(mina, "/courses/import", nil).id()
	mine := s.want(200, call{method: "GET", path: "/users/me/courses", token: mina}).json["items"].([]any)[0].(map[string]any)
	same(t, "creator", mine["creator"].(map[string]any)["nickname"], "mina")
	before := s.want(200, call{method: "GET", path: "/courses/" + course})
	same(t, "an empty change", s.do(call{method: "PATCH", path: "/courses/" + course, token: mina, body: `{}`}).json["updated_at"], before.json["updated_at"])
	same(t, "the tag", s.want(200, call{method: "GET", path: "/courses/" + course}).header.Get("ETag"), before.header.Get("ETag"))
}

func TestAWeightThatCannotBeIsInvalid(t *testing.T) {
	s := bootInMemory(t)
	mina := s.login("mina")
	for _, kg := range []string{"1e300", "-1e300", "3.5e38", "0", "19", "401"} {
		a := s.do(call{method: "PATCH", path: "/users/me", token: mina, body: `{"weight_kg":` + kg + `}`})
		same(t, kg, []any{a.status, a.code()}, []any{422, "validation_failed"})
	}
	s.want(200, call{method: "PATCH", path: "/users/me", token: mina, body: `{"weight_kg":61.5}`})
}
