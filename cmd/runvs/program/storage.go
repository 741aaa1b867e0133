package program

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"

	"github.com/runvs/runvs/adapters/gormstore"
	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/adapters/memory"
	"github.com/runvs/runvs/adapters/mvt"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/ports"
)

// storage is the store with its queue.
type storage struct {
	ports.Store
	workers ports.Workers // nil when this process does no jobs
	desk    ports.JobDesk
	// queued says why the queue cannot take or give jobs, or nil.
	queued func(ctx context.Context) error
}

// ready says why nothing can be stored or no job be done, or nil.
func (s *storage) ready(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	return s.queued(ctx)
}

// openStorage opens the configured store, brings it up to date, and joins its
// queue with n workers that ask handler; 0 for none.
func openStorage(ctx context.Context, s config.Settings, n int, handler ports.JobHandler, log *slog.Logger) (*storage, error) {
	if kind, _ := s.Database(); kind == config.Memory {
		return openMemory(n, handler, log)
	}
	return openSQL(ctx, s, n, handler, log)
}

func openMemory(n int, handler ports.JobHandler, log *slog.Logger) (*storage, error) {
	store := memory.New(memory.Options{Tiles: mvt.New()})
	workers, err := store.NewWorkers(memory.Config{Handler: handler, Concurrency: n, Logger: log})
	if err != nil {
		return nil, err
	}
	return &storage{Store: store, workers: workers, desk: store.Desk(), queued: func(context.Context) error { return nil }}, nil
}

func openSQL(ctx context.Context, s config.Settings, n int, handler ports.JobHandler, log *slog.Logger) (out *storage, err error) {
	if err := migrateDatabase(ctx, s); err != nil {
		return nil, err
	}
	var enqueuer *jobs.Enqueuer // set below; nothing enqueues before this returns
	store, queue, err := connect(ctx, s, gormstore.Options{Logger: log, Tiles: mvt.New(), Enqueue: func(ctx context.Context, tx *sql.Tx, job ports.Job) error {
		return enqueuer.Enqueue(ctx, tx, job)
	}})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, store.Close())
		}
	}()
	if s.Migrate == "auto" {
		if err := jobs.Migrate(ctx, queue); err != nil {
			return nil, err
		}
	}
	queued := func(ctx context.Context) error {
		if ok, err := jobs.Migrated(ctx, queue); err != nil || ok {
			return err
		}
		return errQueueBehind
	}
	if err := queued(ctx); err != nil {
		return nil, err
	}
	if enqueuer, err = jobs.NewEnqueuer(queue, log); err != nil {
		return nil, err
	}
	desk, err := jobs.NewDesk(queue)
	if err != nil {
		return nil, err
	}
	out = &storage{Store: store, desk: desk, queued: queued}
	if n > 0 {
		out.workers, err = jobs.NewWorkers(jobs.Config{Database: queue, Concurrency: n, Logger: log, Handler: handler})
	}
	return out, err
}

var errQueueBehind = errors.New("the queue's tables are behind; run `runvs migrate up`, or set RUNVS_MIGRATE=auto")

// connect opens an SQL store and names the database of its queue.
func connect(ctx context.Context, s config.Settings, o gormstore.Options) (*gormstore.Store, jobs.Database, error) {
	kind, path := s.Database()
	if kind == config.SQLite {
		store, err := gormstore.OpenSQLite(ctx, path, o)
		if err != nil {
			return nil, jobs.Database{}, err
		}
		return store, jobs.SQLite(store.SQL()), nil
	}
	store, err := gormstore.OpenPostgres(ctx, s.DatabaseURL, o)
	if err != nil {
		return nil, jobs.Database{}, err
	}
	return store, jobs.Postgres(store.Pool()), nil
}
