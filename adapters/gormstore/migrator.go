package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"time"

	"ariga.io/atlas/sql/migrate"
	atlaspostgres "ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	atlassqlite "ariga.io/atlas/sql/sqlite"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	migrations "github.com/runvs/runvs/schema"
)

// Migrator brings a database's tables up to what this program was built for.
// Migrations are atlas' files, embedded; what was applied stands in the table
// schema_revisions.
type Migrator struct {
	db   *sql.DB
	dir  *migrate.MemDir
	kind migrationKind
}

// migrationKind is what differs between the databases.
type migrationKind struct {
	open     func(schema.ExecQuerier) (migrate.Driver, error)
	lock     func(ctx context.Context, conn *sql.Conn) (unlock func() error, err error)
	facts    func(ctx context.Context, q querier) (facts, error)
	scratch  func(ctx context.Context, m *Migrator) (facts, error)
	revision string // DDL of schema_revisions
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Migration is one migration and whether it was applied.
type Migration struct {
	Version   string
	Name      string
	AppliedAt time.Time // zero when it was not
}

// NewPostgresMigrator makes a migrator of a PostgreSQL database. Close it.
func NewPostgresMigrator(url string) (*Migrator, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database URL is not one of PostgreSQL: postgres://user:password@host:5432/name")
	}
	return newMigrator(stdlib.OpenDB(*cfg), migrations.Postgres, "postgres", postgresMigrations())
}

// NewSQLiteMigrator makes a migrator of a database file. Close it.
func NewSQLiteMigrator(path string) (*Migrator, error) {
	db, err := openSQLiteFile(path)
	if err != nil {
		return nil, err
	}
	return newMigrator(db, migrations.SQLite, "sqlite", sqliteMigrations())
}

func newMigrator(db *sql.DB, files fs.FS, folder string, kind migrationKind) (*Migrator, error) {
	dir := &migrate.MemDir{}
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, folder+"/"+e.Name())
		if err != nil {
			return nil, err
		}
		if err := dir.WriteFile(e.Name(), data); err != nil {
			return nil, err
		}
	}
	if err := migrate.Validate(dir); err != nil {
		return nil, fmt.Errorf("the migrations of this program were tampered with: %w", err)
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
		return nil, err
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
func (m *Migrator) next(ctx context.Context, conn *sql.Conn) (string, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	executor, err := m.executor(tx)
	if err != nil {
		return "", err
	}
	pending, err := executor.Pending(ctx)
	if errors.Is(err, migrate.ErrNoPendingFiles) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := executor.ExecuteN(ctx, 1); err != nil {
		return "", fmt.Errorf("migration %s failed and was undone: %w", pending[0].Name(), err)
	}
	return pending[0].Name(), tx.Commit()
}

func (m *Migrator) executor(q querier) (*migrate.Executor, error) {
	driver, err := m.kind.open(q)
	if err != nil {
		return nil, err
	}
	return migrate.NewExecutor(driver, m.dir, revisions{q}, migrate.WithAllowDirty(true))
}

// Status returns all migrations, oldest first.
func (m *Migrator) Status(ctx context.Context) ([]Migration, error) {
	files, err := m.dir.Files()
	if err != nil {
		return nil, err
	}
	if _, err := m.db.ExecContext(ctx, m.kind.revision); err != nil {
		return nil, err
	}
	done, err := revisions{m.db}.ReadRevisions(ctx)
	if err != nil {
		return nil, err
	}
	at := map[string]time.Time{}
	for _, r := range done {
		at[r.Version] = r.ExecutedAt
	}
	out := make([]Migration, len(files))
	for i, f := range files {
		out[i] = Migration{Version: f.Version(), Name: f.Name(), AppliedAt: at[f.Version()]}
	}
	return out, nil
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

// facts is what a database's catalogue says, such as "column users.email" =
// "character varying(255)".
type facts map[string]string

// Drift is one thing in which the database is not as the migrations make it.
type Drift struct {
	What string // such as "column users.email"
	Want string // "" when the migrations make no such thing
	Have string // "" when it is missing
}

// Verify compares the database with what the migrations make from nothing,
// column by column, index by index.
func (m *Migrator) Verify(ctx context.Context) ([]Drift, error) {
	want, err := m.kind.scratch(ctx, m)
	if err != nil {
		return nil, err
	}
	have, err := m.kind.facts(ctx, m.db)
	if err != nil {
		return nil, err
	}
	var out []Drift
	for what, w := range want {
		if have[what] != w {
			out = append(out, Drift{What: what, Want: w, Have: have[what]})
		}
	}
	for what, h := range have {
		if _, ok := want[what]; !ok {
			out = append(out, Drift{What: what, Have: h})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].What < out[j].What })
	return out, nil
}

// collect reads rows of (what, definition).
func collect(ctx context.Context, q querier, query string) (facts, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	out := facts{}
	for rows.Next() {
		var what, definition string
		if err := rows.Scan(&what, &definition); err != nil {
			return nil, err
		}
		out[what] = definition
	}
	return out, rows.Err()
}

func postgresMigrations() migrationKind {
	return migrationKind{
		open: atlaspostgres.Open, lock: lockPostgres, facts: postgresFacts, scratch: scratchPostgres,
		revision: `CREATE TABLE IF NOT EXISTS schema_revisions (version text PRIMARY KEY, name text NOT NULL,
		hash text NOT NULL, partial_hashes text NOT NULL, applied integer NOT NULL, total integer NOT NULL,
		executed_at timestamptz NOT NULL, operator text NOT NULL)`,
	}
}

func sqliteMigrations() migrationKind {
	return migrationKind{
		open: atlassqlite.Open, lock: lockSQLite, facts: sqliteFacts, scratch: scratchSQLite,
		revision: `CREATE TABLE IF NOT EXISTS schema_revisions (version text PRIMARY KEY, name text NOT NULL,
		hash text NOT NULL, partial_hashes text NOT NULL, applied integer NOT NULL, total integer NOT NULL,
		executed_at timestamp NOT NULL, operator text NOT NULL)`,
	}
}
