package ports

import (
	"context"

	"github.com/runvs/runvs/domain/fault"
)

// ErrServerBusy answers when there is no room for more work now.
var ErrServerBusy = fault.New(fault.Unavailable, "server_busy", "the server works on as much as it has room for; try again after the time in Retry-After")

// Budget is the memory that heavy work may take at once: parsing files,
// measuring, judging, shapes and pictures. Whoever does such work says
// beforehand how many bytes it may take, holds them while it works, and gives
// them back. Nobody takes twice: who holds a share and waits for another may
// wait for ever.
type Budget interface {
	// Take waits for a share of bytes; work that is larger than the whole budget
	// takes all of it, and so works alone. A request waits for a moment, a job
	// (AsJob) as long as its context lives. release gives the share back and must
	// be called; calling it twice is harmless. Faults: ErrServerBusy
	// (detail "retry_after": whole seconds), also when the context's deadline ended
	// the waiting; context.Canceled.
	Take(ctx context.Context, bytes int64) (release func(), err error)
}

type jobKey struct{}

// AsJob marks a context as that of a job of the queue: nobody waits for its
// answer, so it can wait for its turn.
func AsJob(ctx context.Context) context.Context { return context.WithValue(ctx, jobKey{}, true) }

// IsJob reports whether a context is that of a job.
func IsJob(ctx context.Context) bool { return ctx.Value(jobKey{}) != nil }
