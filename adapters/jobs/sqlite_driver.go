package jobs

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// sqliteDriver is River's driver with another way to hear of new jobs. SQLite
// has no notifications; River makes up for it with a table that every insert
// writes to and every client reads 20 times a second. Asking the queue itself
// whether a job waits is cheaper than both, and sooner.
type sqliteDriver struct {
	*riversqlite.Driver
	database Database
}

func newSQLiteDriver(database Database) sqliteDriver {
	return sqliteDriver{riversqlite.New(database.sqlite), database}
}

var _ riverdriver.Driver[*sql.Tx] = sqliteDriver{}

// SupportsListenNotify says that inserts need not write notifications.
func (sqliteDriver) SupportsListenNotify() bool { return false }

// GetListener makes the listener of a client that works.
func (d sqliteDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return &sqliteListener{database: d.database}
}

// sqliteListener tells of jobs that wait, and of nothing else: the rest of what
// River notifies of are hints that it can do without.
type sqliteListener struct {
	database Database

	mu   sync.Mutex
	look *sql.Stmt // nil when not connected

	eagerUntil time.Time
}

// How often a listener looks. A look costs about 0.1 ms of the processor, too
// much to do it all the time. So it is done often for a while after this process
// has added a job, whose transaction is about to commit, and seldom else: for
// retries and for jobs that another process adds.
const (
	eagerLook = time.Millisecond
	eagerFor  = 200 * time.Millisecond
	idleLook  = 50 * time.Millisecond
)

const (
	insertTopic   = "river_insert"
	insertPayload = `{"queue":"` + river.QueueDefault + `"}`
)

// Connect implements riverdriver.Listener.
func (l *sqliteListener) Connect(ctx context.Context) error {
	look, err := l.database.sqlite.PrepareContext(ctx, liteJobWaits)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look = look
	return nil
}

// Close implements riverdriver.Listener.
func (l *sqliteListener) Close(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.look == nil {
		return nil
	}
	look := l.look
	l.look = nil
	return look.Close()
}

// WaitForNotification returns when a job waits; while one does, again and again,
// which costs nothing: a client whose hands are full does not fetch.
func (l *sqliteListener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	for {
		if err := l.wait(ctx); err != nil {
			return nil, err
		}
		l.mu.Lock()
		look := l.look
		l.mu.Unlock()
		if look == nil {
			return nil, sql.ErrConnDone
		}
		var waits bool
		// The driver starts a goroutine for a context that can end; this ends soon.
		if err := look.QueryRowContext(context.WithoutCancel(ctx)).Scan(&waits); err != nil {
			return nil, err
		}
		if waits {
			return &riverdriver.Notification{Topic: insertTopic, Payload: insertPayload}, nil
		}
	}
}

// wait waits until it is time to look.
func (l *sqliteListener) wait(ctx context.Context) error {
	every := idleLook
	if time.Now().Before(l.eagerUntil) {
		every = eagerLook
	}
	timer := time.NewTimer(every)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.database.added:
		l.eagerUntil = time.Now().Add(eagerFor)
	case <-timer.C:
	}
	return nil
}

// Ping implements riverdriver.Listener.
func (l *sqliteListener) Ping(ctx context.Context) error { return l.database.sqlite.PingContext(ctx) }

// Schema implements riverdriver.Listener: SQLite has one.
func (*sqliteListener) Schema() string { return "" }

// Listen, Unlisten and SetAfterConnectExec implement riverdriver.Listener.
func (*sqliteListener) Listen(context.Context, string) error   { return nil }
func (*sqliteListener) Unlisten(context.Context, string) error { return nil }
func (*sqliteListener) SetAfterConnectExec(string)             {}
