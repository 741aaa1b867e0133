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

	"github.com/google/uuid"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/ports"
)

func TestAJobExistsExactlyWhenItsTransactionCommits(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		enqueuer := get(jobs.NewEnqueuer(b.database, nil))(t)
		tx := get(b.sql.BeginTx(t.Context(), nil))(t)
		must(t, enqueuer.Enqueue(t.Context(), tx, settle()))
		must(t, tx.Rollback())
		if n := b.count(t, "available"); n != 0 {
			t.Fatalf("%d jobs after a rollback, want 0", n)
		}
		kept := settle()
		b.enqueue(t, kept)

		var seen journal
		must(t, b.workers(t, &seen).Start(t.Context()))
		eventually(t, "the job is completed", func() bool { return b.count(t, "completed") == 1 })
		if got := seen.jobs(); len(got) != 1 || got[0] != kept {
			t.Errorf("the handler got %v, want %v once", got, kept)
		}
	})
}

func TestAJobThatMakesNoSenseIsRefused(t *testing.T) {
	b := newSQLite(t)
	enqueuer := get(jobs.NewEnqueuer(b.database, nil))(t)
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
		b.enqueue(t, ports.Job{Kind: ports.JobEndSilent})
		b.enqueue(t, ports.Job{Kind: ports.JobEndSilent}, ports.Job{Kind: ports.JobEndSilent})
		if n := b.count(t, "available"); n != 1 {
			t.Errorf("%d periodic jobs wait, want 1", n)
		}
	})
}

func TestSilentSessionsAreLookedForAtTheStart(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		var seen journal
		must(t, b.workers(t, &seen, func(c *jobs.Config) { c.Every = nil }).Start(t.Context()))
		eventually(t, "the periodic job came", func() bool {
			return slices.Contains(seen.jobs(), ports.Job{Kind: ports.JobEndSilent})
		})
	})
}

func TestTheLogTellsOfAJobThatIsSetAside(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		job := settle()
		b.enqueue(t, job)
		var log lockedBuffer
		must(t, b.workers(t, doing(func(context.Context, ports.Job) error {
			return errors.New("the judge is ill")
		}), func(c *jobs.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }).Start(t.Context()))
		eventually(t, "the job is set aside", func() bool { return b.count(t, "discarded") == 1 })
		lines := log.String()
		for _, want := range []string{"settle_run", job.ID, "the judge is ill", "failures=3", "set aside", "level=ERROR"} {
			if !strings.Contains(lines, want) {
				t.Errorf("the log does not tell %q:\n%s", want, lines)
			}
		}
	})
}

// setAside has the periodic job come and fail until it is set aside. The workers
// are stopped.
func setAsidePeriodic(t *testing.T, b backend) {
	t.Helper()
	w := b.workers(t, doing(func(context.Context, ports.Job) error { return errors.New("ill") }))
	b.enqueue(t, ports.Job{Kind: ports.JobEndSilent})
	must(t, w.Start(t.Context()))
	eventually(t, "the periodic job is set aside", func() bool { return b.count(t, "discarded") == 1 })
	must(t, w.Stop(t.Context()))
}

func TestAPeriodicJobThatFailedMakesWayForTheNext(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		setAsidePeriodic(t, b)
		must(t, b.workers(t, doing(fine), func(c *jobs.Config) { c.Every = hourly }).Start(t.Context()))
		eventually(t, "the next came", func() bool { return b.count(t, "completed") == 1 })
		if n := b.count(t, "discarded"); n != 0 {
			t.Errorf("%d are set aside still", n)
		}
	})
}

func TestAPeriodicJobThatKilledRestsForHours(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		setAsidePeriodic(t, b)
		change := func(postgres, sqlite string) {
			statement := postgres
			if b.database.Pool() == nil {
				statement = sqlite
			}
			_, err := b.sql.ExecContext(t.Context(), statement)
			must(t, err)
		}
		change(`UPDATE river_job SET metadata = '{"deaths": 2}'`, `UPDATE river_job SET metadata = jsonb('{"deaths": 2}')`)
		periodic := ports.Job{Kind: ports.JobEndSilent}
		must(t, b.database.ForgetPeriodicForTest(t.Context(), periodic.Kind))
		b.enqueue(t, periodic)
		if waiting, aside := b.count(t, "available"), b.count(t, "discarded"); waiting != 0 || aside != 1 {
			t.Fatalf("%d wait and %d are set aside, want the one that killed", waiting, aside)
		}
		change("UPDATE river_job SET finalized_at = now() - interval '7 hours'", "UPDATE river_job SET finalized_at = datetime('now', '-7 hours')")
		must(t, b.workers(t, doing(fine), func(c *jobs.Config) { c.Every = hourly }).Start(t.Context()))
		eventually(t, "the next came", func() bool { return b.count(t, "completed") == 1 && b.count(t, "discarded") == 0 })
	})
}

func TestAJobIsPickedUpSoon(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		const rounds = 41
		picked := make(chan time.Time)
		must(t, b.workers(t, doing(func(context.Context, ports.Job) error {
			picked <- time.Now()
			return nil
		})).Start(t.Context()))
		waits := make([]time.Duration, rounds)
		for i := range waits {
			b.enqueue(t, settle())
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
			address = pgtest.Empty(t)
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
	if _, err := jobs.NewEnqueuer(jobs.Database{}, nil); err == nil {
		t.Error("an enqueuer without a database")
	}
	if err := jobs.Migrate(t.Context(), jobs.Database{}); err == nil {
		t.Error("a migration without a database")
	}
	b := newSQLite(t)
	handler := doing(fine)
	for name, cfg := range map[string]jobs.Config{
		"no database":    {Handler: handler, Concurrency: 1},
		"no handler":     {Database: b.database, Concurrency: 1},
		"no concurrency": {Database: b.database, Handler: handler},
	} {
		if _, err := jobs.NewWorkers(cfg); err == nil {
			t.Errorf("%s: workers were made", name)
		}
	}
	if _, err := jobs.NewDesk(jobs.Database{}); err == nil {
		t.Error("a desk without a database")
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

// Whoever makes many courses keeps no runner from their verdict.
func TestRunsAreJudgedBeforeCoursesAreDrawn(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		for range 5 {
			b.enqueue(t, ports.Job{Kind: ports.JobPublishCourse, ID: uuid.NewString()})
		}
		run := settle()
		b.enqueue(t, run)
		var seen journal
		must(t, b.workers(t, &seen, func(c *jobs.Config) { c.Concurrency = 1 }).Start(t.Context()))
		eventually(t, "all are done", func() bool { return len(seen.jobs()) == 6 })
		if first := seen.jobs()[0]; first != run {
			t.Errorf("the first is %v", first)
		}
	})
}
