package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// dsn names a file and how it is used. The busy timeout is for other programs that
// write to it: within this one, writers queue up for the one connection that writes.
func dsn(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_journal_mode=WAL&_busy_timeout=2000&_foreign_keys=on&_txlock=immediate&_synchronous=FULL&" + options
}

// OpenWriter opens the one connection that writes to a database file, and makes the
// file and its folder when they are missing. Commits are synced to the disk.
func OpenWriter(ctx context.Context, path string) (*sql.DB, error) {
	if err := keepPrivate(path); err != nil {
		return nil, fmt.Errorf("the database file or its folder cannot be made, or be kept from others: %w", err)
	}
	db, err := sql.Open(Driver, dsn(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database file cannot be opened: %w", err), db.Close())
	}
	return db, nil
}

// OpenReaders opens up to n connections to a database file, none of which may write.
func OpenReaders(path string, n int) (*sql.DB, error) {
	db, err := sql.Open(Driver, dsn(path)+"&_query_only=true")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// Where everybody ran and slept is in one file: nobody else on the host reads it.

// keepPrivate makes the database file when it is missing, and takes the rights of
// others away from one that is there. SQLite gives its log and the log's index the
// rights of the file; those of before are mended here.
func keepPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(file)
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = os.Chmod(file, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
