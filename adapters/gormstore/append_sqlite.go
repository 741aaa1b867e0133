package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/adapters/sqlite"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// sqliteAppender takes chunks in through one writer, which commits all that
// are waiting together: the sync to the disk, by far the dearest part, is shared.
// Nobody is answered before the commit.
type sqliteAppender struct {
	repo  *repo
	queue chan *waiting
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
}

// waiting is one caller's chunk and where the answer goes.
type waiting struct {
	ctx      context.Context // it is the caller's, who waits for the answer
	in       appending
	err      error
	panicked any
	answer   chan error
}

// maxGroup is how many chunks share one commit at most.
const maxGroup = 64

func newSQLiteAppender(r *repo) *sqliteAppender {
	a := &sqliteAppender{repo: r, queue: make(chan *waiting), stop: make(chan struct{}), done: make(chan struct{})}
	go a.run()
	return a
}

// Close stops the writer after what it is doing.
func (a *sqliteAppender) Close() error {
	a.once.Do(func() { close(a.stop) })
	<-a.done
	return nil
}

func (a *sqliteAppender) append(ctx context.Context, in appending) error {
	w := &waiting{ctx: ctx, in: in, answer: make(chan error, 1)}
	select {
	case a.queue <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-a.done:
		return errClosed
	}
	// From here on the chunk may be stored: only the writer knows.
	err := <-w.answer
	if w.panicked != nil {
		panic(w.panicked) // where the caller's own protection is
	}
	return err
}

func (a *sqliteAppender) run() {
	defer close(a.done)
	for {
		select {
		case <-a.stop:
			return
		case w := <-a.queue:
			a.commit(a.gather(w))
		}
	}
}

// gather takes whoever is waiting now; it does not wait for more.
func (a *sqliteAppender) gather(first *waiting) []*waiting {
	group := []*waiting{first}
	for len(group) < maxGroup {
		select {
		case w := <-a.queue:
			group = append(group, w)
		default:
			return group
		}
	}
	return group
}

func (a *sqliteAppender) commit(group []*waiting) {
	// Nobody's own context may end what others wait for.
	err := a.repo.transaction(context.Background(), func(tx *repo) error {
		for _, w := range group {
			if w.err = store(tx.db.Statement.ConnPool.(*sql.Tx), w); failureOf(w.err) != defect {
				return w.err // the transaction is broken
			}
		}
		return nil
	})
	for _, w := range group {
		if err != nil {
			w.err = err // the commit failed: nothing of the group is stored
		}
		w.answer <- w.err
	}
}

// store decides on one chunk within the group's transaction. An insert that
// fails leaves no trace, for SQLite undoes the statement alone. GORM is left
// out, for this is the one path that every phone takes every minute.
func store(tx *sql.Tx, w *waiting) (err error) {
	defer func() { w.panicked = recover() }()
	if err := w.ctx.Err(); err != nil {
		return err
	}
	// A caller who goes away now must not break what is the others', too.
	ctx := context.WithoutCancel(w.ctx)
	row, l, err := lookUp(ctx, tx, w.in.sid)
	if err != nil {
		return err
	}
	decided, err := w.in.decide(row, l)
	if err != nil || !decided.store {
		return err
	}
	c := w.in.row
	_, err = tx.ExecContext(ctx, sqlInsert, c.ID, c.SessionID, c.Sequence, c.ChunkType, c.RawGPSPoints, c.FilteredPoints,
		c.ChunkSummary, c.Cumulative, c.CompletedSplits, c.PauseIntervals, c.Digest, c.Fixes, c.Bytes, c.CreatedAt)
	if sqlite.Code(err) == sqlite.ConstraintUnique {
		return errChunkTaken
	}
	if err == nil && w.in.final {
		_, err = tx.ExecContext(ctx, sqlSetFinal, c.SessionID, c.Sequence)
	}
	return err
}

// lookUp returns a session with its ledger, or run.ErrSessionNotFound.
func lookUp(ctx context.Context, tx *sql.Tx, sid id.Session) (row sessionRow, l ledger, err error) {
	row.ID = column.IDOf(sid)
	err = tx.QueryRowContext(ctx, `SELECT user_id, course_id, status, started_at, body_digest, run_record_id, active_since, abandoned_at, created_at
		FROM run_sessions WHERE id = $1`, row.ID).Scan(&row.UserID, &row.CourseID, &row.Status, &row.StartedAt, &row.BodyDigest,
		&row.RunRecordID, &row.ActiveSince, &row.AbandonedAt, &row.CreatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return row, l, run.ErrSessionNotFound
	}
	if err != nil {
		return row, l, err
	}
	rows, err := tx.QueryContext(ctx, sqlLedger, row.ID)
	if err != nil {
		return row, l, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e entryRow
		if err := rows.Scan(&e.Sequence, &e.ChunkType, &e.Digest, &e.Fixes, &e.Bytes, &e.CreatedAt); err != nil {
			return row, l, err
		}
		l.add(e)
	}
	return row, l, rows.Err()
}
