package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// sqlitePresence holds a shared lock on a file beside the database. Who can
// have the lock exclusively is alone, so that every running job is a dead
// process's. That is looked at once, at the start: SQLite is meant for one
// process. If another works on the same file all the same, jobs of a dead one
// wait for River's rescue.
type sqlitePresence struct {
	db *sql.DB

	file *os.File // holds the lock; nil when not held
}

// lockSuffix makes the lock file's name of the database's.
const lockSuffix = "-workers"

func (p *sqlitePresence) appear(ctx context.Context, client string) (int, error) {
	if p.file != nil {
		return 0, nil // a file's lock cannot be lost
	}
	path, err := databaseFile(ctx, p.db)
	if err != nil {
		return 0, fmt.Errorf("jobs: find the database's file: %w", err)
	}
	if path == "" {
		return 0, nil // in memory: its jobs died with their process
	}
	file, err := os.OpenFile(path+lockSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return 0, fmt.Errorf("jobs: open the lock of the workers: %w", err)
	}
	revived, err := p.enter(ctx, file, client)
	if err != nil {
		return 0, errors.Join(fmt.Errorf("jobs: lock the workers' file: %w", err), file.Close())
	}
	p.file = file
	return revived, nil
}

func (p *sqlitePresence) enter(ctx context.Context, file *os.File, client string) (revived int, err error) {
	switch err := flock(file, syscall.LOCK_EX|syscall.LOCK_NB); {
	case err == nil:
		if revived, err = p.reviveOthers(ctx, client); err != nil {
			return 0, err
		}
	case !errors.Is(err, syscall.EWOULDBLOCK):
		return 0, err
	}
	// Another holds the lock exclusively only for as long as reviving takes.
	for {
		err := flock(file, syscall.LOCK_SH|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return revived, err
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return revived, err
		}
	}
}

// flock locks a whole file; a signal that comes in between does not matter.
func flock(file *os.File, how int) error {
	for {
		if err := syscall.Flock(int(file.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// databaseFile returns the path of the main database; "" when it is in memory.
func databaseFile(ctx context.Context, db *sql.DB) (string, error) {
	var path string
	err := db.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	if err != nil || path == "" {
		return "", err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil // a name that means memory, such as that of a shared cache
	}
	return path, nil
}

func (p *sqlitePresence) reviveOthers(ctx context.Context, self string) (_ int, err error) {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	orphans, err := p.orphans(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, o := range orphans {
		f := o.fate()
		note, entry, err := f.written()
		if err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, liteRevive, o.id, f.state(), f.queue(), f.attempt, entry, note); err != nil {
			return 0, err
		}
	}
	// A dead leader would keep this client from leading until its term ends.
	if _, err := tx.ExecContext(ctx, liteForgetLeaders, self); err != nil {
		return 0, err
	}
	return len(orphans), tx.Commit()
}

// orphans returns all running jobs: nobody works now, not even this client.
func (p *sqlitePresence) orphans(ctx context.Context, tx *sql.Tx) (orphans []orphan, err error) {
	rows, err := tx.QueryContext(ctx, liteOrphans, suspectQueue)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var o orphan
		if err := rows.Scan(&o.id, &o.attempt, &o.maxAttempts, &o.deaths, &o.suspect, &o.alone); err != nil {
			return nil, err
		}
		orphans = append(orphans, o)
	}
	return orphans, rows.Err()
}

// leave closes the file, which frees its lock. The file stays: another may be
// about to lock it.
func (p *sqlitePresence) leave(context.Context) error {
	if p.file == nil {
		return nil
	}
	file := p.file
	p.file = nil
	return file.Close()
}
