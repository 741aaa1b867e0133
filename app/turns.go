package app

import (
	"context"
	"sync"
)

// turns has callers who would all do the same long work take turns: the second
// finds what the first has made. It knows this process alone; between processes
// the store's locks decide.
type turns[K comparable] struct {
	mu    sync.Mutex
	queue map[K]*turn
}

type turn struct {
	free    chan struct{} // holds one element while nobody has the turn
	waiting int
}

// take waits for the turn of a key, as long as ctx lives; done gives it on.
func (t *turns[K]) take(ctx context.Context, key K) (done func(), err error) {
	t.mu.Lock()
	if t.queue == nil {
		t.queue = map[K]*turn{}
	}
	mine := t.queue[key]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		t.queue[key] = mine
	}
	mine.waiting++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.waiting--; mine.waiting == 0 {
			delete(t.queue, key)
		}
	}
	select {
	case <-mine.free:
		return func() {
			mine.free <- struct{}{}
			leave()
		}, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
