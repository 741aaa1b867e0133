package program_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

func TestEveryAnswerProtectsItself(t *testing.T) {
	settings := settings(t)
	settings.DatabaseURL, settings.PublicURL = "memory:", "https://runvs.test"
	s := boot(t, settings)
	mina := s.login("mina")
	run := s.run(mina, nil)
	cid := s.want(201, call{method: "POST", path: "/courses", token: mina, body: object{"run_record_id": run["id"], "title": "road"}}).id()
	rid := run["id"].(string)
	for _, c := range []struct {
		call
		cache string
	}{
		{call{method: "POST", path: "/auth/login", body: object{"provider": "dev", "token": "joon"}}, "no-store"},
		{call{method: "POST", path: "/auth/login", body: "x"}, "no-store"},
		{call{method: "GET", path: "/users/me", token: mina}, "no-store"},
		{call{method: "GET", path: "/users/me/export", token: mina}, "no-store"},
		{call{method: "GET", path: "/users/me/runs", token: mina}, "no-store"},
		{call{method: "GET", path: "/runs/sessions", token: mina}, "no-store"},
		{call{method: "GET", path: "/runs/" + rid, token: mina}, "no-store"},
		{call{method: "GET", path: "/runs/" + rid + "/track", token: mina}, "no-store"},
		{call{method: "GET", path: "/runs/" + rid + "/verdict", token: mina}, "no-store"},
		{call{method: "GET", path: "/runs/" + rid}, "no-store"},
		{call{method: "GET", path: "/courses/" + cid, token: mina}, "private, no-cache"},
		{call{method: "GET", path: "/courses/" + cid}, "private, no-cache"},
		{call{method: "GET", path: "/courses"}, "no-store"},
		{call{method: "GET", path: "/tiles/courses/0/0/0.mvt"}, "public, max-age=60"},
		{call{method: "GET", path: "/nowhere"}, "no-store"},
		{call{method: "PUT", path: "/courses"}, "no-store"},
		{call{method: "GET", path: "/healthz"}, "no-store"},
		{call{method: "GET", path: "/docs"}, "no-store"},
		{call{method: "GET", path: "/openapi.json"}, "private, no-cache"},
	} {
		a := s.do(c.call)
		what := c.method + " " + c.path
		same(t, what+": Cache-Control", a.header.Get("Cache-Control"), c.cache)
		same(t, what+": X-Content-Type-Options", a.header.Get("X-Content-Type-Options"), "nosniff")
		same(t, what+": Strict-Transport-Security", a.header.Get("Strict-Transport-Security"), "max-age=31536000")
		if policy := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy is %q", what, policy)
		}
	}
}

func TestNobodyIsSentToHTTPSThatIsNotThere(t *testing.T) {
	s := bootInMemory(t)
	same(t, "Strict-Transport-Security", s.do(call{method: "GET", path: "/healthz"}).header.Get("Strict-Transport-Security"), "")
}

// The page's own style and script run, and nothing else does: browsers compare
// these hashes.
func TestThePageRunsUnderItsPolicy(t *testing.T) {
	s := bootInMemory(t)
	page := s.want(200, call{method: "GET", path: "/docs"})
	policy := page.header.Get("Content-Security-Policy")
	inside := regexp.MustCompile(`(?s)<(style|script)[^>]*>(.*?)</(?:style|script)>`).FindAllStringSubmatch(string(page.raw), -1)
	same(t, "styles and scripts", len(inside), 2)
	for _, m := range inside {
		sum := sha256.Sum256([]byte(m[2]))
		if want := m[1] + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("%q is not in %q", want, policy)
		}
	}
	for _, never := range []string{"unsafe", "*", "https:"} {
		if strings.Contains(policy, never) {
			t.Errorf("%q is in %q", never, policy)
		}
	}
	if regexp.MustCompile(`\s(on\w+|style)=`).Match(page.raw) {
		t.Error("the page has what its policy forbids")
	}
}
