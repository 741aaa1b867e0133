package gormstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/runvs/runvs/ports"
)

// What was deleted is not in the file. SQLite overwrites deleted rows with zeros
// (secure_delete); the copies of them in the log go with scrubSQLite.

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
