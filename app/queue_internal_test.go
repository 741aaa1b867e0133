package app

import (
	"testing"

	"github.com/runvs/runvs/ports"
)

// A job that failed is tried again: who waits for it goes on waiting.
func TestAJobThatFailedIsNotToldAsDone(t *testing.T) {
	a := New(Deps{}, Settings{})
	job := ports.Job{Kind: ports.JobSettleRun, ID: "no id"}
	ended, leave := a.ended.listen(job)
	defer leave()
	if a.Handle(t.Context(), job) == nil || a.GiveUp(t.Context(), job, "it failed") == nil {
		t.Fatal("a job about nothing was done")
	}
	select {
	case <-ended:
		t.Error("it was told as done")
	default:
	}
}
