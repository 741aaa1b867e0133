package app_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// The worker of this process tells who waits at it, also that it gave a job up.
func TestWhoWaitsForARunHearsOfItAtOnce(t *testing.T) {
	for want, end := range map[run.Processing]func(w world, job ports.Job) error{
		run.ProcessingDone:   func(w world, job ports.Job) error { return w.Handle(t.Context(), job) },
		run.ProcessingFailed: func(w world, job ports.Job) error { return w.GiveUp(t.Context(), job, "it failed") },
	} {
		w := newWorld(t)
		rec, _, err := w.Runs.Complete(t.Context(), w.mina, w.start(t, minute(0, run.Final, 300)), app.CompleteInput{})
		noError(t, err)
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			const takes = 100*time.Second + time.Millisecond
			go func() {
				time.Sleep(takes) // by synctest's clock
				if err := end(w, ports.Job{Kind: ports.JobSettleRun, ID: rec.ID.String()}); err != nil {
					t.Error(err)
				}
			}()
			got := w.Runs.Await(t.Context(), rec, time.Hour)
			if late := time.Since(began) - takes; got.Processing != want || late != 0 {
				t.Errorf("%s %v late, want %s", got.Processing, late, want)
			}
		})
	}
}
