// Package budget shares out the memory that heavy work may take at once. It
// cannot hold anybody to what they said: what a piece of work takes is measured
// in tests, beside the price that it names.
package budget

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/runvs/runvs/ports"
)

// Patience is how long a request waits for its share. A person at a phone waits
// a little; a phone that is told to come back later keeps its run meanwhile.
const Patience = 2 * time.Second

var errBusy = ports.ErrServerBusy.Saying(
	"the server works on as much as its memory allows; try again after the time in Retry-After").
	With("retry_after", int(Patience/time.Second))

// largeShare is from what size on a share is collected before the next has it. Go
// may leave a large picture lying about while the next is decoded: two shares then
// take the memory of four. Collecting takes some 20 ms, and work of this size seconds.
const largeShare = 64 << 20

// Budget implements ports.Budget.
type Budget struct {
	bytes    int64
	shares   *semaphore.Weighted
	places   *semaphore.Weighted
	patience time.Duration
	collect  func() // takes up what a large share left behind
}

// anyPlaces is as good as no limit.
const anyPlaces = 1 << 30

// New makes a budget of so many bytes, at least 1.
func New(bytes int64) *Budget { return WithPlaces(bytes, anyPlaces) }

// WithPlaces makes a budget of which so many may have a share at once, at least 1.
// Where there is much memory, the processors are what is scarce: twenty pictures
// decoded at once keep everybody else waiting.
func WithPlaces(bytes, places int64) *Budget {
	bytes, places = max(bytes, 1), max(places, 1)
	return &Budget{bytes: bytes, shares: semaphore.NewWeighted(bytes), places: semaphore.NewWeighted(places), patience: Patience, collect: runtime.GC}
}

// Bytes returns how large the budget is.
func (b *Budget) Bytes() int64 { return b.bytes }

// Take implements ports.Budget.
func (b *Budget) Take(ctx context.Context, bytes int64) (release func(), err error) {
	bytes = min(max(bytes, 1), b.bytes)
	waiting, cancel := ctx, context.CancelFunc(func() {})
	if !ports.IsJob(ctx) {
		waiting, cancel = context.WithTimeout(ctx, b.patience)
	}
	defer cancel()
	if err := b.places.Acquire(waiting, 1); err != nil {
		return nil, busy(err)
	}
	if err := b.shares.Acquire(waiting, bytes); err != nil {
		b.places.Release(1)
		return nil, busy(err)
	}
	return sync.OnceFunc(func() {
		if bytes >= largeShare {
			b.collect()
		}
		b.shares.Release(bytes)
		b.places.Release(1)
	}), nil
}

// busy is what a caller hears whose time was over, also by a deadline of its own: a
// job that found no room has not failed.
func busy(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errBusy
	}
	return err
}
