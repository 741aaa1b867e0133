package gormstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// failure says what an error of a database asks for.
type failure int

const (
	defect  failure = iota // a mistake of ours, or a rule of the tables broken
	passing                // run the transaction again
	outage                 // the database itself is the problem
)

// faultOf classifies an error of the database, once, at the adapter's edge. What
// is a fault already, and what the caller's context ended, passes through.
func faultOf(err error) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	if failureOf(err) == defect {
		return err
	}
	return ports.ErrStoreUnavailable.Because(err)
}

func failureOf(err error) failure {
	var refused *pgconn.ConnectError
	if errors.As(err, &refused) && !errors.Is(err, context.Canceled) {
		return outage // before the next test: a connection's own time limit is no caller's
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return defect
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return postgresFailure(pg.Code)
	}
	if code := sqlite.Code(err); code != 0 {
		return sqliteFailure(code)
	}
	if lostConnection(err) {
		return outage
	}
	return defect
}

// postgresFailure reads a code of
// https://www.postgresql.org/docs/15/errcodes-appendix.html.
func postgresFailure(code string) failure {
	switch code {
	case "40001", "40P01": // serialization failure, deadlock
		return passing
	case "25006", "25P03", "55P03": // read-only, idle for too long, lock not available
		return outage
	}
	if len(code) == 5 {
		switch code[:2] {
		case "08", "53", "57", "58": // connection, resources, operator or timeout, system
			return outage
		}
	}
	return defect
}

// sqliteFailure reads a code of https://www.sqlite.org/rescode.html. Busy comes
// only after the busy timeout, so it is not tried again.
func sqliteFailure(code int) failure {
	if code == sqlite.BusySnapshot {
		return passing
	}
	switch sqlite.Primary(code) {
	case sqlite.Busy, sqlite.Locked, sqlite.Full, sqlite.IOError, sqlite.ReadOnly,
		sqlite.CannotOpen, sqlite.NoMemory, sqlite.Protocol:
		return outage
	}
	return defect
}

// lostConnection reports whether a connection broke, or the store was closed.
func lostConnection(err error) bool {
	for _, lost := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn, sql.ErrConnDone,
		puddle.ErrClosedPool, errClosed, errDatabaseClosed,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	var n net.Error
	return errors.As(err, &n) || pgconn.SafeToRetry(err)
}

// errClosed answers to those who come after Close.
var errClosed = errors.New("the store is closed")

// errDatabaseClosed is what database/sql, which does not export it, says then.
var errDatabaseClosed = func() error {
	db := sql.OpenDB(noConnector{})
	if err := db.Close(); err != nil {
		return err
	}
	return db.Ping()
}()

type noConnector struct{}

// Connect implements driver.Connector.
func (noConnector) Connect(context.Context) (driver.Conn, error) { return nil, errClosed }

// Driver implements driver.Connector.
func (noConnector) Driver() driver.Driver { return nil }
