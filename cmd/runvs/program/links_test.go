package program_test

import (
	"strings"
	"testing"
)

// TestAnotherPublicURLChangesAllLinks makes pictures under one public URL, and looks
// at everything that leads to them under another.
func TestAnotherPublicURLChangesAllLinks(t *testing.T) {
	const was, is = "http://old.runvs.test", "https://new.runvs.test/under"
	set := settings(t)
	set.PublicURL = was
	s, p := start(t, set)
	mina, joon := s.login("mina"), s.login("joon")
	s.upload(mina)
	rec := s.run(mina, nil)
	cid := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "Road"}}).id()
	s.thumbnail(mina, cid)
	s.run(mina, object{"course_id": cid})
	uid := s.want(200, call{method: "GET", path: "/users/me", token: mina}).id()
	links := func(s *server) map[string][]byte {
		out := map[string][]byte{}
		for _, path := range []string{
			"/users/me", "/users/" + uid, "/users/me/courses", "/courses", "/courses/" + cid, "/courses/nearby?lat=37.5&lng=127", "/courses/" + cid + "/rankings",
			"/courses/" + cid + "/rankings?sort=recent", "/courses/" + cid + "/rankings/me",
		} {
			out[path] = s.want(200, call{method: "GET", path: path, token: mina}).raw
		}
		out["login"] = s.want(200, call{method: "POST", path: "/auth/login", body: object{"provider": "dev", "token": "mina"}}).raw
		archive := unzip(t, s.want(200, call{method: "GET", path: "/users/me/export", token: mina}).raw)
		out["account.json"], out["course.json"] = []byte(archive["account.json"]), []byte(archive["courses/"+cid+".json"])
		if !strings.HasPrefix(archive["avatar.jpg"], "\xff\xd8\xff") {
			t.Error("the export has no picture")
		}
		return out
	}
	before := links(s)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	set.PublicURL = is
	s = boot(t, set)
	for path, after := range links(s) {
		// But for what each sign-in and export has of its own, only the links differ.
		old, now := strings.Count(string(before[path]), was+"/api/v1/"), strings.Count(string(after), is+"/api/v1/")
		if old == 0 || now != old || strings.Contains(string(after), was) {
			t.Errorf("%s had %d links under the old URL, and has %d under the new one: %s", path, old, now, after)
		}
	}
	me := s.want(200, call{method: "GET", path: "/users/me", token: mina}).json
	picture, _ := me["avatar_url"].(string)
	same(t, "where the link leads", s.want(200, call{method: "GET", path: strings.TrimPrefix(picture, is+"/api/v1"), token: joon}).header.Get("Content-Type"), "image/jpeg")
	same(t, "the thumbnail", s.want(200, call{method: "GET", path: "/courses/" + cid + "/thumbnail.png"}).header.Get("Content-Type"), "image/png")
	// A picture from before can be taken away, too.
	s.want(200, call{method: "PATCH", path: "/users/me", token: mina, body: object{"avatar_url": nil}})
	eventually(t, func() (answer, bool) {
		a := s.do(call{method: "GET", path: strings.TrimPrefix(picture, is+"/api/v1")})
		return a, a.status == 404
	})
}
