package jobs_test

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/runvs/runvs/ports"
)

func TestIdle(t *testing.T) {
	onBoth(t, func(t *testing.T, b backend) {
		must(t, b.workers(t, func(context.Context, ports.Job, bool) error { return nil }).Start(t.Context()))
		var a, z syscall.Rusage
		time.Sleep(1 * time.Second)
		_ = syscall.Getrusage(0, &a)
		time.Sleep(5 * time.Second)
		_ = syscall.Getrusage(0, &z)
		t.Logf("cpu ms/s %v", float64(z.Utime.Nano()+z.Stime.Nano()-a.Utime.Nano()-a.Stime.Nano())/5e6)
	})
}
