package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/runvs/runvs/ports"
)

// Config says how jobs are worked off. Zero fields but the first four mean the
// defaults, which are right for everything but tests.
type Config struct {
	Database    Database
	Handler     ports.JobHandler
	Concurrency int // jobs at once, at least 1
	Logger      *slog.Logger

	// Backoff is the pause after a failed try, attempt being 1 for the first.
	Backoff func(attempt int) time.Duration
	// EndSilentEvery is how often a JobEndSilent is added, also at the start;
	// 0 means 10 minutes, a negative duration never.
	EndSilentEvery time.Duration
}

const (
	// fetchCooldown is the shortest time between two looks for jobs. It bounds
	// the throughput to concurrency jobs a millisecond.
	fetchCooldown = time.Millisecond
	// postgresPoll is how often PostgreSQL is looked at for jobs that no
	// notification told of: a retry, or one of many added in the same millisecond.
	postgresPoll = 100 * time.Millisecond
	// sqlitePoll is the same for SQLite, should the listener have missed something.
	sqlitePoll = time.Second

	// jobTimeout is how long a job may run; the longest take seconds.
	jobTimeout = time.Minute
	// rescueAfter is when River takes up a job of a process that neither ended
	// nor finished it. Dead processes are found sooner: see presence.
	rescueAfter = 3 * time.Minute

	// How long jobs stay in the queue when all is said and done.
	completedKept = time.Hour
	discardedKept = 30 * 24 * time.Hour

	endSilentEvery = 10 * time.Minute

	// lookTimeout bounds a look for dead processes, so that a connection that no
	// longer answers is given up.
	lookTimeout = 5 * time.Second

	// hardStopGrace is how long a job may take to end when it was told to.
	hardStopGrace = 2 * time.Second
)

// client is a River client of either database.
type client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// Workers implements ports.Workers.
type Workers struct {
	cfg Config

	mu      sync.Mutex // held while starting and stopping
	current *crew      // nil when stopped
}

// crew is the workers between a start and a stop.
type crew struct {
	id        string
	client    client
	presence  presence
	cancelled *atomic.Bool
	log       *slog.Logger

	quit context.CancelFunc // ends looking after the presence
	done chan struct{}
}

// NewWorkers makes workers; Start has them work.
func NewWorkers(cfg Config) (*Workers, error) {
	if err := cfg.Database.check(); err != nil {
		return nil, err
	}
	if cfg.Handler == nil {
		return nil, errors.New("jobs: workers need a handler")
	}
	if cfg.Concurrency < 1 || cfg.Concurrency > river.QueueNumWorkersMax {
		return nil, fmt.Errorf("jobs: %d jobs at once make no sense", cfg.Concurrency)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Backoff == nil {
		cfg.Backoff = Backoff
	}
	cfg.EndSilentEvery = cmp.Or(cfg.EndSilentEvery, endSilentEvery)
	return &Workers{cfg: cfg}, nil
}

// Start implements ports.Workers. The workers outlive ctx: only Stop ends them.
func (w *Workers) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.current != nil {
		return nil
	}
	c, err := w.hire()
	if err != nil {
		return fmt.Errorf("jobs: make a queue client: %w", err)
	}
	// The lock comes before the first job: whoever sees the job may look for it.
	if err := c.look(ctx); err != nil {
		return errors.Join(err, c.presence.leave(ctx))
	}
	if err := c.client.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(fmt.Errorf("jobs: start working: %w", err), c.presence.leave(ctx))
	}
	watch, quit := context.WithCancel(context.WithoutCancel(ctx))
	c.quit, c.done = quit, make(chan struct{})
	go c.watch(watch)
	w.current = c
	return nil
}

// Stop implements ports.Workers. When ctx ends first, running jobs have their
// context cancelled and go back to the queue with their try given back. A job
// that does not end even so is reported as an error, and left to whoever sees
// that its client is gone.
func (w *Workers) Stop(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.current
	if c == nil {
		return nil
	}
	w.current = nil
	err := c.client.Stop(ctx)
	if err != nil {
		c.cancelled.Store(true)
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStopGrace)
		defer cancel()
		if err = c.client.StopAndCancel(hard); err != nil {
			err = fmt.Errorf("jobs: a job does not end: %w", err)
		}
	}
	c.quit()
	<-c.done
	return errors.Join(err, c.presence.leave(ctx))
}

// hire makes a new client. Each start has its own id: the jobs of an earlier
// one are not this one's.
func (w *Workers) hire() (*crew, error) {
	c := &crew{id: newClientID(), log: w.cfg.Logger, cancelled: new(atomic.Bool)}
	cfg := w.riverConfig(c)
	var err error
	if db := w.cfg.Database; db.pool != nil {
		cfg.FetchPollInterval = postgresPoll
		c.presence = &postgresPresence{pool: db.pool, backoff: w.cfg.Backoff, attempts: DefaultMaxAttempts, grace: deathGrace}
		c.client, err = newClient(riverpgxv5.New(db.pool), cfg)
	} else {
		cfg.FetchPollInterval = sqlitePoll
		c.presence = &sqlitePresence{db: db.sqlite, backoff: w.cfg.Backoff, attempts: DefaultMaxAttempts}
		c.client, err = newClient(newSQLiteDriver(db), cfg)
	}
	return c, err
}

func newClient[TTx any](driver riverdriver.Driver[TTx], cfg *river.Config) (client, error) {
	return river.NewClient(driver, cfg)
}

func (w *Workers) riverConfig(c *crew) *river.Config {
	workers := river.NewWorkers()
	for _, kind := range ports.JobKinds() {
		river.AddWorkerArgs(workers, args{kind: kind}, &worker{handle: w.cfg.Handler, log: w.cfg.Logger, stopping: c.cancelled})
	}
	cfg := &river.Config{
		ID:                          c.id,
		Logger:                      riverLogger(w.cfg.Logger),
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: w.cfg.Concurrency}},
		Workers:                     workers,
		FetchCooldown:               fetchCooldown,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		MaxAttempts:                 DefaultMaxAttempts,
		RetryPolicy:                 retryPolicy{w.cfg.Backoff},
		CompletedJobRetentionPeriod: completedKept,
		DiscardedJobRetentionPeriod: discardedKept,
	}
	if w.cfg.EndSilentEvery > 0 {
		cfg.PeriodicJobs = []*river.PeriodicJob{river.NewPeriodicJob(
			river.PeriodicInterval(w.cfg.EndSilentEvery),
			func() (river.JobArgs, *river.InsertOpts) {
				return args{kind: ports.JobEndSilent}, insertOpts(ports.JobEndSilent, DefaultMaxAttempts)
			},
			&river.PeriodicJobOpts{RunOnStart: true},
		)}
	}
	return cfg
}

// look shows that this client lives, and takes care of those that do not.
func (c *crew) look(ctx context.Context) error {
	revived, err := c.presence.appear(ctx, c.id)
	if revived > 0 {
		c.log.WarnContext(ctx, "jobs of a process that died are run again", "jobs", revived)
	}
	return err
}

// watch looks every presencePeriod until ctx ends. An outage is told once.
func (c *crew) watch(ctx context.Context) {
	defer close(c.done)
	failing := false
	for pause(ctx, presencePeriod) == nil {
		limited, cancel := context.WithTimeout(ctx, lookTimeout)
		err := c.look(limited)
		cancel()
		if err != nil && !failing && ctx.Err() == nil {
			c.log.WarnContext(ctx, "cannot look for jobs of dead processes", "error", err)
		}
		failing = err != nil
	}
}
