package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/runvs/runvs/ports"
)

// Where everybody ran and slept is in one file: nobody else on the host reads it,
// and what was deleted is not in it. SQLite overwrites deleted rows with zeros
// (secure_delete); the copies of them in the log go with scrubSQLite.

// keepPrivate makes the database file when it is missing, and takes the rights of
// others away from one that is there. SQLite gives its log and the log's index the
// rights of the file; those of before are mended here.
func keepPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // it is the configured one
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

// scrubSQLite moves the log into the file, over what was there, and empties it.
func scrubSQLite(ctx context.Context, writer *sql.DB) error {
	var busy bool
	var frames, moved int
	err := writer.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err == nil && busy {
		err = ports.ErrStoreUnavailable.Because(fmt.Errorf("somebody reads: %d of %d pages of the log were moved", moved, frames))
	}
	return faultOf(err)
}
