package jobs_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/ports"
)

// backend is a queue in a database of its own.
type backend struct {
	address  string // opens the same database in another process
	database jobs.Database
	sql      *sql.DB
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, test func(t *testing.T, b backend)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, newPostgres(t)) })
}

func newSQLite(tb testing.TB) backend {
	tb.Helper()
	b := open(tb, "sqlite:"+filepath.Join(tb.TempDir(), "queue.db"))
	must(tb, jobs.Migrate(tb.Context(), b.database))
	return b
}

// newPostgres makes a database on the server at RUNVS_TEST_POSTGRES_URL.
func newPostgres(tb testing.TB) backend {
	tb.Helper()
	return open(tb, migrated.Copy(tb))
}

// migrated is a database with the queue's tables.
var migrated = pgtest.Template{Make: func(tb testing.TB, address string) {
	pool := get(pgxpool.New(tb.Context(), address))(tb)
	defer pool.Close()
	must(tb, jobs.Migrate(tb.Context(), jobs.Postgres(pool)))
}}

const sqliteOptions = "?_journal_mode=WAL&_busy_timeout=5000&_foreign_keys=on&_txlock=immediate&_synchronous=NORMAL"

// open opens a database at an address, which may have no tables yet.
func open(tb testing.TB, address string) backend {
	tb.Helper()
	if path, ok := cutPrefix(address, "sqlite:"); ok {
		db := get(sql.Open(sqlite.Driver, "file:"+path+sqliteOptions))(tb)
		tb.Cleanup(func() { must(tb, db.Close()) })
		return backend{address: address, database: jobs.SQLite(db), sql: db}
	}
	pool := get(pgxpool.New(tb.Context(), address))(tb)
	db := stdlib.OpenDBFromPool(pool)
	tb.Cleanup(func() { must(tb, db.Close()); pool.Close() })
	return backend{address: address, database: jobs.Postgres(pool), sql: db}
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return s, false
}

// enqueue adds jobs in one transaction that commits.
func (b backend) enqueue(tb testing.TB, all ...ports.Job) {
	tb.Helper()
	enqueuer := get(jobs.NewEnqueuer(b.database, nil))(tb)
	tx := get(b.sql.BeginTx(tb.Context(), nil))(tb)
	for _, job := range all {
		must(tb, enqueuer.Enqueue(tb.Context(), tx, job))
	}
	must(tb, tx.Commit())
}

// workers makes workers that are stopped when the test ends. No periodic jobs.
func (b backend) workers(tb testing.TB, handler ports.JobHandler, change ...func(*jobs.Config)) *jobs.Workers {
	tb.Helper()
	cfg := jobs.Config{
		Database: b.database, Handler: handler, Concurrency: 4, Logger: slog.New(slog.NewTextHandler(tb.Output(), nil)),
		Backoff:     func(int) time.Duration { return 5 * time.Millisecond },
		SuspectCalm: 10 * time.Millisecond, Every: never,
	}
	for _, c := range change {
		c(&cfg)
	}
	w := get(jobs.NewWorkers(cfg))(tb)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // the test's has ended
		defer cancel()
		must(tb, w.Stop(ctx))
	})
	return w
}

// count returns how many jobs are in a state.
func (b backend) count(tb testing.TB, state string) int {
	tb.Helper()
	var n int
	must(tb, b.sql.QueryRowContext(tb.Context(), fmt.Sprintf("SELECT count(*) FROM river_job WHERE state = '%s'", state)).Scan(&n))
	return n
}

func settle() ports.Job { return ports.Job{Kind: ports.JobSettleRun, ID: uuid.NewString()} }

// eventually waits until a condition holds.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	eventuallyWithin(tb, 20*time.Second, what, holds)
}

func eventuallyWithin(tb testing.TB, limit time.Duration, what string, holds func() bool) {
	tb.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(limit); !holds(); <-ticker.C {
		if time.Now().After(deadline) {
			tb.Fatalf("after %v not yet: %s", limit, what)
		}
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// get unpacks a result that comes without an error.
func get[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		must(tb, err)
		return v
	}
}

// never adds no periodic jobs, and hourly one of each kind at the start.
func never(ports.JobKind) time.Duration { return 0 }

func hourly(kind ports.JobKind) time.Duration {
	if !kind.Periodic() {
		return 0
	}
	return time.Hour
}
