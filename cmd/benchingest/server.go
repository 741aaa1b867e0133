package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
)

// server is the program under test, in a process of its own.
type server struct {
	base   string
	cmd    *exec.Cmd
	dir    string
	client *http.Client
}

func startServer(ctx context.Context, binary, url string) (*server, error) {
	dir, err := os.MkdirTemp("", "runvs-bench")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary, "serve", "--data-dir", dir, "--http-addr", address, "--metrics-addr", "", "--log-level", "warn")
	cmd.Env = append(os.Environ(), "RUNVS_USER_RATE=0", "RUNVS_SIGN_IN_RATE=0")
	if url != "" {
		cmd.Env = append(cmd.Env, "RUNVS_DATABASE_URL="+url)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{base: "http://" + address, cmd: cmd, dir: dir, client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: crowd}, Timeout: 30 * time.Second,
	}}
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, _, err = s.do(request{method: "GET", path: "/readyz"}); err == nil {
			return s, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the server is not ready after 15 s: %w", err)
		}
	}
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := s.cmd.Wait(); err != nil {
		return err
	}
	return os.RemoveAll(s.dir)
}

type request struct {
	method, path string
	body         []byte
	zipped       bool
	token        string
}

func (s *server) do(r request) (int, []byte, error) {
	req, err := http.NewRequest(r.method, s.base+r.path, bytes.NewReader(r.body)) // the client has a time-out
	if err != nil {
		return 0, nil, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.zipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %d %s", r.method, r.path, resp.StatusCode, answer)
	}
	return resp.StatusCode, answer, err
}

// login signs a runner in.
func (s *server) login(name string) (token string, err error) {
	body := fmt.Appendf(nil, `{"provider":"dev","token":%q}`, name)
	_, answer, err := s.do(request{method: "POST", path: "/api/v1/auth/login", body: body})
	if err != nil {
		return "", err
	}
	var login struct {
		AccessToken string `json:"access_token"`
	}
	err = json.Unmarshal(answer, &login)
	return login.AccessToken, err
}

// start is when the made-up runs begin.
var start = time.Date(2026, 5, 1, 6, 30, 0, 0, time.UTC)

// uploads returns, for each client, the next chunk of a session of its own; a
// new session after chunksPerRun, when the old one is given up.
func (s *server) uploads(clients, points int, zipped bool) (func(client int) (request, error), error) {
	const chunksPerRun = 60
	bodies := make([][]byte, chunksPerRun)
	for i := range bodies {
		bodies[i] = chunk(i, points)
		if zipped {
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			if _, err := w.Write(bodies[i]); err != nil {
				return nil, err
			}
			if err := w.Close(); err != nil {
				return nil, err
			}
			bodies[i] = z.Bytes()
		}
	}
	tokens, sessions, next := make([]string, clients), make([]string, clients), make([]int, clients)
	for c := range tokens { // each a runner, for nobody has so many active sessions
		var err error
		if tokens[c], err = s.login(fmt.Sprint("bench ", points, zipped, clients, c)); err != nil {
			return nil, err
		}
	}
	return func(c int) (request, error) {
		const path = "/api/v1/runs/sessions"
		if next[c]%chunksPerRun == 0 {
			if sessions[c] != "" {
				if _, _, err := s.do(request{method: "POST", path: path + "/" + sessions[c] + "/abandon", token: tokens[c]}); err != nil {
					return request{}, err
				}
			}
			_, answer, err := s.do(request{method: "POST", path: path, body: []byte(`{"started_at":"2026-05-01T06:30:00Z"}`), token: tokens[c]})
			if err != nil {
				return request{}, err
			}
			var session struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(answer, &session); err != nil {
				return request{}, err
			}
			sessions[c] = session.ID
		}
		i := next[c] % chunksPerRun
		next[c]++
		return request{method: "POST", path: path + "/" + sessions[c] + "/chunks", body: bodies[i], zipped: zipped, token: tokens[c]}, nil
	}, nil
}

// fixes are what a phone records in as many seconds.
func fixes(sequence, n int) []run.Fix {
	out := make([]run.Fix, n)
	for i := range out {
		s := sequence*n + i
		out[i] = run.Fix{
			Point:     geo.MustPoint(37.5+float64(s%97)*1.3e-6, 127+float64(s)*3.1e-5).Round(7),
			Timestamp: start.UnixMilli() + int64(s)*1000, Altitude: 20 + float64(s%13)/10, Accuracy: 4 + float64(s%7)/2,
			Speed: 2.7 + float64(s%11)/20, Heading: 90, HeartRate: float64(140 + s%20), Cadence: float64(168 + s%6),
		}
	}
	return out
}

func chunk(sequence, points int) []byte {
	claim := fmt.Sprintf(`{"distance_meters":%d,"duration_seconds":%d}`, points*3, points)
	b := fmt.Appendf(nil, `{"sequence":%d,"chunk_type":"intermediate","chunk_summary":%s,"cumulative":%s,"raw_gps_points":`, sequence, claim, claim)
	return append(run.AppendFixes(b, fixes(sequence, points)), '}')
}

// result is what a load showed.
type result struct {
	perSecond, p50, p99, cpu, rssMiB float64
}

// load sends requests from all clients at once for a while.
func (s *server) load(clients int, length time.Duration, next func(client int) (request, error)) (result, error) {
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	took := make([][]float64, clients)
	before, err := s.cpuSeconds()
	if err != nil {
		return result{}, err
	}
	began := time.Now()
	for c := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for time.Since(began) < length && failed.Load() == nil {
				r, err := next(c)
				if err == nil {
					at := time.Now()
					_, _, err = s.do(r)
					took[c] = append(took[c], time.Since(at).Seconds())
				}
				if err != nil {
					failed.Store(&err)
				}
			}
		}()
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return result{}, *err
	}
	elapsed := time.Since(began).Seconds()
	after, err := s.cpuSeconds()
	if err != nil {
		return result{}, err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	n := len(all)
	rss, err := s.rssMiB()
	return result{
		perSecond: float64(n) / elapsed, p50: all[n/2], p99: all[n*99/100], cpu: (after - before) / float64(n), rssMiB: rss,
	}, err
}

// cpuSeconds is what the server has used so far: fields 14 and 15 of
// /proc/PID/stat, in hundredths of a second (man 5 proc).
func (s *server) cpuSeconds() (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	user, err := strconv.ParseFloat(fields[11], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100, err
}

func (s *server) rssMiB() (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	pages, err := strconv.ParseFloat(strings.Fields(string(raw))[1], 64)
	return pages * float64(os.Getpagesize()) / (1 << 20), err
}
