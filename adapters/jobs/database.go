package jobs

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Database is where the queue lives: one of PostgreSQL or SQLite.
// Enqueuers and workers of one process should share one value: so the workers
// hear of jobs sooner.
type Database struct {
	pool   *pgxpool.Pool
	sqlite *sql.DB
	added  chan struct{} // SQLite only: this process adds a job
}

// Postgres is a queue in PostgreSQL. Workers use the pool and, beside it, one
// connection of their own.
func Postgres(pool *pgxpool.Pool) Database { return Database{pool: pool} }

// SQLite is a queue in a SQLite file. The pool should have a busy timeout and
// immediate transactions (_busy_timeout, _txlock=immediate), for all its users
// write to the one file.
func SQLite(db *sql.DB) Database {
	return Database{sqlite: db, added: make(chan struct{}, 1)}
}

var errNoDatabase = errors.New("jobs: a queue needs a database: use Postgres or SQLite")

func (d Database) check() error {
	if (d.pool == nil) == (d.sqlite == nil) {
		return errNoDatabase
	}
	return nil
}

// tell has the listener look for a job that a transaction has added. One that
// knows already need not be told again.
func (d Database) tell() {
	select {
	case d.added <- struct{}{}:
	default: // also on PostgreSQL, where added is nil
	}
}
