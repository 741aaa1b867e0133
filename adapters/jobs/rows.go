package jobs

import (
	"context"
	"fmt"

	"github.com/runvs/runvs/ports"
)

// What is noted in River's rows beside what River does. Statements that differ
// between the databases stand side by side.

// exec runs the statement of the database that the queue is in, and returns how
// many rows it changed.
func (d Database) exec(ctx context.Context, postgres, sqlite string, args ...any) (int, error) {
	if d.pool != nil {
		tag, err := d.pool.Exec(ctx, postgres, args...)
		return int(tag.RowsAffected()), err
	}
	result, err := d.sqlite.ExecContext(ctx, sqlite, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// noteTurn notes that a suspect is done alone now by a client, or no longer.
func (d Database) noteTurn(ctx context.Context, job int64, client string, alone bool) error {
	if !alone {
		client = ""
	}
	_, err := d.exec(ctx,
		pgNoteTurn,
		liteNoteTurn, job, client)
	if err != nil {
		return fmt.Errorf("jobs: note whether job %d is done alone: %w", job, err)
	}
	return nil
}

// forgetPeriodic deletes a periodic job that was set aside: see clearWay.
func (d Database) forgetPeriodic(ctx context.Context, kind ports.JobKind) error {
	_, err := d.exec(ctx, pgForgetPeriodic, liteForgetPeriodic,
		string(kind), ports.MaxDeaths, periodicRest.Seconds())
	return err
}
