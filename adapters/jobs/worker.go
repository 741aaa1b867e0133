package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/riverqueue/river"

	"github.com/runvs/runvs/ports"
)

// worker hands River's jobs to the application.
type worker struct {
	river.WorkerDefaults[args]
	handle   ports.JobHandler
	log      *slog.Logger
	stopping *atomic.Bool // running jobs were told to end
}

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, job *river.Job[args]) error {
	last := job.Attempt >= job.MaxAttempts
	err := w.handle(ctx, ports.Job{Kind: ports.JobKind(job.Kind), ID: job.Args.ID}, last)
	if err == nil {
		return nil
	}
	if w.stopping.Load() && ctx.Err() != nil {
		// Not the job's fault, whatever its error says: River gives the try back and
		// makes the job available at once when it sees this cause.
		return fmt.Errorf("%w: %w", context.Canceled, err)
	}
	level, message := slog.LevelWarn, "a job failed and will be tried again"
	if last {
		level, message = slog.LevelError, "a job failed for the last time"
	}
	w.log.Log(ctx, level, message, "kind", job.Kind, "id", job.Args.ID, "attempt", job.Attempt, "error", err)
	return err
}
