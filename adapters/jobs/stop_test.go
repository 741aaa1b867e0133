package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/runvs/runvs/ports"
)

func TestAJobThatNeverEndsIsReportedAndTakenUpByOthers(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		running, release := make(chan struct{}), make(chan struct{})
		first := b.workers(t, doing(func(context.Context, ports.Job) error {
			close(running)
			<-release // whatever its context says
			return nil
		}))
		must(t, first.Start(t.Context()))
		b.enqueue(t, settle())
		<-running
		defer close(release)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := first.Stop(ended); err == nil {
			t.Error("stopped without a word")
		}
		again := make(chan struct{})
		must(t, b.workers(t, doing(func(context.Context, ports.Job) error {
			close(again)
			return nil
		})).Start(t.Context()))
		select {
		case <-again:
		case <-time.After(20 * time.Second):
			t.Error("nobody took the job up")
		}
	})
}
