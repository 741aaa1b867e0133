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
)

// OpenSQLite opens a database file, making it and its folder when missing. The
// migrations must have been applied (Migrator). Commits are synced to the disk:
// what was answered survives a power cut.
func OpenSQLite(_ context.Context, path string, o Options) (*Store, error) {
	db, err := openSQLiteFile(path)
	if err != nil {
		return nil, err
	}
	g, err := gorm.Open(&sqlite.Dialector{Conn: db}, gormConfig())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	r := repo{db: g, dialect: sqliteDialect{}, enqueue: o.Enqueue}
	s := &Store{repo: r, sql: db}
	s.chunk = newSQLiteAppender(g)
	return s, nil
}

// sqliteDriver is SQLite with a function more: its own lower() knows ASCII only.
const sqliteDriver = "sqlite3_runvs"

func init() {
	sql.Register(sqliteDriver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		return c.RegisterFunc("unicode_lower", strings.ToLower, true)
	}})
}

// sqliteConnections is how many readers may look at once; writers queue up.
const sqliteConnections = 8

func openSQLiteFile(path string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("the folder of the database cannot be made: %w", err)
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_journal_mode=WAL&_busy_timeout=5000&_foreign_keys=on&_txlock=immediate&_synchronous=FULL"
	db, err := sql.Open(sqliteDriver, dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(sqliteConnections)
	db.SetMaxIdleConns(sqliteConnections)
	if err := db.Ping(); err != nil {
		return nil, errors.Join(fmt.Errorf("the database file cannot be opened: %w", err), db.Close())
	}
	return db, nil
}

type sqliteDialect struct{}

func (sqliteDialect) name() string { return "sqlite" }

// lock does nothing: a transaction is the only writer from its beginning on.
func (sqliteDialect) lock(db *gorm.DB) *gorm.DB { return db }

// nearby finds candidates by the R*Trees; the exact distance decides.
func (sqliteDialect) nearby(db *gorm.DB, q ports.NearbyQuery) *gorm.DB {
	return inTree(db, geo.Around(q.Center, q.RadiusMeters), q.WholeRoute)
}

func inTree(db *gorm.DB, b geo.Bounds, wholeRoute bool) *gorm.DB {
	tree := "course_starts"
	if wholeRoute {
		tree = "course_routes"
	}
	var ors []string
	var args []any
	add := func(part geo.Bounds) {
		ors = append(ors, "courses.spatial_key IN (SELECT id FROM "+tree+" WHERE east >= ? AND west <= ? AND north >= ? AND south <= ?)")
		args = append(args, part.West, part.East, part.South, part.North)
	}
	for _, part := range b.Split() {
		add(part)
		// +180 and -180 are the same meridian.
		if part.East == 180 {
			add(geo.Bounds{South: part.South, North: part.North, West: -180, East: -180})
		}
		if part.West == -180 {
			add(geo.Bounds{South: part.South, North: part.North, West: 180, East: 180})
		}
	}
	return db.Where("("+strings.Join(ors, " OR ")+")", args...)
}

// inBox narrows by the R*Tree, whose boxes are rounded outwards to 32 bits, and
// then exactly.
func (sqliteDialect) inBox(db *gorm.DB, q ports.BoundsQuery) *gorm.DB {
	db = inTree(db, q.Bounds, q.WholeRoute)
	if q.WholeRoute {
		return routeBox(db, q.Bounds)
	}
	return startBox(db, q.Bounds)
}

func (sqliteDialect) hasTag(db *gorm.DB, tag string) *gorm.DB {
	return db.Where("EXISTS (SELECT 1 FROM json_each(courses.tags) WHERE value = ?)", tag)
}

func (sqliteDialect) titleContains(db *gorm.DB, text string) *gorm.DB {
	return db.Where("instr(unicode_lower(courses.title), unicode_lower(?)) > 0", text)
}

func (sqliteDialect) transient(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

func (sqliteDialect) outage(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "database is closed")
	}
	switch e.Code {
	case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrReadonly, sqlite3.ErrCantOpen, sqlite3.ErrCorrupt, sqlite3.ErrNomem:
		return true
	}
	return false
}
