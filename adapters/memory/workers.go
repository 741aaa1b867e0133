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

	// Pause is how long a job rests after a try that came to nothing; 0 means a second.
	Pause time.Duration
	// Every is how often a job of a periodic kind is added, also at the start; 0 for
	// never. Without one it is ports.JobKind.Every.
	Every func(ports.JobKind) time.Duration
}

// stopGrace is how long a job may take to end when it was told to.
const stopGrace = 2 * time.Second

// Workers implements ports.Workers on a Store's queue.
type Workers struct {
	cfg   Config
	queue *queue

	mu      sync.Mutex // held while starting and stopping
	current *instance  // nil when stopped
}

var _ ports.Workers = (*Workers)(nil)

// instance is the workers between a start and a stop.
type instance struct {
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
	if cfg.Every == nil {
		cfg.Every = ports.JobKind.Every
	}
	return &Workers{cfg: cfg, queue: s.queue}, nil
}

// Start implements ports.Workers.
func (w *Workers) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.current != nil {
		return nil
	}
	s := &instance{}
	s.enough, s.quit = context.WithCancel(context.WithoutCancel(ctx))
	s.jobs, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for range w.cfg.Concurrency {
		s.wait.Go(func() { w.work(s) })
	}
	for _, kind := range ports.JobKinds() {
		if every := w.cfg.Every(kind); every > 0 {
			s.wait.Go(func() { w.tick(s, kind, every) })
		}
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

// work does jobs until the instance is told to take no more.
func (w *Workers) work(s *instance) {
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

// do does a job, or gives it up when it has failed too often.
func (w *Workers) do(s *instance, t task) {
	ctx, cancel := context.WithTimeout(s.jobs, ports.JobTime)
	defer cancel()
	work := func() error { return w.cfg.Handler.Handle(ctx, t.Job) }
	giveUp := t.failures >= ports.MaxFailures
	if giveUp {
		work = func() error { return w.cfg.Handler.GiveUp(ctx, t.Job, t.reason) }
	}
	err := careful(work)
	switch {
	case err == nil && !giveUp:
		w.queue.done(t)
	case s.jobs.Err() != nil: // not the job's fault, whatever its error says
		w.queue.giveBack(t)
	case err != nil && ports.Blameless(err):
		w.cfg.Logger.WarnContext(ctx, "a job must wait", "kind", t.Kind, "id", t.ID, "error", err)
		w.queue.retry(t, w.cfg.Pause)
	case giveUp:
		w.cfg.Logger.ErrorContext(ctx, "a job is set aside", "kind", t.Kind, "id", t.ID, "reason", t.reason, "error", err)
		w.queue.setAside(t)
	default:
		w.cfg.Logger.WarnContext(ctx, "a job failed", "kind", t.Kind, "id", t.ID, "error", err)
		t.failures++
		if t.reason = err.Error(); t.failures >= ports.MaxFailures {
			t.reason = fmt.Sprintf("it failed %d times, at last: %s", t.failures, t.reason)
		}
		w.queue.retry(t, w.pauseAfter(t))
	}
}

// pauseAfter is how long a job rests that failed; not at all when it is only to be
// given up.
func (w *Workers) pauseAfter(t task) time.Duration {
	if t.failures >= ports.MaxFailures {
		return 0
	}
	return w.cfg.Pause
}

// careful turns a panic, which is a defect, into an error.
func careful(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("memory: a job panicked: %v", p)
		}
	}()
	return work()
}

// tick adds the jobs of a periodic kind.
func (w *Workers) tick(s *instance, kind ports.JobKind, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		w.queue.add(ports.Job{Kind: kind})
		select {
		case <-s.enough.Done():
			return
		case <-ticker.C:
		}
	}
}
