package program_test

import (
	"slices"
	"strings"
	"testing"
)

// asked is a page of an origin that calls, or asks whether it may.
func (s *server) asked(method, path, origin string) answer {
	s.t.Helper()
	header := map[string]string{"Origin": origin}
	if method == "OPTIONS" {
		header["Access-Control-Request-Method"] = "POST"
		header["Access-Control-Request-Headers"] = "authorization,content-type,idempotency-key,if-none-match,prefer"
	}
	return s.do(call{method: method, path: path, header: header})
}

func withOrigins(t *testing.T, origins string) *server {
	settings := settings(t)
	settings.DatabaseURL, settings.CORSOrigins, settings.AnonRate = "memory:", origins, 1000
	return boot(t, settings)
}

const tile = "/tiles/courses/0/0/0.mvt"

func TestPagesOfOthersCallOnlyWhereTheyAreAllowed(t *testing.T) {
	for origins, allowed := range map[string]map[string]string{
		"": {"https://runs.example": ""}, "*": {"https://runs.example": "*"},
		"https://runs.example, http://localhost:3000": {
			"https://runs.example": "https://runs.example", "http://localhost:3000": "http://localhost:3000",
			"https://evil.example": "", "http://runs.example": "", "https://runs.example.evil.example": "", "null": "",
		},
	} {
		s := withOrigins(t, origins)
		for origin, want := range allowed {
			for _, path := range []string{"/courses", "/users/me"} { // what is answered and what is refused
				a := s.asked("GET", path, origin)
				same(t, origins+" to "+origin, a.header.Get("Access-Control-Allow-Origin"), want)
				same(t, "cookies", a.header.Get("Access-Control-Allow-Credentials"), "")
				exposed := a.header.Get("Access-Control-Expose-Headers")
				for _, name := range []string{"ETag", "Retry-After", "X-Request-ID", "RateLimit-Remaining"} {
					same(t, origins+" shows "+name, strings.Contains(strings.ToLower(exposed), strings.ToLower(name)), origins != "")
				}
			}
			same(t, "tiles, with "+origins+", to "+origin, s.asked("GET", tile, origin).header.Get("Access-Control-Allow-Origin"), "*")
		}
		varies := strings.Contains(s.do(call{method: "GET", path: "/courses"}).header.Get("Vary"), "Origin")
		same(t, origins+": an answer that depends on the origin says so", varies, strings.Contains(origins, "://"))
		same(t, "a tile for a shared cache", s.do(call{method: "GET", path: tile}).header.Get("Access-Control-Allow-Origin"), "*")
	}
}

func TestABrowserHearsBeforeACallWhatAPageMay(t *testing.T) {
	s := withOrigins(t, "https://runs.example")
	a := s.asked("OPTIONS", "/courses", "https://runs.example")
	same(t, "status", a.status, 204)
	same(t, "origin", a.header.Get("Access-Control-Allow-Origin"), "https://runs.example")
	for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
		same(t, method, strings.Contains(a.header.Get("Access-Control-Allow-Methods"), method), true)
	}
	for _, name := range []string{"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Prefer"} {
		same(t, name, strings.Contains(a.header.Get("Access-Control-Allow-Headers"), name), true)
	}
	same(t, "another page", s.asked("OPTIONS", "/courses", "https://evil.example").header.Get("Access-Control-Allow-Origin"), "")
	same(t, "a path that is none", s.asked("OPTIONS", "/nowhere", "https://runs.example").status, 404)
	for path, allow := range map[string][]string{"/courses": {"GET", "HEAD", "POST"}, "/courses/nearby": {"GET", "HEAD"}, tile: {"GET", "HEAD"}} {
		plain := s.do(call{method: "OPTIONS", path: path, header: map[string]string{"Origin": "https://runs.example"}})
		got := strings.Split(plain.header.Get("Allow"), ", ")
		slices.Sort(got)
		same(t, "what asks for nothing, at "+path, []any{plain.status, plain.code(), got}, []any{405, "method_not_allowed", allow})
	}
	off := withOrigins(t, "")
	same(t, "when none may", off.asked("OPTIONS", "/courses", "https://runs.example").status, 405)
	same(t, "a tile when none may", off.asked("OPTIONS", tile, "https://runs.example").status, 204)
}

// Pages read also what no operation answers.
func TestPagesReadWhyThereIsNoAnswer(t *testing.T) {
	for origins, allowed := range map[string]map[string]string{
		"": {"https://runs.example": ""}, "*": {"https://runs.example": "*"}, "https://runs.example": {"https://runs.example": "https://runs.example"},
		"https://runs.example,http://localhost:3000": {"http://localhost:3000": "http://localhost:3000", "https://evil.example": ""},
	} {
		s := withOrigins(t, origins)
		for origin, want := range allowed {
			for name, c := range map[string]struct {
				call
				status int
			}{
				"nowhere":            {call{method: "GET", path: "/nowhere"}, 404},
				"another method":     {call{method: "PUT", path: "/courses"}, 405},
				"a method of nobody": {call{method: "BREW", path: "/courses"}, 405},
				"a broken query":     {call{method: "GET", path: "/nowhere?a=%00"}, 422},
				"a header of 9 KiB":  {call{method: "GET", path: "/courses", header: map[string]string{"X-Large": strings.Repeat("x", 9<<10)}}, 431},
				"what is refused":    {call{method: "GET", path: "/users/me"}, 401},
			} {
				if c.header == nil {
					c.header = map[string]string{}
				}
				c.header["Origin"] = origin
				a, want := s.do(c.call), want
				if c.status == 431 && strings.Contains(origins, ",") {
					want = "" // nobody knows who asks
				}
				same(t, origins+", "+name, []any{a.status, a.header.Get("Access-Control-Allow-Origin")}, []any{c.status, want})
				same(t, origins+", what is shown of "+name, a.header.Get("Access-Control-Expose-Headers") != "", origins != "")
			}
		}
	}
}
