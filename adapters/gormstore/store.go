// Package gormstore keeps everything in an SQL database through GORM:
// PostgreSQL with PostGIS in production, SQLite where one file is enough. Both
// hold the same tables and give the same rows; what differs is in the files
// that end in _postgres.go and _sqlite.go.
package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"gorm.io/gorm"
	gormlogger "gorm.io/gorm/logger"

	"github.com/runvs/runvs/ports"
)

// Enqueue adds a job to the queue within a transaction. The queue is another
// adapter's; whoever wires the program brings them together.
type Enqueue func(ctx context.Context, tx *sql.Tx, job ports.Job) error

// Options are what a store needs beside its address.
type Options struct {
	Enqueue Enqueue
	Logger  *slog.Logger
	// MaxConns bounds the connections to PostgreSQL; 0 means 20.
	MaxConns int32
}

// Store implements ports.Store.
type Store struct {
	repo
	sql   *sql.DB
	pool  *pgxpool.Pool // nil on SQLite
	chunk appender
}

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
}

// dialect is what differs between the databases in otherwise equal queries.
type dialect interface {
	name() string
	// lock makes a query hold the rows it reads until the transaction ends.
	lock(db *gorm.DB) *gorm.DB
	// nearby selects candidate courses by their start or, with wholeRoute, their line.
	nearby(db *gorm.DB, q ports.NearbyQuery) *gorm.DB
	// boxes selects courses whose line's box overlaps, or whose start lies in, the box.
	inBox(db *gorm.DB, q ports.BoundsQuery) *gorm.DB
	// hasTag selects courses with a tag.
	hasTag(db *gorm.DB, tag string) *gorm.DB
	// titleContains selects courses whose title has a text, without regard to case.
	titleContains(db *gorm.DB, text string) *gorm.DB
	// transient reports whether a transaction that failed so may succeed when run again.
	transient(err error) bool
	// outage reports whether the database itself is the problem.
	outage(err error) bool
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		TranslateError:         true,
		SkipDefaultTransaction: true, // every use case says itself what belongs together
		Logger:                 gormlogger.Discard,
	}
}

// SQL returns the pool of connections, for adapters that share the database.
func (s *Store) SQL() *sql.DB { return s.sql }

// Pool returns the native pool of PostgreSQL; nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping reports whether the database answers and has its tables.
func (s *Store) Ping(ctx context.Context) error {
	var n int
	err := s.db.WithContext(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM users LIMIT 1) AS t").Scan(&n).Error
	return s.fault(err)
}

// Close ends all connections. Closing twice is harmless.
func (s *Store) Close() error {
	err := errors.Join(s.chunk.Close(), s.sql.Close())
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// maxTries is how often a transaction is run before a passing fault is final.
const maxTries = 8

// InTx runs fn in a transaction, again when the database asks for it.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error {
	for try := 1; ; try++ {
		err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			return fn(ctx, &repo{db: tx, dialect: s.dialect, enqueue: s.enqueue})
		})
		if err == nil || try == maxTries || !s.dialect.transient(err) {
			return s.fault(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backoff(try)):
		}
	}
}

// backoff spreads out transactions that got into each other's way.
func backoff(try int) time.Duration {
	limit := 2 * time.Millisecond << try
	return time.Duration(rand.Int64N(int64(limit))) //nolint:gosec // no secret
}

// inTx runs fn in the transaction that r is in, or in one of its own.
func (r *repo) inTx(ctx context.Context, fn func(tx *repo) error) error {
	if _, ok := r.db.Statement.ConnPool.(*sql.Tx); ok {
		return fn(r)
	}
	return r.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return fn(&repo{db: tx, dialect: r.dialect, enqueue: r.enqueue})
	})
}

// Enqueue adds a job in the transaction that r is in, or in one of its own.
func (r *repo) Enqueue(ctx context.Context, job ports.Job) error {
	return r.fault(r.inTx(ctx, func(tx *repo) error {
		return r.enqueue(ctx, tx.db.Statement.ConnPool.(*sql.Tx), job)
	}))
}
