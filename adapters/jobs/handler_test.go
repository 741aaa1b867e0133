package jobs_test

import (
	"context"
	"sync"

	"github.com/runvs/runvs/ports"
)

// doing is a handler to which giving up is nothing.
type doing func(ctx context.Context, job ports.Job) error

// Handle implements ports.JobHandler.
func (d doing) Handle(ctx context.Context, job ports.Job) error { return d(ctx, job) }

// GiveUp implements ports.JobHandler.
func (doing) GiveUp(context.Context, ports.Job, string) error { return nil }

// fine does every job.
func fine(context.Context, ports.Job) error { return nil }

// journal remembers what a handler was asked.
type journal struct {
	mu    sync.Mutex
	done  []ports.Job
	given []string // up: the reasons
}

func (j *journal) note(job ports.Job) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done = append(j.done, job)
	return len(j.done)
}

func (j *journal) jobs() []ports.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]ports.Job(nil), j.done...)
}

func (j *journal) reasons() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.given...)
}

// Handle implements ports.JobHandler.
func (j *journal) Handle(_ context.Context, job ports.Job) error {
	j.note(job)
	return nil
}

// GiveUp implements ports.JobHandler.
func (j *journal) GiveUp(_ context.Context, _ ports.Job, reason string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.given = append(j.given, reason)
	return nil
}
