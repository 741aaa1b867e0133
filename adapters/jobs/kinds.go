package jobs

import (
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/runvs/runvs/ports"
)

// args is what a job keeps in the queue.
type args struct {
	ID   string `json:"id,omitempty"`
	kind ports.JobKind
}

// Kind implements river.JobArgs.
func (a args) Kind() string { return string(a.kind) }

// DefaultMaxAttempts is how often a job is tried: with Backoff, for about two
// and a half hours.
const DefaultMaxAttempts = 10

// periodicAttempts is how often a periodic job is tried. The next one comes
// soon anyway, and must not wait for an old one's long pauses.
const periodicAttempts = 3

// insertOpts says how a job of a kind is kept.
//
// A periodic job is unique while one waits or runs: the next comes anyway. A job
// about a run or a course is not: River can tell jobs apart only when running
// ones count too, and a job that is added while its like runs must not vanish,
// for the running one may have read what was there before. Doubling does no
// harm, and the transaction that adds the job happens once.
func insertOpts(kind ports.JobKind, maxAttempts int) *river.InsertOpts {
	opts := &river.InsertOpts{MaxAttempts: maxAttempts}
	if kind.Periodic() {
		opts.MaxAttempts = min(maxAttempts, periodicAttempts)
		opts.UniqueOpts = river.UniqueOpts{
			ByArgs: true,
			ByState: []rivertype.JobState{
				rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
				rivertype.JobStateRetryable, rivertype.JobStateScheduled,
			},
		}
	}
	return opts
}
