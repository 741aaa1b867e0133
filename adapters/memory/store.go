// Package memory keeps everything in the process's memory: for trials, and for
// tests that need no database. It keeps the contract of ports.Store to the
// letter, and what it holds is gone when the process ends.
//
// Transactions run one after another: whoever writes waits until the one before
// has ended. Their changes are kept apart and become everybody's at once, at the
// commit; until then those who only read see what was. Nothing that is handed in
// or out is shared with a caller.
package memory

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

var (
	errClosed = ports.ErrStoreUnavailable.Saying("the store is closed")
	errEnded  = errors.New("memory: the transaction has ended")
)

// Store implements ports.Store.
type Store struct {
	repo
	writing chan struct{} // holds one token: who has it may write
	queue   *queue
	tiles   ports.TileEncoder

	mu     sync.RWMutex // guards all, and closed; held to write only for a commit
	all    *tables
	closed bool
}

var _ ports.Store = (*Store)(nil)

// Options are what a store needs.
type Options struct {
	Tiles ports.TileEncoder // of map tiles; nil when nobody asks for one
}

// New makes an empty store.
func New(o Options) *Store {
	s := &Store{tiles: o.Tiles, all: newTables(), writing: make(chan struct{}, 1), queue: newQueue()}
	s.repo.store = s
	s.writing <- struct{}{}
	return s
}

// Waiting returns the jobs that were committed and not taken by a worker yet.
func (s *Store) Waiting() []ports.Job { return s.queue.waiting() }

// Ping implements ports.Store.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, func(*snapshot) error { return nil })
}

// Scrub implements ports.Store: there are no files.
func (s *Store) Scrub(ctx context.Context) error { return ctx.Err() }

// Close implements ports.Store. What was stored is gone.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.all = newTables()
	s.queue.close()
	return nil
}

// InTx implements ports.Store. fn runs once, while no other transaction does. It
// must write through tx alone: a write through the store would wait for ever, or
// until its context ends.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error {
	return s.transaction(ctx, func(x *snapshot) error {
		tx := &repo{store: s, tx: x}
		defer func() { tx.tx, tx.ended = nil, true }()
		return fn(ctx, tx)
	})
}

// transaction runs fn on a view of its own, alone, and commits when it returns nil.
func (s *Store) transaction(ctx context.Context, fn func(x *snapshot) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.writing:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { s.writing <- struct{}{} }()
	x, err := s.begin()
	if err != nil {
		return err
	}
	if err := fn(x); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.commit(x)
}

func (s *Store) begin() (*snapshot, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	return s.all.snapshot(), nil
}

func (s *Store) commit(x *snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	x.commit()
	s.queue.add(x.jobs...)
	return nil
}

// AppendChunk implements ports.Store.
func (s *Store) AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (out run.Session, outcome run.Acceptance, err error) {
	err = s.transaction(ctx, func(x *snapshot) error {
		row, ok := x.sessions.get(sid)
		if !ok {
			return run.ErrSessionNotFound
		}
		out, outcome, err = decide(row.session())
		if err != nil || outcome != run.Stored {
			return err
		}
		return x.insertChunk(row, c, out.Snapshot().LastChunkAt)
	})
	return out, outcome, err
}

// repo implements ports.Repo, in a transaction or out of one.
type repo struct {
	store *Store
	tx    *snapshot // nil outside a transaction
	ended bool      // it was in a transaction
}

// read runs fn on what the caller sees. fn must not call other methods of repo.
func (r *repo) read(ctx context.Context, fn func(x *snapshot) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case r.tx != nil:
		return fn(r.tx)
	case r.ended:
		return errEnded
	}
	r.store.mu.RLock()
	defer r.store.mu.RUnlock()
	if r.store.closed {
		return errClosed
	}
	return fn(r.store.all.snapshot())
}

// write runs fn in the transaction that r is in, or in one of its own. In the
// caller's transaction, what fn did before an error stays: the caller decides.
func (r *repo) write(ctx context.Context, fn func(x *snapshot) error) error {
	switch {
	case r.tx != nil:
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(r.tx)
	case r.ended:
		return errEnded
	}
	return r.store.transaction(ctx, fn)
}

// Enqueue implements ports.Enqueuer.
func (r *repo) Enqueue(ctx context.Context, job ports.Job) error {
	if err := job.Check(); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	return r.write(ctx, func(x *snapshot) error {
		x.jobs = append(x.jobs, job)
		return nil
	})
}
