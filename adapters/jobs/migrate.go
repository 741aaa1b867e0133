package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// migrateLock is the key of the advisory lock under which PostgreSQL is
// migrated: "runvsjob" in ASCII.
const migrateLock int64 = 0x72756e76736a6f62

// sqlitePatience is how long a migration of SQLite is tried while another
// process may be at it.
const sqlitePatience = 5 * time.Second

// Migrate gives the queue the tables it needs. It changes nothing where they
// are there, and any number of processes may call it at once.
func Migrate(ctx context.Context, database Database) error {
	if err := database.check(); err != nil {
		return err
	}
	if database.pool != nil {
		return migratePostgres(ctx, database)
	}
	return migrateSQLite(ctx, database)
}

// Migrated reports whether the queue has the tables it needs, and changes nothing.
func Migrated(ctx context.Context, database Database) (bool, error) {
	if err := database.check(); err != nil {
		return false, err
	}
	if database.pool != nil {
		return migrated(ctx, riverpgxv5.New(database.pool))
	}
	return migrated(ctx, newSQLiteDriver(database))
}

func migrated[TTx any](ctx context.Context, driver riverdriver.Driver[TTx]) (bool, error) {
	migrator, err := newMigrator(driver)
	if err != nil {
		return false, err
	}
	result, err := migrator.Validate(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("jobs: look at the queue's tables: %w", err)
	}
	return result.OK, nil
}

func newMigrator[TTx any](driver riverdriver.Driver[TTx]) (*rivermigrate.Migrator[TTx], error) {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("jobs: make a migrator: %w", err)
	}
	return migrator, nil
}

// migratePostgres holds an advisory lock meanwhile, on a connection beside the
// pool, so that a pool of one is enough.
func migratePostgres(ctx context.Context, database Database) (err error) {
	migrator, err := newMigrator(riverpgxv5.New(database.pool))
	if err != nil {
		return err
	}
	conn, err := connectBeside(ctx, database.pool)
	if err != nil {
		return fmt.Errorf("jobs: connect to migrate the queue: %w", err)
	}
	// Ending the session releases the lock.
	defer func() { err = errors.Join(err, closeConn(ctx, conn)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
		return fmt.Errorf("jobs: wait for another migration of the queue: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("jobs: migrate the queue: %w", err)
	}
	return nil
}

// migrateSQLite tries until the tables are there: each step is a transaction,
// and a step that another process has just made fails here, to be skipped at
// the next try.
func migrateSQLite(ctx context.Context, database Database) error {
	driver := newSQLiteDriver(database)
	migrator, err := newMigrator(driver)
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(sqlitePatience); ; {
		_, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return fmt.Errorf("jobs: migrate the queue: %w", err)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("jobs: migrate the queue: %w", err)
		}
	}
}

// pause waits, or returns why ctx ended.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
