package web

import (
	"context"
	"sync"

	"github.com/runvs/runvs/domain/id"
)

// BodyBudget is how many bytes of large bodies are in memory at once, unless
// somebody knows better.
const BodyBudget = 128 << 20

// maxBodiesOfOne is how much of it one user may hold: an upload, and some chunks
// of a run beside it. Otherwise one could keep everybody from sending any.
const maxBodiesOfOne = 32 << 20

var errManyBodies = errLimited.Saying("you are sending too many large bodies at once; send them one after the other").
	With("limit", maxBodiesOfOne).With("retry_after", retryAfterSeconds)

// shares are the bytes of each user's large bodies.
type shares struct {
	mu sync.Mutex
	of map[id.User]int64
}

// add reports whether a user may hold so many bytes more.
func (s *shares) add(uid id.User, bytes int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes > 0 && s.of[uid]+bytes > maxBodiesOfOne {
		return false
	}
	if s.of[uid] += bytes; s.of[uid] == 0 {
		delete(s.of, uid)
	}
	return true
}

// share takes the memory of a large body. It is held until the request is
// answered, also while that waits for a share of the work; nobody who holds one of
// those waits for this one.
func (s *Server) share(ctx context.Context, uid id.User, bytes int64) (free func(), err error) {
	if !s.shares.add(uid, bytes) {
		return nil, errManyBodies.With("value", bytes)
	}
	release, err := s.cfg.Bodies.Take(ctx, bytes)
	if err != nil {
		s.shares.add(uid, -bytes)
		return nil, err
	}
	return func() {
		release()
		s.shares.add(uid, -bytes)
	}, nil
}
