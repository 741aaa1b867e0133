package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/runvs/runvs/ports"
)

// disconnect ends every session of the database but the one that asks.
func (b backend) disconnect(t *testing.T) {
	t.Helper()
	_, err := b.sql.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	must(t, err)
}

func TestTheWorkGoesOnAfterTheDatabaseCutEverybodyOff(t *testing.T) {
	b := newPostgres(t)
	var seen journal
	running, release := make(chan struct{}, 1), make(chan struct{})
	must(t, b.workers(t, func(_ context.Context, job ports.Job, last bool) error {
		if seen.note(job, last) == 1 {
			running <- struct{}{}
			<-release
		}
		return nil
	}).Start(t.Context()))
	b.enqueue(t, 0, settle())
	<-running
	// Another, which must not take the living one for dead.
	must(t, b.workers(t, func(_ context.Context, job ports.Job, last bool) error {
		seen.note(job, last)
		return nil
	}).Start(t.Context()))

	b.disconnect(t)
	began := time.Now()
	b.enqueue(t, 0, settle())
	eventuallyWithin(t, soon, "the new job is completed", func() bool { return b.count(t, "completed") == 1 })
	t.Logf("working again after %v", time.Since(began))
	b.disconnect(t)
	close(release)
	eventuallyWithin(t, soon, "the job that ran meanwhile is completed", func() bool { return b.count(t, "completed") == 2 })
	if n := len(seen.all()); n != 2 {
		t.Errorf("2 jobs were run %d times", n)
	}
}
