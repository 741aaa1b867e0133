package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/runvs/runvs/ports"
)

// Config says how jobs are worked off.
type Config struct {
	Handler     ports.JobHandler
	Concurrency int          // jobs at once, at least 1
	Logger      *slog.Logger // nil for none

	// Pause is how long a job rests after a failed try; 0 means a second.
	Pause time.Duration
	// EndSilentEvery is how often a JobEndSilent is added, also at the start;
	// 0 means 10 minutes, a negative duration never.
	EndSilentEvery time.Duration
	// MaxTries is how often a job is tried; 0 means 10.
	MaxTries int
}

// stopGrace is how long a job may take to end when it was told to.
const stopGrace = 2 * time.Second

// Workers implements ports.Workers on a Store's queue.
type Workers struct {
	cfg   Config
	queue *queue

	mu      sync.Mutex // held while starting and stopping
	current *shift     // nil when stopped
}

var _ ports.Workers = (*Workers)(nil)

// shift is the workers between a start and a stop.
type shift struct {
	enough context.Context // done: take no more jobs
	quit   context.CancelFunc
	jobs   context.Context // done: running jobs are told to end
	cancel context.CancelFunc
	wait   sync.WaitGroup
}

// NewWorkers makes workers for the store's jobs; Start has them work.
func (s *Store) NewWorkers(cfg Config) (*Workers, error) {
	if cfg.Handler == nil {
		return nil, errors.New("memory: workers need a handler")
	}
	if cfg.Concurrency < 1 {
		return nil, fmt.Errorf("memory: %d jobs at once make no sense", cfg.Concurrency)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Pause = cmp.Or(cfg.Pause, time.Second)
	cfg.EndSilentEvery = cmp.Or(cfg.EndSilentEvery, 10*time.Minute)
	cfg.MaxTries = cmp.Or(cfg.MaxTries, 10)
	return &Workers{cfg: cfg, queue: s.queue}, nil
}

// Start implements ports.Workers.
func (w *Workers) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.current != nil {
		return nil
	}
	s := &shift{}
	s.enough, s.quit = context.WithCancel(context.WithoutCancel(ctx))
	s.jobs, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for range w.cfg.Concurrency {
		s.wait.Go(func() { w.work(s) })
	}
	if w.cfg.EndSilentEvery > 0 {
		s.wait.Go(func() { w.tick(s) })
	}
	w.queue.signal() // for what has waited
	w.current = s
	return nil
}

// Stop implements ports.Workers.
func (w *Workers) Stop(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.current
	if s == nil {
		return nil
	}
	w.current = nil
	s.quit()
	ended := make(chan struct{})
	go func() {
		s.wait.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		s.cancel()
		return nil
	case <-ctx.Done():
		s.cancel()
	}
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-ended:
		return nil
	case <-grace.C:
		return errors.New("memory: a job does not end")
	}
}

// work does jobs until the shift has done enough.
func (w *Workers) work(s *shift) {
	for s.enough.Err() == nil {
		if t, ok := w.queue.take(); ok {
			w.do(s, t)
			continue
		}
		select {
		case <-s.enough.Done():
		case <-w.queue.wake:
		}
	}
	w.queue.signal() // a token that was for this one is another's
}

func (w *Workers) do(s *shift, t task) {
	last := t.tries+1 >= w.cfg.MaxTries
	err := w.handle(s.jobs, t.Job, last)
	switch {
	case err == nil:
		w.queue.done(t)
	case s.jobs.Err() != nil: // not the job's fault, whatever its error says
		w.queue.giveBack(t)
	case last:
		w.queue.done(t)
		w.cfg.Logger.ErrorContext(s.jobs, "a job failed for the last time", "kind", t.Kind, "id", t.ID, "error", err)
	default:
		w.cfg.Logger.WarnContext(s.jobs, "a job failed and will be tried again", "kind", t.Kind, "id", t.ID, "error", err)
		t.tries++
		w.queue.retry(t, w.cfg.Pause)
	}
}

// handle turns a panic, which is a defect, into a failed try.
func (w *Workers) handle(ctx context.Context, job ports.Job, last bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("memory: a job panicked: %v", p)
		}
	}()
	return w.cfg.Handler(ctx, job, last)
}

// tick adds the periodic jobs.
func (w *Workers) tick(s *shift) {
	ticker := time.NewTicker(w.cfg.EndSilentEvery)
	defer ticker.Stop()
	for {
		w.queue.add(ports.Job{Kind: ports.JobEndSilent})
		select {
		case <-s.enough.Done():
			return
		case <-ticker.C:
		}
	}
}
