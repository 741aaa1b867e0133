package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/ports"
)

// disconnect ends every session of the database but the one that asks.
func (b backend) disconnect(t *testing.T) {
	t.Helper()
	_, err := b.sql.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	must(t, err)
}

// tryEnqueue adds a job, or says why not: connections of the pool may be dead.
func (b backend) tryEnqueue(t *testing.T, job ports.Job) error {
	t.Helper()
	enqueuer := get(jobs.NewEnqueuer(b.database, nil))(t)
	tx, err := b.sql.BeginTx(t.Context(), nil)
	if err != nil {
		return err
	}
	if err := enqueuer.Enqueue(t.Context(), tx, job); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// completed returns how many jobs are completed; -1 when the database did not answer.
func (b backend) completed(t *testing.T) int {
	t.Helper()
	var n int
	if b.sql.QueryRowContext(t.Context(), "SELECT count(*) FROM river_job WHERE state = 'completed'").Scan(&n) != nil {
		return -1
	}
	return n
}

func TestTheWorkGoesOnAfterTheDatabaseCutEverybodyOff(t *testing.T) {
	b := newPostgres(t)
	var seen journal
	running, release := make(chan struct{}, 1), make(chan struct{})
	must(t, b.workers(t, doing(func(_ context.Context, job ports.Job) error {
		if seen.note(job) == 1 {
			running <- struct{}{}
			<-release
		}
		return nil
	})).Start(t.Context()))
	b.enqueue(t, settle())
	<-running
	// Another, which must not take the living one for dead.
	must(t, b.workers(t, &seen).Start(t.Context()))

	b.disconnect(t)
	began := time.Now()
	eventuallyWithin(t, soon, "a new job is added", func() bool { return b.tryEnqueue(t, settle()) == nil })
	eventuallyWithin(t, soon, "the new job is completed", func() bool { return b.completed(t) == 1 })
	t.Logf("working again after %v", time.Since(began))
	b.disconnect(t)
	close(release)
	eventuallyWithin(t, soon, "the job that ran meanwhile is completed", func() bool { return b.completed(t) == 2 })
	if n := len(seen.jobs()); n != 2 {
		t.Errorf("2 jobs were run %d times", n)
	}
}
