package program

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/runvs/runvs/adapters/gormstore"
	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/ports"
)

// OpenMigrator opens the migrator of the configured database. Close it.
func OpenMigrator(s config.Settings) (*migrate.Migrator, error) {
	switch kind, path := s.Database(); kind {
	case config.Postgres:
		return migrate.NewPostgres(s.DatabaseURL)
	case config.SQLite:
		return migrate.NewSQLite(path)
	}
	return nil, errors.New("RUNVS_DATABASE_URL is memory:, which has nothing to migrate; give postgres://… or sqlite:PATH")
}

// migrateDatabase brings the database up to date, or refuses to go on when it is behind
// and may not be touched.
func migrateDatabase(ctx context.Context, s config.Settings) (err error) {
	m, err := OpenMigrator(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if s.Migrate == "auto" {
		_, err = m.Up(ctx)
		return err
	}
	pending, err := m.Pending(ctx)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the database is behind by %s; run `runvs migrate up`, or set RUNVS_MIGRATE=auto", strings.Join(pending, ", "))
	}
	return nil
}

// MigrateQueue brings the tables of the job queue up to date, which River keeps
// and versions itself, and reports whether there was something to do.
func MigrateQueue(ctx context.Context, s config.Settings) (done bool, err error) {
	err = withQueue(ctx, s, func(queue jobs.Database) error {
		ready, err := jobs.Migrated(ctx, queue)
		if err != nil || ready {
			return err
		}
		done = true
		return jobs.Migrate(ctx, queue)
	})
	return done, err
}

// QueueMigrated reports whether the tables of the job queue are up to date.
func QueueMigrated(ctx context.Context, s config.Settings) (ready bool, err error) {
	err = withQueue(ctx, s, func(queue jobs.Database) error {
		ready, err = jobs.Migrated(ctx, queue)
		return err
	})
	return ready, err
}

func withQueue(ctx context.Context, s config.Settings, do func(jobs.Database) error) error {
	none := func(context.Context, *sql.Tx, ports.Job) error { return nil }
	store, queue, err := connect(ctx, s, gormstore.Options{Enqueue: none, MaxConns: 2})
	if err != nil {
		return err
	}
	return errors.Join(do(queue), store.Close())
}
