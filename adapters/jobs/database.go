package jobs

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// Database is where the queue lives: one of PostgreSQL or SQLite.
type Database struct {
	pool   *pgxpool.Pool
	sqlite *sql.DB
}

// Postgres is a queue in PostgreSQL. Workers use the pool and, beside it, one
// connection of their own.
func Postgres(pool *pgxpool.Pool) Database { return Database{pool: pool} }

// SQLite is a queue in a SQLite file. The pool should have a busy timeout and
// immediate transactions (_busy_timeout, _txlock=immediate), for all its users
// write to the one file.
func SQLite(db *sql.DB) Database { return Database{sqlite: db} }

var errNoDatabase = errors.New("jobs: a queue needs a database: use Postgres or SQLite")

func (d Database) check() error {
	if (d.pool == nil) == (d.sqlite == nil) {
		return errNoDatabase
	}
	return nil
}

// sqliteDriver is River's driver without its notifications. SQLite has none, and
// River makes up for it with a table that every insert writes to and every
// client reads 20 times a second. Looking for jobs directly is both cheaper and
// sooner.
type sqliteDriver struct{ *riversqlite.Driver }

func (sqliteDriver) SupportsListener() bool     { return false }
func (sqliteDriver) SupportsListenNotify() bool { return false }

var _ riverdriver.Driver[*sql.Tx] = sqliteDriver{}
