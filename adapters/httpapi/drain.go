package httpapi

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// connections is a listener that knows its open connections. fasthttp waits
// for each of them when it shuts down, also for a phone that connected and fell
// silent in the middle of a request; somebody must be able to hang up.
type connections struct {
	net.Listener

	mu   sync.Mutex
	open map[*connection]struct{}
}

type connection struct {
	net.Conn
	of      *connections
	lingers bool // who is at the other end is still sending
}

func listening(l net.Listener) *connections {
	return &connections{Listener: l, open: map[*connection]struct{}{}}
}

// Accept implements net.Listener.
func (l *connections) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tracked := &connection{Conn: c, of: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[tracked] = struct{}{}
	return tracked, nil
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	if c.lingers {
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
func (s *Server) linger(c *fiber.Ctx) {
	if own, ok := c.Context().Conn().(*connection); ok {
		own.lingers = true
	}
}

func (c *connection) discard() {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		return
	}
	if c.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes) // it is over either way
	}
}

// hangUp closes every connection and returns how many there were.
func (l *connections) hangUp() int {
	l.mu.Lock()
	open := l.open
	l.open = map[*connection]struct{}{}
	l.mu.Unlock()
	for c := range open {
		_ = c.Conn.Close() // whatever it says, it is over
	}
	return len(open)
}

// lateGrace is how long the rest of a request that has begun to arrive may take
// once the server stops.
const lateGrace = 2 * time.Second

// Shutdown takes no new connections and lets requests end that are being
// answered, until ctx is done. Whoever has not sent a whole request after
// lateGrace is hung up on.
func (s *Server) Shutdown(ctx context.Context) error {
	drained := make(chan error, 1)
	go func() { drained <- s.fiber.ShutdownWithContext(context.WithoutCancel(ctx)) }()
	grace := time.NewTimer(lateGrace)
	defer grace.Stop()
	select {
	case err := <-drained:
		return err
	case <-grace.C:
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for s.answering.Load() > 0 && ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	if cut := s.answering.Load(); cut > 0 {
		s.cfg.Log.Warn("requests were cut off: they took too long", "requests", cut)
	}
	s.listener.hangUp()
	select {
	case err := <-drained:
		return err
	case <-time.After(time.Second): // a handler that never ends must not keep the process
		return nil
	}
}
