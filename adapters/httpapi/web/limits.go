package web

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"github.com/runvs/runvs/domain/fault"
)

// Limits say how many requests a minute are answered. Zero means no limit.
type Limits struct {
	// SignIns bounds sign-ins and refreshes of one address.
	SignIns int
	// Users bounds the requests of one user.
	Users int
	// Strangers bounds the requests without a good token of one address.
	Strangers int
	// Tiles bounds map tiles apart: a map asks for many at once.
	Tiles int
	// TrustedProxies are those whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// ParseProxies reads addresses and prefixes, separated by commas.
func ParseProxies(s string) (out []netip.Prefix, err error) {
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			address, aerr := netip.ParseAddr(part)
			if aerr != nil {
				return nil, fmt.Errorf("%q is neither an address nor a prefix such as 10.0.0.0/8", part)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

// bucketsKept bounds what a limiter remembers, which takes up to 10 MiB. Who is
// forgotten starts afresh.
const bucketsKept = 50_000

// limiter gives each key a bucket of tokens that refills evenly within a minute.
type limiter struct {
	perMinute int

	mu            sync.Mutex
	recent, older map[string]*rate.Limiter
}

func newLimiter(perMinute int) *limiter {
	return &limiter{perMinute: perMinute, recent: map[string]*rate.Limiter{}}
}

// take takes a token. It returns how many whole ones are left and how long it
// takes until the bucket is full or, when there was none, until there is one.
func (l *limiter) take(key string, now time.Time) (left int, reset time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(key)
	ok = b.AllowN(now, 1)
	tokens := b.TokensAt(now)
	need := float64(l.perMinute) - tokens
	if !ok {
		need = 1 - tokens
	}
	return int(math.Max(0, tokens)), time.Duration(need / float64(b.Limit()) * float64(time.Second)), ok
}

// bucket returns a key's bucket. Those that nobody used while half of bucketsKept
// others were used are forgotten: a crowd of strangers makes us forget who was
// quiet, and not who is asking too much.
func (l *limiter) bucket(key string) *rate.Limiter {
	if b := l.recent[key]; b != nil {
		return b
	}
	b := l.older[key]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
	}
	if len(l.recent) >= bucketsKept/2 {
		l.older, l.recent = l.recent, map[string]*rate.Limiter{}
	}
	l.recent[key] = b
	return b
}

// The headers that say how many requests are left.
const (
	rateLimit     = "RateLimit-Limit"
	rateRemaining = "RateLimit-Remaining"
	rateReset     = "RateLimit-Reset"
)

var errLimited = fault.New(fault.RateLimited, "rate_limited", "too many requests; try again after the time in Retry-After")

// limit takes a token of a key, and says in headers how many there are.
func (s *Server) limit(c *fiber.Ctx, l *limiter, key string) error {
	if l.perMinute == 0 {
		return nil
	}
	left, reset, ok := l.take(key, s.cfg.Clock.Now())
	wait := strconv.Itoa(int(math.Ceil(reset.Seconds())))
	c.Set(rateLimit, strconv.Itoa(l.perMinute))
	c.Set(rateRemaining, strconv.Itoa(left))
	c.Set(rateReset, wait)
	if !ok {
		c.Set(fiber.HeaderRetryAfter, wait)
		return errLimited
	}
	return nil
}

// address returns who sent a request: the peer or, behind proxies that are
// trusted, the last address in X-Forwarded-For that is none of them. What stands
// before it is whatever the client wrote.
func (s *Server) address(c *fiber.Ctx) string {
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return ""
	}
	client := peer.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(client); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop.Unmap()
	}
	return person(client)
}

// person is what we take one person's addresses to be: of IPv6 they have a /64.
func person(a netip.Addr) string {
	if a.Is6() {
		if prefix, err := a.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return a.String()
}

func (s *Server) trusts(a netip.Addr) bool {
	for _, p := range s.cfg.Limits.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
