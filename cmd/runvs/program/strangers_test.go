package program_test

import "testing"

func TestStrangersAreCountedByTheirAddress(t *testing.T) {
	settings := settings(t)
	settings.DatabaseURL, settings.AnonRate, settings.TileRate, settings.TrustedProxies = "memory:", 4, 2, "127.0.0.1"
	s := boot(t, settings)
	mina := s.login("mina")
	ask := func(path, token, from string) answer {
		return s.do(call{method: "GET", path: path, token: token, header: map[string]string{"X-Forwarded-For": from}})
	}
	// Whatever is asked without a good token counts, also where none is needed and
	// where nothing is.
	for i, c := range []struct{ path, token string }{{"/courses", ""}, {"/docs", "x"}, {"/users/me", mina + "x"}, {"/nowhere", ""}, {"/courses", ""}, {"/openapi.json", "x"}, {"/users/me", "x"}} {
		a := ask(c.path, c.token, "198.51.100.1")
		if limited := a.status == 429; limited != (i >= 4) {
			t.Errorf("request %d, %s: %d", i, c.path, a.status)
		}
		same(t, "RateLimit-Limit", a.header.Get("RateLimit-Limit"), 4)
		same(t, "RateLimit-Remaining", a.header.Get("RateLimit-Remaining"), max(0, 3-i))
		if i >= 4 {
			same(t, "code", a.code(), "rate_limited")
			same(t, "Retry-After", a.header.Get("Retry-After"), "15")
		}
	}
	same(t, "another address", ask("/courses", "", "198.51.100.2").status, 200)
	same(t, "a user at that address", ask("/courses", mina, "198.51.100.1").status, 200)
	same(t, "health", ask("/healthz", "", "198.51.100.1").status, 200)
	same(t, "readiness", ask("/readyz", "", "198.51.100.1").status, 200)
	same(t, "signing in", s.do(call{method: "POST", path: "/auth/login", body: object{"provider": "dev", "token": "joon"}, header: map[string]string{"X-Forwarded-For": "198.51.100.1"}}).status, 200)
	// Tiles are counted apart.
	for i := range 3 {
		a := ask("/tiles/courses/0/0/0.mvt", "", "198.51.100.1")
		if limited := a.status == 429; limited != (i == 2) {
			t.Errorf("tile %d: %d", i, a.status)
		}
	}
	same(t, "a user's tile", ask("/tiles/courses/0/0/0.mvt", mina, "198.51.100.1").status, 200)
}
