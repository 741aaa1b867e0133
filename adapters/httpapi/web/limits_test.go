package web

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestABucketRefillsEvenly(t *testing.T) {
	l, now := newLimiter(60), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for i := range 60 {
		if left, _, ok := l.take("mina", now); !ok || left != 59-i {
			t.Fatalf("request %d: %d left, %v", i, left, ok)
		}
	}
	if left, reset, ok := l.take("mina", now); ok || left != 0 || reset != time.Second {
		t.Errorf("one too many: %d left, %s, %v", left, reset, ok)
	}
	if _, _, ok := l.take("joon", now); !ok {
		t.Error("another pays for it")
	}
	now = now.Add(time.Second)
	if _, _, ok := l.take("mina", now); !ok {
		t.Error("a second later there is no token")
	}
	if _, _, ok := l.take("mina", now); ok {
		t.Error("a second later there are two")
	}
}

func TestACrowdMakesALimiterForgetTheQuietOnly(t *testing.T) {
	l, now := newLimiter(60), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for range 60 {
		l.take("quiet", now)
		l.take("busy", now)
	}
	for i := range 4 * bucketsKept {
		l.take(fmt.Sprint(i), now)
		if i%1000 == 0 {
			if _, _, ok := l.take("busy", now); ok {
				t.Fatalf("who asks too much was forgotten after %d others", i)
			}
		}
		if n := len(l.recent) + len(l.older); n > bucketsKept {
			t.Fatalf("%d are remembered", n)
		}
	}
	if _, _, ok := l.take("quiet", now); !ok {
		t.Error("who was quiet is still remembered")
	}
}

func TestWhoseAddressCounts(t *testing.T) {
	proxies, err := ParseProxies("10.0.0.0/8, 2001:db8::1")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{cfg: Config{Limits: Limits{TrustedProxies: proxies}}}
	app := fiber.New()
	for name, c := range map[string]struct{ peer, forwarded, want string }{
		"nobody in between":            {"203.0.113.7", "", "203.0.113.7"},
		"a stranger's header":          {"203.0.113.7", "198.51.100.1", "203.0.113.7"},
		"behind a proxy":               {"10.1.2.3", "198.51.100.1", "198.51.100.1"},
		"a client that adds its own":   {"10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1"},
		"behind two proxies":           {"10.1.2.3", "1.1.1.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"},
		"a proxy that says nothing":    {"10.1.2.3", "", "10.1.2.3"},
		"a proxy that talks nonsense":  {"10.1.2.3", "198.51.100.1, unknown", "10.1.2.3"},
		"proxies all the way":          {"10.1.2.3", "10.4.4.4", "10.4.4.4"},
		"IPv6 counts by its network":   {"2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"},
		"an IPv6 proxy":                {"2001:db8::1", "198.51.100.1", "198.51.100.1"},
		"IPv4 in an IPv6 socket":       {"::ffff:203.0.113.7", "", "203.0.113.7"},
		"a trusted one in other dress": {"::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"},
	} {
		var raw fasthttp.RequestCtx
		raw.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(c.peer)}, nil)
		ctx := app.AcquireCtx(&raw)
		if c.forwarded != "" {
			ctx.Request().Header.Set(fiber.HeaderXForwardedFor, c.forwarded)
		}
		if got := s.address(ctx); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		app.ReleaseCtx(ctx)
	}
	for _, bad := range []string{"10.0.0.0/33", "proxy.local", "10.0.0.0/8,x"} {
		if _, err := ParseProxies(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
