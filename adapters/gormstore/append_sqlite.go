package gormstore

import (
	"context"
	"errors"
	"sync"

	"gorm.io/gorm"

	"github.com/runvs/runvs/domain/run"
)

// sqliteAppender takes chunks in through one writer, which commits all that
// are waiting together: the sync to the disk, by far the dearest part, is shared.
// Nobody is answered before the commit.
type sqliteAppender struct {
	db    *gorm.DB
	queue chan *waiting
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
}

// waiting is one caller's chunk and where the answer goes.
type waiting struct {
	ctx    context.Context //nolint:containedctx // it is the caller's, who waits for the answer
	in     appending
	err    error
	answer chan error
}

// maxGroup is how many chunks share one commit at most.
const maxGroup = 64

func newSQLiteAppender(db *gorm.DB) *sqliteAppender {
	a := &sqliteAppender{db: db, queue: make(chan *waiting), stop: make(chan struct{}), done: make(chan struct{})}
	go a.run()
	return a
}

// Close stops the writer after what it is doing.
func (a *sqliteAppender) Close() error {
	a.once.Do(func() { close(a.stop) })
	<-a.done
	return nil
}

var errClosed = errors.New("the store is closed")

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
	return <-w.answer
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
	err := a.db.Transaction(func(tx *gorm.DB) error {
		for _, w := range group {
			if w.err = a.store(tx, w); w.err != nil && brokenTransaction(w.err) {
				return w.err
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
// fails leaves no trace, for SQLite undoes the statement alone.
func (a *sqliteAppender) store(tx *gorm.DB, w *waiting) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	r := repo{db: tx, dialect: sqliteDialect{}}
	var row sessionRow
	if err := tx.Take(&row, "id = ?", key(w.in.sid)).Error; err != nil {
		return r.found(err, run.ErrSessionNotFound)
	}
	ledgers, err := r.ledgers(context.WithoutCancel(w.ctx), row)
	if err != nil {
		return err
	}
	store, err := w.in.decide(row, ledgers[row.ID.ID])
	if err != nil || !store {
		return err
	}
	err = tx.Create(w.in.row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return errChunkTaken
	}
	return err
}

// brokenTransaction reports whether an error ended the whole transaction.
func brokenTransaction(err error) bool {
	d := sqliteDialect{}
	return d.outage(err) || d.transient(err)
}
