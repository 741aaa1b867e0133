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

	// Backoff is the pause after a try that came to nothing, try being 1 for the first.
	Backoff func(try int) time.Duration
	// SuspectCalm is how long the process has lived before it tries suspects; 0
	// means suspectCalm.
	SuspectCalm time.Duration
	// Every is how often a job of a periodic kind is added, also at the start; 0 for
	// never. Without one it is ports.JobKind.Every.
	Every func(ports.JobKind) time.Duration
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

	// rescueAfter is when River takes up a job of a process that neither ended
	// nor finished it, as one that failed. Dead processes are found sooner: see
	// presence. It is longer than any job may wait for its turn and run.
	rescueAfter = 3 * time.Minute

	// completedKept is how long jobs stay in the queue when all is said and done.
	completedKept = time.Hour
	// asideKept says that jobs which were set aside stay: somebody must decide.
	asideKept = -1

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
	Queues() *river.QueueBundle
}

// Workers implements ports.Workers.
type Workers struct {
	cfg Config

	mu      sync.Mutex // held while starting and stopping
	current *instance  // nil when stopped
}

// instance is the workers between a start and a stop: one River client with an id
// of its own.
type instance struct {
	id        string
	client    client
	presence  presence
	cancelled *atomic.Bool
	calm      time.Duration
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
	cfg.SuspectCalm = cmp.Or(cfg.SuspectCalm, suspectCalm)
	if cfg.Every == nil {
		cfg.Every = ports.JobKind.Every
	}
	return &Workers{cfg: cfg}, nil
}

// Start implements ports.Workers. The workers outlive ctx: only Stop ends them.
func (w *Workers) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.current != nil {
		return nil
	}
	c, err := w.newInstance()
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

// newInstance makes a client. Each start has an id of its own: the jobs of an earlier
// one are not this one's.
func (w *Workers) newInstance() (*instance, error) {
	c := &instance{id: newClientID(), log: w.cfg.Logger, calm: w.cfg.SuspectCalm, cancelled: new(atomic.Bool)}
	cfg := w.riverConfig(c)
	var err error
	if db := w.cfg.Database; db.pool != nil {
		cfg.FetchPollInterval = postgresPoll
		c.presence = &postgresPresence{pool: db.pool, grace: deathGrace}
		c.client, err = newClient(riverpgxv5.New(db.pool), cfg)
	} else {
		cfg.FetchPollInterval = sqlitePoll
		c.presence = &sqlitePresence{db: db.sqlite}
		c.client, err = newClient(newSQLiteDriver(db), cfg)
	}
	return c, err
}

func newClient[TTx any](driver riverdriver.Driver[TTx], cfg *river.Config) (client, error) {
	return river.NewClient(driver, cfg)
}

func (w *Workers) riverConfig(c *instance) *river.Config {
	hand := &worker{
		handler: w.cfg.Handler, backoff: w.cfg.Backoff, turns: newTurns(w.cfg.Concurrency),
		note: func(ctx context.Context, job int64, alone bool) error {
			return w.cfg.Database.noteTurn(ctx, job, c.id, alone)
		},
		log: w.cfg.Logger, stopping: c.cancelled,
	}
	workers := river.NewWorkers()
	for _, kind := range ports.JobKinds() {
		river.AddWorkerArgs(workers, args{kind: kind}, hand)
	}
	cfg := &river.Config{
		ID:                          c.id,
		Logger:                      riverLogger(w.cfg.Logger),
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: w.cfg.Concurrency}},
		Workers:                     workers,
		FetchCooldown:               fetchCooldown,
		JobTimeout:                  turnPatience + ports.JobTime,
		JobStuckHandler:             letGo,
		RescueStuckJobsAfter:        rescueAfter,
		MaxAttempts:                 attempts,
		RetryPolicy:                 retryPolicy{w.cfg.Backoff},
		CompletedJobRetentionPeriod: completedKept,
		DiscardedJobRetentionPeriod: asideKept,
	}
	for _, kind := range ports.JobKinds() {
		every := w.cfg.Every(kind)
		if every <= 0 {
			continue
		}
		cfg.PeriodicJobs = append(cfg.PeriodicJobs, river.NewPeriodicJob(
			river.PeriodicInterval(every),
			func() (river.JobArgs, *river.InsertOpts) {
				w.clearWay(kind)
				return args{kind: kind}, insertOpts(kind)
			},
			&river.PeriodicJobOpts{RunOnStart: true},
		))
	}
	return cfg
}

// letGo gives the place of a job that does not heed its deadline to the next one:
// it would else be lost until the process ends. The job has failed, so there are
// ports.MaxFailures such goroutines of it at most.
func letGo(context.Context, river.JobStuckHandlerParams) river.JobStuckHandlerResult {
	return river.JobStuckHandlerResult{AddWorkerSlot: true}
}

// periodicRest is how long a periodic job rests that has killed the process
// ports.MaxDeaths times: long enough to be no crash loop, and not for ever,
// since what it does is needed.
const periodicRest = 6 * time.Hour

// clearWay forgets a periodic job that was set aside, so that the next can come:
// at once when it only failed, else after periodicRest.
func (w *Workers) clearWay(kind ports.JobKind) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	if err := w.cfg.Database.forgetPeriodic(ctx, kind); err != nil {
		w.cfg.Logger.WarnContext(ctx, "a periodic job that was set aside keeps the next from coming", "kind", kind, "error", err)
	}
}

// look shows that this client lives, and takes care of those that do not.
func (c *instance) look(ctx context.Context) error {
	orphans, err := c.presence.appear(ctx, c.id)
	if orphans > 0 {
		c.log.WarnContext(ctx, "a process died and left jobs, which are tried again or set aside", "jobs", orphans)
	}
	return err
}

// watch looks every presencePeriod until ctx ends, and takes up the suspects
// when it is time. An outage is told once.
func (c *instance) watch(ctx context.Context) {
	defer close(c.done)
	calm := time.NewTimer(c.calm)
	defer calm.Stop()
	look := time.NewTicker(presencePeriod)
	defer look.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-calm.C:
			// Not waited for: River lets nobody in while it stops, which may last as
			// long as a job that does not end.
			go c.takeUpSuspects(ctx)
			continue
		case <-look.C:
		}
		limited, cancel := context.WithTimeout(ctx, lookTimeout)
		err := c.look(limited)
		cancel()
		if err != nil && !failing && ctx.Err() == nil {
			c.log.WarnContext(ctx, "cannot look for jobs of dead processes", "error", err)
		}
		failing = err != nil
	}
}

func (c *instance) takeUpSuspects(ctx context.Context) {
	if err := c.client.Queues().Add(suspectQueue, river.QueueConfig{MaxWorkers: 1}); err != nil {
		c.log.ErrorContext(ctx, "suspects are not taken up", "error", err)
	}
}
