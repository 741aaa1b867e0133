// Package migrate brings a database's tables up to what this program was built for,
// and says in what a database differs. It needs no store: the store asks it whether
// all was applied.
package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/runvs/runvs/adapters/sqlite"
)

// Migrator migrates one database.
// Migrations are atlas' files, embedded; what was applied stands in the table
// schema_revisions. A database that is ahead, migrated by a newer program, is
// none of its business.
type Migrator struct {
	db   *sql.DB
	dir  *atlas.MemDir
	kind kind
}

// kind is what differs between the databases.
type kind struct {
	open     func(schema.ExecQuerier) (atlas.Driver, error)
	lock     func(ctx context.Context, conn *sql.Conn) (unlock func() error, err error)
	explain  func(error) error // says what to do about an error of a migration
	hasTable string            // query: whether a table exists
	revision string            // DDL of schema_revisions
	facts    func(ctx context.Context, q querier) (Facts, error)
	scratch  func(ctx context.Context, m *Migrator) (Facts, error)
}

// querier is a connection or a transaction.
type querier interface {
	reader
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Migration is one migration and whether it was applied.
type Migration struct {
	Version   string
	Name      string
	AppliedAt time.Time // zero when it was not
}

// NewPostgres makes a migrator of a PostgreSQL database. Close it.
func NewPostgres(url string) (*Migrator, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ErrPostgresURL
	}
	return newMigrator(stdlib.OpenDB(*cfg), postgresDir, postgresKind())
}

// ErrPostgresURL stands for a parser's error, which repeats the URL: it may hold a
// password.
var ErrPostgresURL = errors.New("the database URL is not one of PostgreSQL: postgres://user:password@host:5432/name")

// NewSQLite makes a migrator of a database file, making the file when
// missing. Close it.
func NewSQLite(path string) (*Migrator, error) {
	db, err := sqlite.OpenWriter(context.Background(), path)
	if err != nil {
		return nil, err
	}
	return newMigrator(db, sqliteDir, sqliteKind())
}

func newMigrator(db *sql.DB, read func() (*atlas.MemDir, error), kind kind) (*Migrator, error) {
	dir, err := read()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Migrator{db: db, dir: dir, kind: kind}, nil
}

// Close ends the migrator's connections.
func (m *Migrator) Close() error { return m.db.Close() }

// Up applies what is pending, each migration in a transaction of its own, and
// returns the names. Any number of programs may call it at once: one works, the
// others wait for it and find nothing left to do.
func (m *Migrator) Up(ctx context.Context) (applied []string, err error) {
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	unlock, err := m.kind.lock(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if _, err := conn.ExecContext(ctx, m.kind.revision); err != nil {
		return nil, m.kind.explain(err)
	}
	for {
		name, err := m.next(ctx, conn)
		if err != nil || name == "" {
			return applied, err
		}
		applied = append(applied, name)
	}
}

// next applies the first pending migration and returns its name, "" for none.
func (m *Migrator) next(ctx context.Context, conn *sql.Conn) (_ string, err error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer func() {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			err = errors.Join(err, undo)
		}
	}()
	states, err := m.states(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, s := range states {
		if !s.AppliedAt.IsZero() {
			continue
		}
		driver, err := m.kind.open(tx)
		if err != nil {
			return "", err
		}
		executor, err := atlas.NewExecutor(driver, m.dir, revisions{tx}, atlas.WithAllowDirty(true))
		if err != nil {
			return "", err
		}
		if err := executor.Execute(ctx, s.file); err != nil {
			return "", fmt.Errorf("migration %s failed and was undone: %w", s.Name, m.kind.explain(rootOf(err)))
		}
		return s.Name, tx.Commit()
	}
	return "", nil
}

// rootOf returns what a statement of a migration failed with: what atlas met
// afterwards, in a transaction that was broken by then, tells nothing.
func rootOf(err error) error {
	var failed *atlas.StmtExecError
	if errors.As(err, &failed) {
		return failed
	}
	return err
}

// ErrHistoryChanged says that a migration is not the one that was applied under
// its name.
var ErrHistoryChanged = errors.New("checksum mismatch: a released migration was changed; restore it, and put the change into a new one")

// state is a migration of this program and what the database says of it.
type state struct {
	Migration
	file atlas.File
}

// states returns all migrations of this program, oldest first, or
// ErrHistoryChanged.
func (m *Migrator) states(ctx context.Context, q querier) ([]state, error) {
	files, err := m.dir.Files()
	if err != nil {
		return nil, err
	}
	sums, err := m.dir.Checksum()
	if err != nil {
		return nil, err
	}
	var started bool
	if err := queryRow(ctx, q, &started, m.kind.hasTable, revisionTable); err != nil {
		return nil, err
	}
	applied := map[string]*atlas.Revision{}
	if started {
		done, err := revisions{q}.ReadRevisions(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range done {
			applied[r.Version] = r
		}
	}
	out := make([]state, len(files))
	for i, f := range files {
		out[i] = state{Migration: Migration{Version: f.Version(), Name: f.Name()}, file: f}
		r, ok := applied[f.Version()]
		if !ok {
			continue
		}
		sum, err := sums.SumByName(f.Name())
		if err != nil {
			return nil, err
		}
		if sum != r.Hash {
			return nil, fmt.Errorf("%s: %w", f.Name(), ErrHistoryChanged)
		}
		out[i].AppliedAt = r.ExecutedAt.UTC()
	}
	return out, nil
}

func queryRow(ctx context.Context, q querier, dest any, query string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return errors.Join(sql.ErrNoRows, rows.Err())
	}
	return rows.Scan(dest)
}

// Status returns all migrations, oldest first, and changes nothing.
func (m *Migrator) Status(ctx context.Context) ([]Migration, error) {
	states, err := m.states(ctx, m.db)
	out := make([]Migration, len(states))
	for i, s := range states {
		out[i] = s.Migration
	}
	return out, err
}

// Pending returns the names of migrations that were not applied.
func (m *Migrator) Pending(ctx context.Context) ([]string, error) {
	all, err := m.Status(ctx)
	var names []string
	for _, x := range all {
		if x.AppliedAt.IsZero() {
			names = append(names, x.Name)
		}
	}
	return names, err
}
