package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/runvs/runvs/ports"
)

// worker hands River's jobs to the application.
type worker struct {
	river.WorkerDefaults[args]
	handler  ports.JobHandler
	backoff  func(try int) time.Duration
	turns    *turns
	note     func(ctx context.Context, job int64, alone bool) error // whether a suspect has its turn
	log      *slog.Logger
	stopping *atomic.Bool // running jobs were told to end
}

// Work implements river.Worker. That the job is being tried is in the database
// since it was handed out: its state is running, and who runs it is noted.
func (w *worker) Work(ctx context.Context, row *river.Job[args]) error {
	release, err := w.turn(ctx, row.JobRow)
	if err != nil {
		return w.postpone(ctx, row.JobRow, err)
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, ports.JobTime)
	defer cancel()
	job := ports.Job{Kind: ports.JobKind(row.Kind), ID: row.Args.ID}
	if row.Attempt >= row.MaxAttempts {
		return w.giveUp(ctx, job, row.JobRow)
	}
	switch err = w.handler.Handle(ctx, job); {
	case err == nil:
		return nil
	case w.told(ctx) || ports.Blameless(err):
		return w.postpone(ctx, row.JobRow, err)
	}
	w.log.WarnContext(ctx, "a job failed", "kind", job.Kind, "id", job.ID, "failures", row.Attempt, "error", err)
	return err
}

// turn waits for the job's turn. When a suspect's begins and ends is noted at
// once: before it and after it the process may die of another job, and River
// writes what became of a job up to a quarter of a second later.
func (w *worker) turn(ctx context.Context, row *rivertype.JobRow) (release func(), err error) {
	suspect := row.Queue == suspectQueue
	free, err := w.turns.take(ctx, suspect)
	if err != nil || !suspect {
		return free, err
	}
	if err := w.note(ctx, row.ID, true); err != nil {
		free()
		return nil, err
	}
	return func() {
		defer free()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
		defer cancel()
		if err := w.note(ctx, row.ID, false); err != nil {
			w.log.WarnContext(ctx, "the end of a suspect's turn was not noted", "job", row.ID, "error", err)
		}
	}, nil
}

// told reports whether the job was told to end, so that whatever its error says
// is not its fault.
func (w *worker) told(ctx context.Context) bool { return w.stopping.Load() && ctx.Err() != nil }

// postpone gives a job back with its try: after a pause that grows or, when the
// process stops, at once.
func (w *worker) postpone(ctx context.Context, row *rivertype.JobRow, err error) error {
	if w.told(ctx) {
		return fmt.Errorf("%w: %w", context.Canceled, err) // the cause that River looks for
	}
	pause := w.backoff(accountOf(row).Snoozes + 1)
	w.log.WarnContext(ctx, "a job must wait", "kind", row.Kind, "job", row.ID, "pause", pause, "error", err)
	return river.JobSnooze(spread(pause))
}

// giveUp tells the application that a job is set aside. The error that it returns
// is the reason; River sets the job aside, since no attempts are left.
func (w *worker) giveUp(ctx context.Context, job ports.Job, row *rivertype.JobRow) error {
	reason := reasonOf(row)
	if err := w.handler.GiveUp(ctx, job, reason); err != nil {
		if w.told(ctx) || ports.Blameless(err) {
			return w.postpone(ctx, row, err)
		}
		w.log.ErrorContext(ctx, "nobody could be told that a job is set aside", "kind", job.Kind, "id", job.ID, "error", err)
	}
	w.log.ErrorContext(ctx, "a job is set aside", "kind", job.Kind, "id", job.ID, "job", row.ID, "reason", reason)
	return errors.New(reason)
}

// account is what a job's metadata keep of its past.
type account struct {
	Deaths  int `json:"deaths"`
	Snoozes int `json:"snoozes"` // River counts how often a job was given back
}

func accountOf(row *rivertype.JobRow) (a account) {
	_ = json.Unmarshal(row.Metadata, &a) // River's own; an account that cannot be read is empty
	return a
}

// reasonDied is why a job is set aside that has killed the process.
const reasonDied = "the process died twice while doing it" // ports.MaxDeaths

// maxReason bounds a reason, in bytes: an error may quote what it was about.
const maxReason = 500

func reasonOf(row *rivertype.JobRow) string {
	if accountOf(row).Deaths >= ports.MaxDeaths {
		return reasonDied
	}
	last := "it is not known why"
	if n := len(row.Errors); n > 0 {
		last = row.Errors[n-1].Error
	}
	if len(last) > maxReason {
		last = strings.ToValidUTF8(last[:maxReason], "") + "…"
	}
	return fmt.Sprintf("it failed %d times, at last: %s", row.MaxAttempts-1, last)
}
