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

// attempts is how often River hands a job out: as often as it may fail, and once
// more for giving it up. So giving up is itself done by a worker, is tried again
// after an outage, and ends with the job set aside whatever happens in it.
const attempts = ports.MaxFailures + 1

// insertOpts says how a job of a kind is kept.
//
// A single job is unique until it is done, also while it is set aside. A job
// about a run or a course is not: River can tell jobs apart only when running
// ones count too, and a job that is added while its like runs must not vanish,
// for the running one may have read what was there before. Doubling does no
// harm, and the transaction that adds the job happens once.
func insertOpts(kind ports.JobKind) *river.InsertOpts {
	opts := &river.InsertOpts{MaxAttempts: attempts, Priority: kind.Rank()}
	if kind.Single() {
		opts.UniqueOpts = river.UniqueOpts{
			ByArgs: true,
			ByState: []rivertype.JobState{
				rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
				rivertype.JobStateRetryable, rivertype.JobStateScheduled, rivertype.JobStateDiscarded,
			},
		}
	}
	return opts
}
