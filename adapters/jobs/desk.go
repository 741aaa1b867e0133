package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/rivertype"

	"github.com/runvs/runvs/ports"
)

// Desk implements ports.JobDesk. It needs no workers, and any number of them may
// work beside it.
type Desk struct {
	database Database
	sql      *sql.DB
}

var _ ports.JobDesk = (*Desk)(nil)

// NewDesk makes a desk of a queue that is migrated.
func NewDesk(database Database) (*Desk, error) {
	if err := database.check(); err != nil {
		return nil, err
	}
	d := &Desk{database: database, sql: database.sqlite}
	if database.pool != nil {
		d.sql = stdlib.OpenDBFromPool(database.pool)
	}
	return d, nil
}

// query runs the statement of the desk's database and visits its rows.
func (d *Desk) query(ctx context.Context, postgres, sqlite string, visit func(*sql.Rows) error, args ...any) (err error) {
	statement := postgres
	if d.database.pool == nil {
		statement = sqlite
	}
	rows, err := d.sql.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := visit(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Jobs implements ports.JobDesk.
func (d *Desk) Jobs(ctx context.Context, state ports.JobState, limit int) (out []ports.JobEntry, err error) {
	in := "'available', 'retryable', 'scheduled'"
	switch state {
	case ports.JobRunning:
		in = "'running'"
	case ports.JobFailed:
		in = "'discarded'"
	}
	err = d.query(ctx, pgList(in), liteList(in),
		func(rows *sql.Rows) error {
			e := ports.JobEntry{State: state}
			var attempt, most, failures int
			var since float64
			if err := rows.Scan(&e.Number, &e.Job.Kind, &e.Job.ID, &attempt, &most, &e.Deaths, &failures, &e.Reason, &since); err != nil {
				return err
			}
			switch {
			case e.Deaths >= ports.MaxDeaths: // then attempt says that only giving up is left
			case state == ports.JobRunning:
				failures = attempt - 1
			default:
				failures = min(attempt, most-1)
			}
			e.Tries, e.Since = failures+e.Deaths, instant(since)
			out = append(out, e)
			return nil
		}, limit)
	if err != nil {
		return nil, fmt.Errorf("jobs: list the queue: %w", err)
	}
	return out, nil
}

// instant is the time of a database's seconds since 1970, to the millisecond.
func instant(seconds float64) time.Time {
	return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
}

// Counts implements ports.JobDesk.
func (d *Desk) Counts(ctx context.Context) (ports.JobCounts, error) {
	out := ports.JobCounts{SetAside: map[ports.JobKind]int{}, Waiting: map[ports.JobKind]int{}}
	err := d.query(ctx, pgCounts, liteCounts,
		func(rows *sql.Rows) error {
			var kind ports.JobKind
			var state string
			var n int
			var oldest float64
			if err := rows.Scan(&kind, &state, &n, &oldest); err != nil {
				return err
			}
			if state == string(rivertype.JobStateDiscarded) {
				out.SetAside[kind] += n
				return nil
			}
			out.Waiting[kind] += n
			if at := instant(oldest); out.Oldest.IsZero() || at.Before(out.Oldest) {
				out.Oldest = at
			}
			return nil
		})
	if err != nil {
		return out, fmt.Errorf("jobs: count the queue: %w", err)
	}
	return out, nil
}

// Retry implements ports.JobDesk.
func (d *Desk) Retry(ctx context.Context, number int64) (bool, error) {
	n, err := d.retry(ctx, number)
	return n > 0, err
}

// RetryAll implements ports.JobDesk.
func (d *Desk) RetryAll(ctx context.Context) (int, error) { return d.retry(ctx, 0) }

// retry makes a job that was set aside new, or all of them for 0. One that has
// killed stays a suspect.
func (d *Desk) retry(ctx context.Context, number int64) (int, error) {
	n, err := d.database.exec(ctx, pgRetry, liteRetry, number, attempts, suspectQueue)
	if err != nil {
		return 0, fmt.Errorf("jobs: have jobs tried again: %w", err)
	}
	return n, nil
}

// Drop implements ports.JobDesk.
func (d *Desk) Drop(ctx context.Context, number int64) (bool, error) {
	n, err := d.database.exec(ctx,
		pgDrop,
		liteDrop, number)
	if err != nil {
		return false, fmt.Errorf("jobs: drop job %d: %w", number, err)
	}
	return n > 0, nil
}
