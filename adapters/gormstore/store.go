// Package gormstore keeps everything in an SQL database through GORM:
// PostgreSQL with PostGIS in production, SQLite where one file is enough. Both
// hold the same tables and give the same rows; what differs is in the files
// that end in _postgres.go and _sqlite.go.
package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"gorm.io/gorm"
	gormlogger "gorm.io/gorm/logger"

	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/ports"
)

// Enqueue adds a job to the queue within a transaction. The queue is another
// adapter's; whoever wires the program brings them together.
type Enqueue func(ctx context.Context, tx *sql.Tx, job ports.Job) error

// Options are what a store needs beside its address.
type Options struct {
	Enqueue Enqueue
	Logger  *slog.Logger // nil for none
	// MaxConns bounds the connections to PostgreSQL; 0 means what the URL says in
	// pool_max_conns, or 20.
	MaxConns int32
	Tiles    ports.TileEncoder // of map tiles, on SQLite; PostGIS has its own
}

// Store implements ports.Store.
type Store struct {
	repo
	sql      *sql.DB       // what writes
	readers  *sql.DB       // nil on PostgreSQL, which needs no division
	pool     *pgxpool.Pool // nil on SQLite
	chunk    appender
	versions []string // the migrations that this program was built for
	log      *slog.Logger
}

var _ ports.Store = (*Store)(nil)

// appender is the way a database takes chunks in.
type appender interface {
	io.Closer
	append(ctx context.Context, in appending) error
}

// repo implements ports.Repo over a connection or a transaction.
type repo struct {
	db      *gorm.DB
	dialect dialect
	enqueue Enqueue
	counts  *counts
	tiles   ports.TileEncoder
	// searches says that statements are within dialect.searching.
	searches bool
}

// dialect is what differs between the databases in otherwise equal queries.
type dialect interface {
	// lock makes a query hold the rows it reads until the transaction ends.
	lock(db *gorm.DB) *gorm.DB
	// near visits public courses that may start within q.RadiusMeters: all that are
	// nearer than the meters it returns, and perhaps others. It need not look on once
	// n are there.
	near(ctx context.Context, r *repo, q ports.NearbyQuery, n int, visit func(summaryRow) error) (meters float64, err error)
	// prominent returns at least n public courses below a prominence whose start
	// or, with q.WholeRoute, whose line's box is in the view, the most prominent
	// ones, and perhaps some beside the view; fewer only when there are no more.
	prominent(db *gorm.DB, q ports.BoundsQuery, below float64, n int) (prominent, error)
	// searching runs reading statements that indexes must answer.
	searching(ctx context.Context, r *repo, fn func(r *repo) error) error
	// routesIn is course_map, as m, narrowed to public courses whose line's box
	// overlaps a box, and perhaps a few others.
	routesIn(b geo.Bounds) (from conditions)
	// mapped is the condition that joins course_map to courses.
	mapped() string
	// hasTag is a condition that courses have a tag. With indexed it is one that an
	// index of all tags answers, else one that is asked of each course.
	hasTag(tag string, indexed bool) (condition string, args []any)
	// titleContains is a condition that the title has a folded text; likewise.
	titleContains(folded string, indexed bool) (condition string, args []any)
	// encodeTile writes a map tile.
	encodeTile(ctx context.Context, r *repo, t maptile.Tile, c tileContent) ([]byte, error)
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true, // every use case says itself what belongs together
		Logger:                 gormlogger.Discard,
	}
}

func logger(o Options) *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// SQL returns the connections that write, for adapters that share the database.
// On SQLite there is one: who begins a transaction on it must end it before
// asking for another.
func (s *Store) SQL() *sql.DB { return s.sql }

// Pool returns the native pool of PostgreSQL; nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping reports whether the database answers and has all migrations of this
// program.
func (s *Store) Ping(ctx context.Context) error {
	applied, err := migrate.Applied(ctx, s.db.ConnPool)
	if err != nil {
		return faultOf(err)
	}
	for _, version := range s.versions {
		if !slices.Contains(applied, version) {
			return ports.ErrStoreUnavailable.Because(fmt.Errorf("migration %s is not applied", version))
		}
	}
	return nil
}

// Scrub implements ports.Store. PostgreSQL overwrites what is dead by itself.
func (s *Store) Scrub(ctx context.Context) error {
	if s.readers == nil {
		return nil
	}
	return scrubSQLite(ctx, s.sql)
}

// Close ends all connections. Closing twice is harmless.
func (s *Store) Close() error {
	err := errors.Join(s.chunk.Close(), s.sql.Close())
	if s.readers != nil {
		err = errors.Join(err, s.readers.Close())
	}
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// maxTries is how often a transaction is run before a passing failure is final.
const maxTries = 8

// InTx runs fn in a transaction, again when the database asks for it.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error {
	return s.retry(ctx, func() error {
		return s.transaction(ctx, func(tx *repo) error { return fn(ctx, tx) })
	})
}

// retry runs work until it ends otherwise than by a passing failure.
func (s *Store) retry(ctx context.Context, work func() error) error {
	for try := 1; ; try++ {
		err := work()
		if err == nil || try == maxTries || (failureOf(err) != passing && !errors.Is(err, errChunkTaken)) {
			return faultOf(err)
		}
		s.log.DebugContext(ctx, "a transaction is run again", "try", try, "error", err)
		pause := time.NewTimer(backoff(try))
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

// backoff spreads out transactions that got into each other's way.
func backoff(try int) time.Duration {
	limit := 2 * time.Millisecond << try
	return time.Duration(rand.Int64N(int64(limit)))
}

// transaction runs fn in a transaction of its own.
func (r *repo) transaction(ctx context.Context, fn func(tx *repo) error) (err error) {
	tx := r.db.WithContext(ctx).Begin()
	if tx.Error != nil {
		return tx.Error
	}
	ended := false
	defer func() { // also when fn panics
		if ended {
			return
		}
		if undo := tx.Rollback().Error; undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("the rollback failed too: %w", undo))
		}
	}()
	if err := fn(&repo{db: tx, dialect: r.dialect, enqueue: r.enqueue, counts: r.counts, tiles: r.tiles}); err != nil {
		return err
	}
	ended = true
	return tx.Commit().Error
}

// inTx runs fn in the transaction that r is in, or in one of its own.
func (r *repo) inTx(ctx context.Context, fn func(tx *repo) error) error {
	if _, ok := r.db.Statement.ConnPool.(*sql.Tx); ok {
		return fn(r)
	}
	return r.transaction(ctx, fn)
}

// Enqueue adds a job in the transaction that r is in, or in one of its own.
func (r *repo) Enqueue(ctx context.Context, job ports.Job) error {
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		return r.enqueue(ctx, tx.db.Statement.ConnPool.(*sql.Tx), job)
	}))
}
