package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/schema"
)

// OpenSQLite opens a database file, making it and its folder when missing. The
// migrations must have been applied (Migrator). Commits are synced to the disk:
// what was answered survives a power cut.
func OpenSQLite(ctx context.Context, path string, o Options) (*Store, error) {
	versions, err := migrationVersions(schema.SQLite, "sqlite")
	if err != nil {
		return nil, err
	}
	writer, err := openSQLiteWriter(ctx, path)
	if err != nil {
		return nil, err
	}
	readers, err := sql.Open(sqliteDriver, sqliteDSN(path)+"&_query_only=true")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	readers.SetMaxOpenConns(sqliteReaders)
	readers.SetMaxIdleConns(sqliteReaders)
	g, err := gorm.Open(&sqlite.Dialector{Conn: sqliteConns{writer: writer, readers: readers}}, gormConfig())
	if err != nil {
		return nil, errors.Join(err, readers.Close(), writer.Close())
	}
	r := repo{db: g, dialect: sqliteDialect{}, enqueue: o.Enqueue}
	return &Store{repo: r, sql: writer, readers: readers, chunk: newSQLiteAppender(&r), versions: versions, log: logger(o)}, nil
}

// sqliteDriver is SQLite with a function more: its own lower() knows ASCII only.
const sqliteDriver = "sqlite3_runvs"

func init() {
	sql.Register(sqliteDriver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		return c.RegisterFunc("unicode_lower", strings.ToLower, true)
	}})
}

// sqliteReaders is how many may look at once.
const sqliteReaders = 8

// sqliteDSN names a file and how it is used. The busy timeout is for other
// programs that write to it: within this one, writers queue up for the one
// connection that writes.
func sqliteDSN(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_journal_mode=WAL&_busy_timeout=2000&_foreign_keys=on&_txlock=immediate&_synchronous=FULL"
}

// openSQLiteWriter opens the one connection that writes.
func openSQLiteWriter(ctx context.Context, path string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("the folder of the database cannot be made: %w", err)
	}
	db, err := sql.Open(sqliteDriver, sqliteDSN(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database file cannot be opened: %w", err), db.Close())
	}
	return db, nil
}

// sqliteConns sends what writes to the one connection that does, and lets
// others read meanwhile. A transaction may write, so it is the writer's.
type sqliteConns struct{ writer, readers *sql.DB }

// PrepareContext implements gorm.ConnPool.
func (c sqliteConns) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return c.writer.PrepareContext(ctx, query)
}

// ExecContext implements gorm.ConnPool.
func (c sqliteConns) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return c.writer.ExecContext(ctx, query, args...)
}

// QueryContext implements gorm.ConnPool.
func (c sqliteConns) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return c.readers.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (c sqliteConns) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return c.readers.QueryRowContext(ctx, query, args...)
}

// BeginTx implements gorm.TxBeginner.
func (c sqliteConns) BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error) {
	return c.writer.BeginTx(ctx, opts)
}

type sqliteDialect struct{}

// lock does nothing: a transaction is the only writer from its beginning on.
func (sqliteDialect) lock(db *gorm.DB) *gorm.DB { return db }

// firstReach starts small: each round looks twice as far, so that in a dense
// city few courses are looked at, and in the country few rounds are needed.
func (sqliteDialect) firstReach(_ *gorm.DB, q ports.NearbyQuery) (float64, error) {
	return q.RadiusMeters / 64, nil
}

// routeSlackMeters is what the box of a line may miss of it (boundsOf).
const routeSlackMeters = 2

// within narrows by the R*Trees.
func (sqliteDialect) within(db *gorm.DB, q ports.NearbyQuery, reachMeters float64) *gorm.DB {
	if q.WholeRoute {
		reachMeters += routeSlackMeters
	}
	return inTree(db, geo.Around(q.Center, reachMeters), q.WholeRoute)
}

func inTree(db *gorm.DB, b geo.Bounds, wholeRoute bool) *gorm.DB {
	tree := "course_starts"
	if wholeRoute {
		tree = "course_routes"
	}
	var any anyOf
	for _, part := range meridianParts(b) {
		any.add("courses.spatial_key IN (SELECT id FROM "+tree+" WHERE east >= ? AND west <= ? AND north >= ? AND south <= ?)",
			part.West, part.East, part.South, part.North)
	}
	return any.where(db)
}

func (sqliteDialect) hasTag(db *gorm.DB, tag string) *gorm.DB {
	return db.Where("EXISTS (SELECT 1 FROM json_each(courses.tags) WHERE value = ?)", tag)
}

func (sqliteDialect) titleContains(db *gorm.DB, text string) *gorm.DB {
	return db.Where("instr(unicode_lower(courses.title), unicode_lower(?)) > 0", text)
}
