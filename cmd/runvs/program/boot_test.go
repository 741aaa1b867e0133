package program_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/cmd/runvs/program"
)

// server is the real program, booted for a test.
type server struct {
	t    testing.TB
	base string
	logs *bytes.Buffer
	runs *atomic.Int64 // that runIn has recorded
}

// settings are those of the embedded default in a folder of the test's own.
func settings(t testing.TB) config.Settings {
	dir := t.TempDir()
	return config.Settings{
		Env: "development", HTTPAddr: "127.0.0.1:0", DataDir: dir, DatabaseURL: "sqlite:" + dir + "/runvs.db",
		BlobURL: "file:" + dir + "/blobs", PublicURL: "http://runvs.test", DevLogin: true, Migrate: "auto", Workers: 2, HashCost: 4, MemoryBytes: 1 << 30,
		ReservedNicknames: "admin,runvs,운영자",
	}
}

// eachStore boots the program on every store.
func eachStore(t *testing.T, test func(t *testing.T, s *server)) {
	t.Run("memory", func(t *testing.T) {
		s := settings(t)
		s.DatabaseURL = "memory:"
		test(t, boot(t, s))
	})
	t.Run("SQLite", func(t *testing.T) { test(t, boot(t, settings(t))) })
	t.Run("PostGIS", func(t *testing.T) {
		s := settings(t)
		s.DatabaseURL = migrated.Copy(t)
		test(t, boot(t, s))
	})
}

// migrated is a database that the program itself made ready, from an empty one.
var migrated = pgtest.Template{Make: func(t testing.TB, address string) {
	s := settings(t)
	s.DatabaseURL = address
	p, err := program.Open(t.Context(), s, program.Options{Version: "test"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}}

func TestMain(m *testing.M) { os.Exit(migrated.Run(m)) }

func boot(t testing.TB, s config.Settings) *server {
	t.Helper()
	booted, _ := start(t, s)
	return booted
}

// start is boot for a test that stops the program itself.
func start(t testing.TB, s config.Settings) (*server, *program.Program) {
	t.Helper()
	logs := &bytes.Buffer{}
	log := slog.New(slog.NewTextHandler(&synced{w: logs}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p, err := program.Open(context.Background(), s, program.Options{API: true, Workers: s.Workers, Version: "test"}, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if found := findSecrets(logs.String()); len(found) > 0 {
			t.Errorf("the log holds %d secrets, the first being %s", len(found), found[0])
		}
		if t.Failed() {
			t.Log(logs.String())
		}
	})
	return &server{t: t, base: "http://" + p.Addr(), logs: logs, runs: new(atomic.Int64)}, p
}

// call is a request; body may be a string, bytes, or anything that is JSON.
type call struct {
	method, path string
	body         any
	token        string
	header       map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    []byte
	json   map[string]any
	took   time.Duration // to the last byte; reading the JSON is the test's own time
}

func (a answer) code() string { s, _ := a.json["code"].(string); return s }
func (a answer) id() string   { s, _ := a.json["id"].(string); return s }

func (s *server) do(c call) answer {
	s.t.Helper()
	var body io.Reader
	switch b := c.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(b)
	case []byte:
		body = bytes.NewReader(b)
	case io.Reader:
		body = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	path := c.path
	if !strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "/healthz") && !strings.HasPrefix(path, "/readyz") && !strings.HasPrefix(path, "/openapi") && !strings.HasPrefix(path, "/docs") {
		path = "/api/v1" + path
	}
	req, err := http.NewRequest(c.method, s.base+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		if value == "" {
			req.Header.Del(name)
		} else {
			req.Header.Set(name, value)
		}
	}
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.raw, err = io.ReadAll(resp.Body); err != nil {
		s.t.Fatal(err)
	}
	a.took = time.Since(began)
	_ = json.Unmarshal(a.raw, &a.json) // pictures and lists of other kinds are looked at raw
	if resp.Header.Get("X-Request-ID") == "" {
		s.t.Errorf("%s %s: an answer without X-Request-ID", c.method, c.path)
	}
	s.described(req.Method, req.URL.EscapedPath(), a)
	return a
}

// want makes a call and fails the test on another status.
func (s *server) want(status int, c call) answer {
	s.t.Helper()
	a := s.do(c)
	if a.status != status {
		s.t.Fatalf("%s %s: %d %s, want %d", c.method, c.path, a.status, a.raw, status)
	}
	return a
}

func (s *server) login(name string) string {
	s.t.Helper()
	a := s.want(200, call{method: "POST", path: "/auth/login", body: map[string]string{"provider": "dev", "token": name}})
	token, _ := a.json["access_token"].(string)
	return token
}

// started is when the made-up runs of these tests begin.
var started = time.Date(2026, 5, 1, 6, 30, 0, 0, time.UTC)

func (s *server) session(token string, more map[string]any) string {
	s.t.Helper()
	body := map[string]any{"started_at": started.Format(time.RFC3339)}
	for k, v := range more {
		body[k] = v
	}
	return s.want(201, call{method: "POST", path: "/runs/sessions", token: token, body: body}).id()
}

type object = map[string]any

// point is on a road eastwards, run at 3 m/s; offset moves it north in metres.
func point(second int, offset float64) object {
	return object{
		"lat": 37.5 + offset/110_990, "lng": 127 + float64(second)*3/88_400, "timestamp": started.UnixMilli() + int64(second)*1000,
		"altitude": 20.5, "accuracy": 5,
	}
}

// chunkOf is a chunk of the seconds [from, to).
func chunkOf(sequence int, kind string, from, to int) object {
	return chunkIn(0, sequence, kind, from, to)
}

// chunkIn is a chunk of a runner who keeps to a lane of the road.
func chunkIn(lane float64, sequence int, kind string, from, to int) object {
	points := []object{}
	for s := from; s < to; s++ {
		points = append(points, point(s, lane))
	}
	return object{
		"sequence": sequence, "chunk_type": kind, "raw_gps_points": points,
		"chunk_summary": object{"distance_meters": 3 * (to - from), "duration_seconds": to - from},
		"cumulative":    object{"distance_meters": 3 * to, "duration_seconds": to},
	}
}

func (s *server) send(token, session string, chunk any) answer {
	s.t.Helper()
	return s.do(call{method: "POST", path: "/runs/sessions/" + session + "/chunks", token: token, body: chunk})
}

var completed = object{"finished_at": started.Add(10 * time.Minute).Format(time.RFC3339)}

// run records ten minutes of the road and waits until it is judged and counted.
func (s *server) run(token string, more map[string]any) object {
	s.t.Helper()
	return s.runIn(0, token, more)
}

// runIn is run in a lane of the road: not a copy of who ran in another.
func (s *server) runIn(lane float64, token string, more map[string]any) object {
	s.t.Helper()
	sid := s.session(token, more)
	begun := s.runs.Add(1) - 1 // each begins 11 minutes after the one before, else they would be one run
	for i := 0; i < 5; i++ {
		kind := "intermediate"
		if i == 4 {
			kind = "final"
		}
		chunk := chunkIn(lane, i, kind, i*120, (i+1)*120)
		for _, p := range chunk["raw_gps_points"].([]object) {
			p["timestamp"] = p["timestamp"].(int64) + begun*11*60*1000
		}
		if a := s.send(token, sid, chunk); a.status != 201 {
			s.t.Fatalf("chunk %d: %d %s", i, a.status, a.raw)
		}
	}
	a := s.want(201, call{method: "POST", path: "/runs/sessions/" + sid + "/complete", token: token, body: completed, header: map[string]string{"Prefer": "wait=10"}})
	if a.json["processing"] != "done" {
		s.t.Fatalf("after 10 s: %s", a.raw)
	}
	return a.json
}

// synced lets many goroutines log into one buffer.
type synced struct {
	mu sync.Mutex
	w  io.Writer
}

// Write implements io.Writer.
func (s *synced) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(b)
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
