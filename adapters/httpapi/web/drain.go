package web

import (
	"context"
	"time"
)

// lateGrace is how long the rest of a request that has begun to arrive may take
// once the server stops.
const lateGrace = 2 * time.Second

// Shutdown takes no new connections and lets requests end that are being
// answered, until ctx is done. Whoever has not sent a whole request after
// lateGrace is hung up on.
func (s *Server) Shutdown(ctx context.Context) error {
	drained := make(chan error, 1)
	go func() { drained <- s.server.ShutdownWithContext(context.WithoutCancel(ctx)) }()
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
