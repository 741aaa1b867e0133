package web

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// script is a connection that reads and writes what it is told, and keeps the
// deadlines.
type script struct {
	net.Conn
	reads   []int
	writes  []int
	read    []time.Time // deadlines
	written []time.Time
}

func (s *script) Read(b []byte) (int, error) {
	if len(s.reads) == 0 {
		return 0, io.EOF
	}
	n := min(s.reads[0], len(b))
	s.reads = s.reads[1:]
	return n, nil
}

func (s *script) Write(b []byte) (int, error) {
	s.writes = append(s.writes, len(b))
	return len(b), nil
}

func (s *script) SetReadDeadline(t time.Time) error  { s.read = append(s.read, t); return nil }
func (s *script) SetWriteDeadline(t time.Time) error { s.written = append(s.written, t); return nil }

func scripted(s *script, p Pace) *connection {
	return &connection{Conn: s, all: &connections{reading: p, writing: p}}
}

func TestADeadlineMovesOnWithWhatArrives(t *testing.T) {
	s := &script{reads: []int{4, 4, 4, 4, 4, 4}}
	c := scripted(s, Pace{Bytes: 10, Within: time.Minute, Longest: time.Hour})
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	for i, want := range []int{1, 1, 2, 2, 2, 3} { // deadlines after each read of 4 bytes
		if _, err := c.Read(buf); err != nil {
			t.Fatal(err)
		}
		if len(s.read) != want {
			t.Fatalf("after %d bytes: %d deadlines, want %d", 4*i+4, len(s.read), want)
		}
	}
	s.reads, s.read = []int{20}, nil
	c.arriveBy = time.Now().Add(time.Second)
	if _, err := c.Read(buf); err != nil || len(s.read) != 1 || !s.read[0].Equal(c.arriveBy) {
		t.Errorf("near the end of its time: %v, %v", s.read, err)
	}
	if _, err := c.Read(buf); !errors.Is(err, io.EOF) {
		t.Errorf("the end of a connection: %v", err)
	}
	if err := c.expectBody(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(buf); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the end of a connection within a body: %v", err)
	}
}

func TestAnAnswerIsWrittenInPiecesEachInItsTime(t *testing.T) {
	s := &script{}
	c := scripted(s, Pace{Bytes: 10, Within: time.Minute, Longest: time.Hour})
	if n, err := c.Write(make([]byte, 25)); n != 25 || err != nil || len(s.writes) != 3 {
		t.Errorf("%d bytes in %v, %v", n, s.writes, err)
	}
	if len(s.written) != 1 {
		t.Errorf("%d deadlines for what was written at once", len(s.written))
	}
	c.leaves = c.leaves.Add(-time.Minute) // this is how long the first took
	if _, err := c.Write(make([]byte, 10)); err != nil || len(s.written) != 2 {
		t.Errorf("%d deadlines, %v", len(s.written), err)
	}
	c.leaves, c.leaveBy = c.leaves.Add(-time.Minute), time.Now().Add(time.Second)
	if _, err := c.Write(make([]byte, 10)); err != nil || !s.written[2].Equal(c.leaveBy) {
		t.Errorf("near the end of its time: %v, %v", s.written, err)
	}
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

// bigPage is more than a connection of net.Pipe takes at once.
var bigPage = strings.Repeat("all work and no play ", 1000)

// serving starts a server of three operations on a listener.
func serving(t *testing.T, cfg Config, l net.Listener, change func(*connections)) {
	t.Helper()
	cfg.Log, cfg.Clock = slog.New(slog.DiscardHandler), wallClock{}
	s := New(cfg, huma.DefaultConfig("test", "1"))
	for path, answer := range map[string]string{"/health": "ok", "/page": bigPage} {
		s.Handle(Operation{ID: path, Method: http.MethodGet, Path: path, Access: Anybody, Body: NoBody, Cache: NotKept, Counts: Uncounted},
			func(c *fiber.Ctx) error { return c.SendString(answer) })
	}
	s.Handle(Operation{ID: "post", Method: http.MethodPost, Path: "/post", Access: Anybody, Body: JSONBody, Cache: NotKept, Counts: BySignIn},
		func(c *fiber.Ctx) error { return c.SendStatus(http.StatusNoContent) })
	if change != nil {
		change(s.listener)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(l.Close(), <-done); err != nil {
			t.Error(err)
		}
		s.listener.hangUp()
	})
}

func onTCP(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ask(t *testing.T, address net.Addr, beginning string) (int, string) {
	t.Helper()
	c, err := net.Dial(address.Network(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, beginning) // it may be refused by now
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestWhoIsTooSlowIsCutOff(t *testing.T) {
	l := onTCP(t)
	serving(t, Config{Reading: Pace{Bytes: 1000, Within: 50 * time.Millisecond, Longest: 100 * time.Millisecond}}, l, nil)
	const login = "POST /post HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, beginning := range map[string]string{
		"nothing":         "",
		"half a header":   "GET /health HTTP/1.1\r\nHost",
		"one byte":        login + "Content-Length: 50000\r\n\r\n{",
		"only the header": login + "Content-Length: 50000\r\n\r\n",
		"a chunk":         login + "Transfer-Encoding: chunked\r\n\r\n5\r\n     \r\n",
		"half of it":      login + "Content-Length: 50000\r\n\r\n" + strings.Repeat(" ", 25000),
	} {
		if status, body := ask(t, l.Addr(), beginning); status != 408 || !strings.Contains(body, "request_timeout") || !strings.Contains(body, `"limit":`) || !strings.Contains(body, `"unit":`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// watched tells when a connection is closed.
type watched struct {
	net.Conn
	closed chan struct{}
}

func (w watched) Close() error { close(w.closed); return w.Conn.Close() }

// one is a listener with connections of our making.
type one struct {
	net.Listener
	next chan net.Conn
	errs chan error
}

func (o one) Accept() (net.Conn, error) {
	select {
	case err := <-o.errs:
		return nil, err
	default:
	}
	if c, ok := <-o.next; ok {
		return c, nil
	}
	return nil, io.EOF
}

func (o one) Close() error { close(o.next); return nil }

func TestWhoDoesNotReadIsCutOff(t *testing.T) {
	l := one{next: make(chan net.Conn)}
	serving(t, Config{Writing: Pace{Bytes: 1000, Within: 50 * time.Millisecond, Longest: time.Minute}}, l, nil)
	ours, theirs := net.Pipe() // holds nothing by itself
	closed := make(chan struct{})
	l.next <- watched{theirs, closed}
	if _, err := io.WriteString(ours, "GET /page HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(ours, make([]byte, 3000)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("who does not read is waited for")
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	l := onTCP(t)
	serving(t, Config{}, l, func(c *connections) { c.room, c.roomOfOne = 3, 2 })
	const health = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
	for i, want := range []int{200, 200, 429} {
		status, body := ask(t, l.Addr(), health)
		if status != want || (want == 429) != strings.Contains(body, `"code":"too_many_connections"`) {
			t.Errorf("connection %d: %d %s", i, status, body)
		}
	}
	proxied := onTCP(t)
	serving(t, Config{Limits: Limits{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}, proxied, func(c *connections) { c.room, c.roomOfOne = 3, 2 })
	for i, want := range []int{200, 200, 200, 503} {
		status, body := ask(t, proxied.Addr(), health)
		if status != want || (want == 503) != strings.Contains(body, `"code":"server_busy"`) {
			t.Errorf("connection %d behind a proxy: %d %s", i, status, body)
		}
	}
}

func TestWhoLeavesMakesRoom(t *testing.T) {
	l := &connections{room: 2, roomOfOne: 1, open: map[*connection]struct{}{}, of: map[string]int{}}
	a, b := &connection{Conn: &script{}, all: l, from: "a"}, &connection{all: l, from: "a"}
	if l.enter(a) != nil {
		t.Fatal("the first has no room")
	}
	l.fullOfOne = []byte("no")
	if l.enter(b) == nil {
		t.Error("the second of an address has room")
	}
	l.leave(a)
	l.leave(a) // twice is once
	if l.enter(b) != nil {
		t.Error("the first left, and the second has no room")
	}
	if len(l.of) != 1 || l.of["a"] != 1 {
		t.Errorf("counted: %v", l.of)
	}
}

// A system without room for another connection is no reason to end.
func TestTheServerOutlivesWantOfFiles(t *testing.T) {
	l := one{next: make(chan net.Conn, 1), errs: make(chan error, 2)}
	l.errs <- &net.OpError{Op: "accept", Err: syscall.EMFILE}
	l.errs <- &net.OpError{Op: "accept", Err: syscall.ENFILE}
	serving(t, Config{}, l, nil)
	ours, theirs := net.Pipe()
	if err := ours.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	l.next <- theirs
	if _, err := io.WriteString(ours, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(ours), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
}
