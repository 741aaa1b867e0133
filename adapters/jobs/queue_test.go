package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/ports"
)

func TestAJobExistsExactlyWhenItsTransactionCommits(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		enqueuer := get(jobs.NewEnqueuer(b.database, 0, nil))(t)
		tx := get(b.sql.BeginTx(t.Context(), nil))(t)
		must(t, enqueuer.Enqueue(t.Context(), tx, settle()))
		must(t, tx.Rollback())
		if n := b.count(t, "available"); n != 0 {
			t.Fatalf("%d jobs after a rollback, want 0", n)
		}
		kept := settle()
		b.enqueue(t, 0, kept)

		var seen journal
		must(t, b.workers(t, func(_ context.Context, job ports.Job, last bool) error {
			seen.note(job, last)
			return nil
		}).Start(t.Context()))
		eventually(t, "the job is completed", func() bool { return b.count(t, "completed") == 1 })
		if got := seen.all(); len(got) != 1 || got[0] != (call{kept, false}) {
			t.Errorf("the handler got %v, want %v once", got, kept)
		}
	})
}

func TestAJobThatMakesNoSenseIsRefused(t *testing.T) {
	b := newSQLite(t)
	enqueuer := get(jobs.NewEnqueuer(b.database, 0, nil))(t)
	for name, job := range map[string]ports.Job{
		"unknown kind":          {Kind: "nonsense", ID: settle().ID},
		"no kind":               {ID: settle().ID},
		"no ID":                 {Kind: ports.JobSettleRun},
		"no UUID":               {Kind: ports.JobPublishCourse, ID: "1"},
		"a periodic with an ID": {Kind: ports.JobEndSilent, ID: settle().ID},
	} {
		t.Run(name, func(t *testing.T) {
			tx := get(b.sql.BeginTx(t.Context(), nil))(t)
			if enqueuer.Enqueue(t.Context(), tx, job) == nil {
				t.Errorf("%v was taken", job)
			}
			must(t, tx.Rollback())
		})
	}
}

func TestAPeriodicJobIsNotDoubledWhileOneWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		b.enqueue(t, 0, ports.Job{Kind: ports.JobEndSilent})
		b.enqueue(t, 0, ports.Job{Kind: ports.JobEndSilent}, ports.Job{Kind: ports.JobEndSilent})
		if n := b.count(t, "available"); n != 1 {
			t.Errorf("%d periodic jobs wait, want 1", n)
		}
	})
}

func TestSilentSessionsAreLookedForAtTheStart(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		var seen journal
		must(t, b.workers(t, func(_ context.Context, job ports.Job, last bool) error {
			seen.note(job, last)
			return nil
		}, func(c *jobs.Config) { c.EndSilentEvery = 0 }).Start(t.Context()))
		eventually(t, "the periodic job came", func() bool {
			return slices.Contains(seen.all(), call{ports.Job{Kind: ports.JobEndSilent}, false})
		})
	})
}

func TestAFailingJobIsTriedAgainAndToldItsLastTry(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		const tries = 4
		job := settle()
		b.enqueue(t, tries, job)
		var seen journal
		var log lockedBuffer
		must(t, b.workers(t, func(_ context.Context, job ports.Job, last bool) error {
			seen.note(job, last)
			return errors.New("the judge is ill")
		}, func(c *jobs.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }).Start(t.Context()))
		eventually(t, "the job is given up", func() bool { return b.count(t, "discarded") == 1 })

		got := seen.all()
		if len(got) != tries {
			t.Fatalf("%d tries, want %d", len(got), tries)
		}
		for i, c := range got {
			if c.job != job || c.last != (i == tries-1) {
				t.Errorf("try %d was %v", i+1, c)
			}
		}
		lines := log.String()
		for _, want := range []string{"settle_run", job.ID, "the judge is ill", "attempt=4", "level=ERROR"} {
			if !strings.Contains(lines, want) {
				t.Errorf("the log does not tell %q:\n%s", want, lines)
			}
		}
	})
}

func TestAJobIsPickedUpSoon(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		const rounds = 41
		picked := make(chan time.Time)
		must(t, b.workers(t, func(context.Context, ports.Job, bool) error {
			picked <- time.Now()
			return nil
		}).Start(t.Context()))
		waits := make([]time.Duration, rounds)
		for i := range waits {
			b.enqueue(t, 0, settle())
			committed := time.Now()
			waits[i] = (<-picked).Sub(committed)
		}
		slices.Sort(waits)
		t.Logf("from commit to work: median %v, worst of %d %v", waits[rounds/2], rounds, waits[rounds-1])
		if waits[rounds/2] > 100*time.Millisecond {
			t.Errorf("the median wait is %v", waits[rounds/2])
		}
	})
}

func TestMigrateMayBeCalledByManyAtOnceAndAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		var address string
		if path, ok := cutPrefix(b.address, "sqlite:"); ok {
			address = "sqlite:" + path + ".fresh"
		} else {
			address = emptyPostgres(t)
		}
		const n = 6
		fresh := make([]backend, n)
		for i := range fresh {
			fresh[i] = open(t, address)
		}
		if ok, err := jobs.Migrated(t.Context(), fresh[0].database); err != nil || ok {
			t.Fatalf("before: migrated %v, %v", ok, err)
		}
		errs := make([]error, n)
		var wait sync.WaitGroup
		for i, f := range fresh {
			wait.Go(func() { errs[i] = jobs.Migrate(t.Context(), f.database) })
		}
		wait.Wait()
		must(t, errors.Join(errs...))
		must(t, jobs.Migrate(t.Context(), fresh[0].database))
		if ok, err := jobs.Migrated(t.Context(), fresh[0].database); err != nil || !ok {
			t.Errorf("after: migrated %v, %v", ok, err)
		}
	})
}

func TestAQueueNeedsADatabaseAndAHandler(t *testing.T) {
	if _, err := jobs.NewEnqueuer(jobs.Database{}, 0, nil); err == nil {
		t.Error("an enqueuer without a database")
	}
	if err := jobs.Migrate(t.Context(), jobs.Database{}); err == nil {
		t.Error("a migration without a database")
	}
	b := newSQLite(t)
	handler := func(context.Context, ports.Job, bool) error { return nil }
	for name, cfg := range map[string]jobs.Config{
		"no database":    {Handler: handler, Concurrency: 1},
		"no handler":     {Database: b.database, Concurrency: 1},
		"no concurrency": {Database: b.database, Handler: handler},
	} {
		if _, err := jobs.NewWorkers(cfg); err == nil {
			t.Errorf("%s: workers were made", name)
		}
	}
	if _, err := jobs.NewEnqueuer(b.database, -1, nil); err == nil {
		t.Error("an enqueuer of jobs that are never tried")
	}
}

// lockedBuffer is a buffer that many may write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
