package mapimage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/runvs/runvs/ports"
)

const (
	maxTileBytes = 2 << 20
	// tileTime is how long one tile may take, repeated or not.
	tileTime = 3 * time.Second
	// atOnce is how many tiles the process asks for at a time.
	atOnce = 4
	// restTime is how long a server that failed is left alone. Until then pictures
	// have no map, and no job waits for one.
	restTime = 15 * time.Second
)

// tileID names a tile: z halvings of the world, x from ±180° eastwards, y from
// 85° north southwards.
type tileID struct{ z, x, y int }

// String returns z/x/y.
func (t tileID) String() string { return fmt.Sprintf("%d/%d/%d", t.z, t.x, t.y) }

// in returns the address of the tile.
func (t tileID) in(template string) string {
	return strings.NewReplacer("{z}", strconv.Itoa(t.z), "{x}", strconv.Itoa(t.x), "{y}", strconv.Itoa(t.y)).Replace(template)
}

// CheckURL refuses what is no template of tiles. Its errors do not repeat it.
func CheckURL(template string) error {
	for _, part := range []string{"{z}", "{x}", "{y}"} {
		if !strings.Contains(template, part) {
			return errors.New("needs {z}, {x} and {y}")
		}
	}
	address := tileID{}.in(template)
	if strings.ContainsAny(address, "{}") {
		return errors.New("has a {…} that is none of {z}, {x} and {y}")
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("is no http(s) URL")
	}
	return nil
}

// tileServer asks for tiles within limits.
type tileServer struct {
	template, agent string
	transport       http.RoundTripper
	slots           chan struct{}
	clock           ports.Clock
	tileTime        time.Duration
	patience        time.Duration // that a tile waits for its turn

	mu       sync.Mutex
	failure  error // nil when the last answer was good
	failedAt time.Time
}

func newTileServer(cfg TilesConfig) *tileServer {
	return &tileServer{
		template: cfg.URL, agent: cfg.UserAgent, slots: make(chan struct{}, atOnce), clock: cfg.Clock,
		tileTime: tileTime, patience: pictureTime,
		transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    2 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    atOnce,
			IdleConnTimeout:        30 * time.Second,
		},
	}
}

// fetch returns a tile's file, empty where the server has none. What broke is
// tried once more. No error holds the address, which may hold a key.
func (s *tileServer) fetch(ctx context.Context, tile tileID) ([]byte, error) {
	waiting, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
	case <-waiting.Done():
		return nil, errOverBudget
	}
	defer func() { <-s.slots }()
	if err := s.resting(); err != nil {
		return nil, err
	}
	ctx, cancel = context.WithTimeout(ctx, s.tileTime)
	defer cancel()
	data, again, err := s.attempt(ctx, tile)
	if err != nil && again && ctx.Err() == nil {
		data, _, err = s.attempt(ctx, tile)
	}
	s.note(err)
	return data, err
}

// resting says why the server is left alone, or nil. A clock that was set back
// must not keep it so for hours.
func (s *tileServer) resting() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since := s.clock.Now().Sub(s.failedAt); s.failure == nil || since < 0 || since >= restTime {
		return nil
	}
	return fmt.Errorf("the tile server is left alone for %s: %w", restTime, s.failure)
}

func (s *tileServer) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.failedAt = err, s.clock.Now()
}

// attempt asks once; again says whether asking again may help. It asks the
// transport itself, which follows no redirect and whose errors name no address.
func (s *tileServer) attempt(ctx context.Context, tile tileID) (data []byte, again bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, tile.in(s.template), http.NoBody)
	if err != nil {
		return nil, false, errors.New("the request for a tile cannot be made")
	}
	request.Header.Set("User-Agent", s.agent)
	request.Header.Set("Accept", "image/png, image/jpeg, image/webp")
	if u := request.URL.User; u != nil {
		password, _ := u.Password()
		request.SetBasicAuth(u.Username(), password)
	}
	response, err := s.transport.RoundTrip(request)
	if err != nil {
		return nil, true, fmt.Errorf("the tile server does not answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	switch code := response.StatusCode; code {
	case http.StatusOK:
	case http.StatusNoContent, http.StatusNotFound, http.StatusGone:
		return nil, false, nil
	default:
		return nil, code >= 500, fmt.Errorf("the tile server answers with status %d", code)
	}
	data, err = io.ReadAll(io.LimitReader(response.Body, maxTileBytes+1))
	switch {
	case err != nil:
		return nil, true, fmt.Errorf("a tile breaks off: %w", err)
	case len(data) > maxTileBytes:
		return nil, false, fmt.Errorf("a tile has more than %d bytes", maxTileBytes)
	case len(data) == 0:
		return nil, true, errors.New("a tile is empty")
	}
	return data, false, nil
}
