package jobs_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/jobs"
	"github.com/runvs/runvs/ports"
)

// BenchmarkWork works off a backlog of jobs that do nothing.
func BenchmarkWork(b *testing.B) {
	for name, open := range map[string]func(testing.TB) backend{"postgres": newPostgres, "sqlite": newSQLite} {
		b.Run(name, func(b *testing.B) {
			queue := open(b)
			const batch = 1000
			for left := b.N; left > 0; left -= batch {
				all := make([]ports.Job, min(left, batch))
				for i := range all {
					all[i] = settle()
				}
				queue.enqueue(b, all...)
			}
			var done atomic.Int64
			finished := make(chan struct{})
			w := queue.workers(b, doing(func(context.Context, ports.Job) error {
				if done.Add(1) == int64(b.N) {
					close(finished)
				}
				return nil
			}), func(c *jobs.Config) { c.Concurrency = 20 })
			b.ResetTimer()
			must(b, w.Start(b.Context()))
			<-finished
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}

// BenchmarkPickUp measures the time from the commit of a job to its handler.
func BenchmarkPickUp(b *testing.B) {
	for name, open := range map[string]func(testing.TB) backend{"postgres": newPostgres, "sqlite": newSQLite} {
		b.Run(name, func(b *testing.B) {
			queue := open(b)
			picked := make(chan time.Time)
			must(b, queue.workers(b, doing(func(context.Context, ports.Job) error {
				picked <- time.Now()
				return nil
			})).Start(b.Context()))
			waits := make([]time.Duration, b.N)
			for i := range waits {
				queue.enqueue(b, settle())
				committed := time.Now()
				waits[i] = (<-picked).Sub(committed)
			}
			slices.Sort(waits)
			b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
