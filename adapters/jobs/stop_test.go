package jobs_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/ports"
)

func TestStartingAndStoppingTwiceIsHarmless(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		w := b.workers(t, func(context.Context, ports.Job, bool) error { return nil })
		must(t, w.Stop(t.Context()))
		for range 2 {
			must(t, w.Start(t.Context()))
			must(t, w.Start(t.Context()))
			b.enqueue(t, 0, settle())
			eventually(t, "nothing waits", func() bool { return b.count(t, "available") == 0 })
			must(t, w.Stop(t.Context()))
			must(t, w.Stop(t.Context()))
		}
		if n := b.count(t, "completed"); n != 2 {
			t.Errorf("%d jobs are completed, want 2", n)
		}
	})
}

func TestWorkersOutliveTheContextTheyWereStartedWith(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		w := b.workers(t, func(context.Context, ports.Job, bool) error { return nil })
		ctx, cancel := context.WithCancel(t.Context())
		must(t, w.Start(ctx))
		cancel()
		b.enqueue(t, 0, settle())
		eventually(t, "the job is completed", func() bool { return b.count(t, "completed") == 1 })
	})
}

func TestStopWaitsForRunningJobs(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		running, release := make(chan struct{}), make(chan struct{})
		w := b.workers(t, func(ctx context.Context, _ ports.Job, _ bool) error {
			close(running)
			<-release
			return ctx.Err() // was it left in peace?
		})
		must(t, w.Start(t.Context()))
		b.enqueue(t, 0, settle())
		<-running
		stopped := make(chan error)
		go func() { stopped <- w.Stop(t.Context()) }()
		select {
		case err := <-stopped:
			t.Fatalf("stopped with a running job: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		close(release)
		must(t, <-stopped)
		if n := b.count(t, "completed"); n != 1 {
			t.Errorf("%d jobs are completed, want 1", n)
		}
	})
}

func TestAJobThatDoesNotEndInTimeIsReleasedWithItsTry(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		running := make(chan struct{})
		first := b.workers(t, func(ctx context.Context, _ ports.Job, _ bool) error {
			close(running)
			<-ctx.Done()
			return errOther{} // hides that it was cancelled
		})
		must(t, first.Start(t.Context()))
		b.enqueue(t, 1, settle()) // its only try
		<-running
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		must(t, first.Stop(ended))
		if n := b.count(t, "available"); n != 1 {
			t.Fatalf("%d jobs are available, want 1", n)
		}

		var last atomic.Bool
		must(t, b.workers(t, func(_ context.Context, _ ports.Job, l bool) error {
			last.Store(l)
			return nil
		}).Start(t.Context()))
		eventually(t, "another completes it", func() bool { return b.count(t, "completed") == 1 })
		if !last.Load() {
			t.Error("the try that was cut off was not given back")
		}
	})
}

func TestAJobThatNeverEndsIsReportedAndTakenUpByOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		running, release := make(chan struct{}), make(chan struct{})
		first := b.workers(t, func(context.Context, ports.Job, bool) error {
			close(running)
			<-release // whatever its context says
			return nil
		})
		must(t, first.Start(t.Context()))
		b.enqueue(t, 0, settle())
		<-running
		defer close(release)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := first.Stop(ended); err == nil {
			t.Error("stopped without a word")
		}
		again := make(chan struct{})
		must(t, b.workers(t, func(context.Context, ports.Job, bool) error {
			close(again)
			return nil
		}).Start(t.Context()))
		select {
		case <-again:
		case <-time.After(20 * time.Second):
			t.Error("nobody took the job up")
		}
	})
}

type errOther struct{}

func (errOther) Error() string { return "something else" }
