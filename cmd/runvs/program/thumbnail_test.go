package program_test

import (
	"bytes"
	"testing"
)

// thumbnail waits until a course has its picture.
func (s *server) thumbnail(token, cid string) answer {
	s.t.Helper()
	return eventually(s.t, func() (answer, bool) {
		a := s.do(call{method: "GET", path: "/courses/" + cid + "/thumbnail.png", token: token})
		return a, a.status == 200
	})
}

func TestAPrivateCoursesPictureIsItsCreatorsAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, s *server) {
		mina, joon := s.login("mina"), s.login("joon")
		rec := s.run(mina, nil)
		cid := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": rec["id"], "title": "home", "is_public": false}}).id()
		path := "/courses/" + cid + "/thumbnail.png"
		hidden := func(tag string) {
			t.Helper()
			for _, token := range []string{"", joon} {
				// Who kept the picture, or its tag, learns no more.
				a := s.want(404, call{method: "GET", path: path, token: token, header: map[string]string{"If-None-Match": tag}})
				same(t, "code", a.code(), "course_not_found")
				same(t, "tag", a.header.Get("ETag"), "")
			}
			for _, guess := range []string{"/avatars/" + cid + ".png", "/avatars/" + cid + ".jpg", "/avatars/..%2fthumbnails%2f" + cid + ".png", "//thumbnails/" + cid + ".png"} {
				same(t, guess, s.do(call{method: "GET", path: guess}).status, 404)
			}
		}
		own := s.thumbnail(mina, cid)
		tag := own.header.Get("ETag")
		same(t, "caches", own.header.Get("Cache-Control"), "private, no-cache")
		same(t, "kept already", s.do(call{method: "GET", path: path, token: mina, header: map[string]string{"If-None-Match": tag}}).status, 304)
		hidden("*")

		s.want(200, call{method: "PATCH", path: "/courses/" + cid, token: mina, body: object{"is_public": true}})
		for _, token := range []string{"", joon, mina} {
			public := s.want(200, call{method: "GET", path: path, token: token})
			same(t, "caches", public.header.Get("Cache-Control"), "public, max-age=300")
			same(t, "tag", public.header.Get("ETag"), tag)
		}
		again := s.want(304, call{method: "GET", path: path, header: map[string]string{"If-None-Match": tag}})
		same(t, "caches", again.header.Get("Cache-Control"), "public, max-age=300")

		s.want(200, call{method: "PATCH", path: "/courses/" + cid, token: mina, body: object{"is_public": false}})
		hidden(tag)
		still := s.want(200, call{method: "GET", path: path, token: mina})
		same(t, "caches", still.header.Get("Cache-Control"), "private, no-cache")
		if !bytes.Equal(still.raw, own.raw) {
			t.Error("the picture has changed")
		}
	})
}
