package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/runvs/runvs/ports"
)

// Config says how jobs are worked off.
type Config struct {
	Handler ports.JobHandler
	Workers int // jobs at once, at least 1
	Log     *slog.Logger
}

const (
	jobTimeout       = time.Minute
	rescueAfter      = 2 * time.Minute // a job that is stuck in a live process
	endSilentEvery   = 10 * time.Minute
	fetchCooldown    = 2 * time.Millisecond // River's 100 ms would cap a worker at about 100 jobs/s
	pollPostgres     = time.Second          // LISTEN/NOTIFY tells earlier
	pollSQLite       = 20 * time.Millisecond
	deadClientsEvery = 5 * time.Second
)

// Workers implements ports.Workers.
type Workers struct {
	client runner
	revive func(context.Context) error // gives back what dead processes were doing
	enter  func(context.Context) (leave func(), err error)
	log    *slog.Logger

	mu      sync.Mutex
	started bool
	stopped bool
	cancel  context.CancelFunc
	done    chan struct{}
	leave   func()
}

// runner is what is the same of River's client on every driver.
type runner interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// NewPostgresWorkers makes workers on PostgreSQL. Any number of processes may
// have some.
func NewPostgresWorkers(pool *pgxpool.Pool, cfg Config) (*Workers, error) {
	member := newMembership(pool)
	rc := riverConfig(cfg, pollPostgres)
	rc.ID = member.name
	client, err := newClient(riverpgxv5.New(pool), cfg, rc, func(c *river.Client[pgx.Tx]) runner { return c })
	if err != nil {
		return nil, err
	}
	return &Workers{client: client, revive: member.revive, enter: member.enter, log: cfg.Log}, nil
}

// NewSQLiteWorkers makes workers on SQLite. One process has them: whatever is
// running when it starts was left by a dead one.
func NewSQLiteWorkers(db *sql.DB, cfg Config) (*Workers, error) {
	rc := riverConfig(cfg, pollSQLite)
	client, err := newClient(riversqlite.New(db), cfg, rc, func(c *river.Client[*sql.Tx]) runner { return c })
	if err != nil {
		return nil, err
	}
	enter := func(ctx context.Context) (func(), error) {
		_, err := db.ExecContext(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running'")
		return func() {}, err
	}
	return &Workers{client: client, enter: enter, log: cfg.Log}, nil
}

func riverConfig(cfg Config, poll time.Duration) *river.Config {
	return &river.Config{
		Logger:               cfg.Log,
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: cfg.Workers}},
		FetchCooldown:        fetchCooldown,
		FetchPollInterval:    poll,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		MaxAttempts:          maxAttempts,
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(
			river.PeriodicInterval(endSilentEvery),
			func() (river.JobArgs, *river.InsertOpts) {
				return args{Name: ports.JobEndSilent}, &river.InsertOpts{MaxAttempts: 1}
			},
			&river.PeriodicJobOpts{RunOnStart: true},
		)},
	}
}

func newClient[TTx any](driver riverdriver.Driver[TTx], cfg Config, rc *river.Config, as func(*river.Client[TTx]) runner) (runner, error) {
	if cfg.Workers < 1 {
		return nil, errors.New("workers need at least one job at once")
	}
	rc.Workers = river.NewWorkers()
	for _, kind := range []ports.JobKind{ports.JobSettleRun, ports.JobPublishCourse, ports.JobEndSilent} {
		w := &worker{kind: kind, handler: cfg.Handler, log: cfg.Log}
		if err := river.AddWorkerArgsSafely(rc.Workers, args{Name: kind}, w); err != nil {
			return nil, err
		}
	}
	client, err := river.NewClient(driver, rc)
	if err != nil {
		return nil, fmt.Errorf("the job queue cannot be set up: %w", err)
	}
	return as(client), nil
}

// worker hands River's jobs of one kind to the handler.
type worker struct {
	river.WorkerDefaults[args]
	kind    ports.JobKind
	handler ports.JobHandler
	log     *slog.Logger
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[args]) error {
	last := job.Attempt >= job.MaxAttempts
	err := w.handler(ctx, ports.Job{Kind: w.kind, ID: job.Args.ID}, last)
	if err != nil && ctx.Err() == nil {
		w.log.WarnContext(ctx, "a job failed", "kind", string(w.kind), "id", job.Args.ID, "attempt", job.Attempt, "last", last, "error", err)
	}
	return err
}

// NextRetry implements river.Worker: soon at first, for most faults pass.
func (w *worker) NextRetry(job *river.Job[args]) time.Time {
	return job.AttemptedAt.Add(retryDelay(job.JobRow))
}

func retryDelay(job *rivertype.JobRow) time.Duration {
	const first, limit = 200 * time.Millisecond, time.Hour
	return min(first<<(2*min(job.Attempt-1, 10)), limit)
}

// Start implements ports.Workers.
func (w *Workers) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started {
		return nil
	}
	leave, err := w.enter(ctx)
	if err != nil {
		return fmt.Errorf("the job queue cannot be entered: %w", err)
	}
	// The client outlives the context of the start: Stop ends it.
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if err := w.client.Start(run); err != nil {
		cancel()
		leave()
		return err
	}
	w.started, w.cancel, w.leave, w.done = true, cancel, leave, make(chan struct{})
	go w.watch(run)
	return nil
}

// watch gives back, again and again, what dead processes were doing.
func (w *Workers) watch(ctx context.Context) {
	defer close(w.done)
	if w.revive == nil {
		return
	}
	tick := time.NewTicker(deadClientsEvery)
	defer tick.Stop()
	for {
		if err := w.revive(ctx); err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "jobs of dead workers could not be looked for", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Stop implements ports.Workers: it waits for running jobs until ctx is done,
// then cancels them, which gives them back to the queue.
func (w *Workers) Stop(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.started || w.stopped {
		return nil
	}
	w.stopped = true
	err := w.client.Stop(ctx)
	if err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		err = w.client.StopAndCancel(hard)
	}
	w.cancel()
	<-w.done
	w.leave()
	return err
}
