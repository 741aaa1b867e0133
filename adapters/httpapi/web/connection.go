package web

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// Bounds of connections. A silent one costs 13 KiB, most of it the buffer for its
// header, and 25 KiB once it was answered.
const (
	maxConnections = 8192 // 200 MiB of silent ones
	// A carrier puts thousands of phones behind one address, few of which talk at
	// once. Behind a trusted proxy everybody has its address: there it does not hold.
	maxConnectionsOfOne = 2048
	// acceptPause is how long nobody is let in once the system has no room for
	// another connection.
	acceptPause = 50 * time.Millisecond
)

// Pace is how slow the other end of a connection may be: in every stretch of
// Within so many Bytes must pass, and a whole message takes no longer than Longest.
// A phone on a poor line keeps to it; who only holds a place does not.
type Pace struct {
	Bytes   int
	Within  time.Duration
	Longest time.Duration
}

var (
	// readingPace is 1 KiB/s. 26 MiB in 25 minutes are 18 KiB/s, a very poor line.
	readingPace = Pace{Bytes: 10 << 10, Within: 10 * time.Second, Longest: 25 * time.Minute}
	// writingPace is 1 KiB/s, too. Its stretch is longer: the system takes up to
	// some MiB at once, and says that it has room again when a third of them has
	// left.
	writingPace = Pace{Bytes: 64 << 10, Within: time.Minute, Longest: LongestAnswer}
)

// LongestAnswer is how long an answer may be on its way: an archive of all runs,
// which is made while it is sent.
const LongestAnswer = 15 * time.Minute

// connections is a listener that knows its open connections. fasthttp waits
// for each of them when it shuts down, also for a phone that connected and fell
// silent in the middle of a request; somebody must be able to hang up.
type connections struct {
	net.Listener
	reading, writing Pace
	room, roomOfOne  int
	exempt           func(netip.Addr) bool // addresses that stand for many
	full, fullOfOne  []byte                // what those hear for whom there is no room

	mu   sync.Mutex
	open map[*connection]struct{}
	of   map[string]int // open connections of an address
}

// connection is one of them. Its goroutine alone reads and writes; Close may
// come from elsewhere.
type connection struct {
	net.Conn
	all  *connections
	from string // "" is not counted

	arrived   int         // bytes since the deadline was set
	arriveBy  time.Time   // the end of the message that is being read
	leaveBy   time.Time   // the end of the message that is being written
	leaves    time.Time   // when the deadline for writing was set
	midway    bool        // a body is being read: the end of the connection is not its end
	impatient bool        // only what is here already is read
	lingers   atomic.Bool // who is at the other end is still sending
}

// connections makes the listener of a server.
func (s *Server) connections() *connections {
	return &connections{
		reading: cmp.Or(s.cfg.Reading, readingPace), writing: cmp.Or(s.cfg.Writing, writingPace),
		room: maxConnections, roomOfOne: maxConnectionsOfOne, exempt: s.trusts,
		full: refusal(errNoRoom.With("limit", maxConnections)), fullOfOne: refusal(errManyConnections.With("limit", maxConnectionsOfOne)),
		open: map[*connection]struct{}{}, of: map[string]int{},
	}
}

var (
	errNoRoom          = ports.ErrServerBusy.Saying("the server has as many connections as it has room for; try again after the time in Retry-After")
	errManyConnections = fault.New(fault.RateLimited, "too_many_connections", "your address has too many open connections; use some of them again").With("retry_after", retryAfterSeconds)
)

// refusal is an answer before anything was asked.
func refusal(why error) []byte {
	p := problemOf(why, "")
	body, _ := p.MarshalJSON() // of plain values
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", p.Status, p.Title)
	header := p.GetHeaders()
	header.Set(fiber.HeaderContentType, problemType)
	header.Set(fiber.HeaderContentLength, strconv.Itoa(len(body)))
	header.Set(fiber.HeaderConnection, "close")
	_ = header.Write(&b)
	fmt.Fprintf(&b, "\r\n%s", body)
	return b.Bytes()
}

// errNotHere is what an impatient connection says when it would have to wait.
var errNotHere = errors.New("nothing more has arrived yet")

// Accept implements net.Listener. What only this connection or this moment has
// no room for does not end the server.
func (l *connections) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM) {
			time.Sleep(acceptPause) // until somebody leaves
			continue
		}
		if err != nil {
			return nil, err
		}
		tracked := &connection{Conn: c, all: l, from: l.addressOf(c)}
		if why := l.enter(tracked); why != nil {
			_ = c.SetWriteDeadline(time.Now().Add(acceptPause))
			_, _ = c.Write(why) // nothing was sent before: the system takes it at once
			_ = c.Close()
			continue
		}
		return tracked, nil
	}
}

// enter counts a connection, or returns why there is no room for it.
func (l *connections) enter(c *connection) (why []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.open) >= l.room:
		return l.full
	case c.from != "" && l.of[c.from] >= l.roomOfOne:
		return l.fullOfOne
	}
	l.open[c] = struct{}{}
	if c.from != "" {
		l.of[c.from]++
	}
	return nil
}

func (l *connections) leave(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.open[c]; !open {
		return
	}
	delete(l.open, c)
	if c.from == "" {
		return
	}
	if l.of[c.from]--; l.of[c.from] == 0 {
		delete(l.of, c.from)
	}
}

func (l *connections) addressOf(c net.Conn) string {
	peer, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	address := peer.AddrPort().Addr().Unmap()
	if l.exempt(address) {
		return ""
	}
	return person(address)
}

// SetReadDeadline implements net.Conn: whoever calls it waits for a message, and
// answers it afterwards.
func (c *connection) SetReadDeadline(t time.Time) error {
	c.arrived, c.arriveBy, c.leaves = 0, time.Now().Add(c.all.reading.Longest), time.Time{}
	return c.Conn.SetReadDeadline(t)
}

// expectBody begins the reading of a body. fasthttp takes the end of a connection
// for the end of a body; within one it is an error.
func (c *connection) expectBody() error {
	c.midway = true
	return c.SetReadDeadline(time.Now().Add(c.all.reading.Within))
}

// Read implements net.Conn. As long as enough arrives the deadline moves on.
func (c *connection) Read(b []byte) (int, error) {
	if c.impatient {
		return 0, errNotHere
	}
	n, err := c.Conn.Read(b)
	if c.arrived += n; c.arrived >= c.all.reading.Bytes {
		c.arrived = 0
		if err := c.Conn.SetReadDeadline(sooner(time.Now().Add(c.all.reading.Within), c.arriveBy)); err != nil {
			return n, err
		}
	}
	if c.midway && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// tooSlow is the answer to whoever kept to no pace, with the one that is broken. A
// request that came over no connection of ours, as in tests, broke none.
func (c *connection) tooSlow() *Problem {
	if c == nil {
		return refused(http.StatusRequestTimeout, nil)
	}
	pace := c.all.reading
	if !time.Now().Before(c.arriveBy) {
		return refused(http.StatusRequestTimeout, map[string]any{"limit": pace.Longest.Seconds(), "unit": "seconds"})
	}
	return refused(http.StatusRequestTimeout, map[string]any{
		"value": c.arrived, "limit": pace.Bytes, "unit": fmt.Sprintf("bytes at least within %v", pace.Within),
	})
}

// Write implements net.Conn, piece by piece, each in a time of its own.
func (c *connection) Write(b []byte) (sent int, err error) {
	for {
		if err := c.moveOn(); err != nil {
			return sent, err
		}
		n, err := c.Conn.Write(b[:min(len(b), c.all.writing.Bytes)])
		sent, b = sent+n, b[n:]
		if err != nil || len(b) == 0 {
			return sent, err
		}
	}
}

// moveOn gives the next piece its time; what follows at once has the same.
func (c *connection) moveOn() error {
	now, within := time.Now(), c.all.writing.Within
	switch {
	case c.leaves.IsZero(): // an answer begins
		c.leaveBy = now.Add(c.all.writing.Longest)
	case now.Sub(c.leaves) < within/10:
		return nil
	}
	c.leaves = now
	return c.Conn.SetWriteDeadline(sooner(now.Add(within), c.leaveBy))
}

func sooner(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.all.leave(c)
	if c.lingers.Swap(false) {
		c.discard()
	}
	return c.Conn.Close()
}

// Closing a connection while its client still sends throws our answer away with
// the rest: the client would see a reset, and no reason for it. So what comes is
// read for a while, and forgotten.
const (
	lingerTime  = 2 * time.Second
	lingerBytes = 64 << 20
)

// linger has the connection of a request take what is still under way when it is
// closed.
func linger(conn net.Conn) {
	if own, ok := conn.(*connection); ok {
		own.lingers.Store(true)
	}
}

func (c *connection) discard() {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	if c.Conn.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes) // it is over either way
	}
}

// hangUp closes every connection and returns how many there were.
func (l *connections) hangUp() int {
	l.mu.Lock()
	open := l.open
	l.open, l.of = map[*connection]struct{}{}, map[string]int{}
	l.mu.Unlock()
	for c := range open {
		_ = c.Conn.Close() // whatever it says, it is over
	}
	return len(open)
}

// connectionOf returns ours; nil in tests without a listener.
func connectionOf(c *fiber.Ctx) *connection {
	own, _ := c.Context().Conn().(*connection)
	return own
}
