package ports

import (
	"context"
	"time"
)

// JobState is where a job is.
type JobState string

// The states of jobs that are not done.
const (
	JobWaiting JobState = "waiting" // for a worker, or for the end of a pause
	JobRunning JobState = "running"
	JobFailed  JobState = "failed" // set aside: nothing tries it until somebody says so
)

// JobEntry is a job as the desk shows it.
type JobEntry struct {
	Number int64 // names the job at the desk
	Job    Job
	State  JobState
	Tries  int       // that came to nothing, deaths included
	Deaths int       // of the process while it did the job
	Reason string    // of the last failure; "" for none
	Since  time.Time // when it was set aside; when it is or was due else
}

// JobCounts are sums over the queue. Kinds with no job are not in the maps.
type JobCounts struct {
	SetAside map[JobKind]int
	Waiting  map[JobKind]int
	Oldest   time.Time // when the oldest waiting job was added; zero when none waits
}

// JobDesk shows whoever runs the server the jobs that are not done, and has
// those that were set aside tried again or forgotten. It may be used while
// workers work.
type JobDesk interface {
	// Jobs returns up to limit jobs in a state, the newest first.
	Jobs(ctx context.Context, state JobState, limit int) ([]JobEntry, error)
	// Counts sums up the queue.
	Counts(ctx context.Context) (JobCounts, error)
	// Retry has a job that was set aside tried again as if it were new, and reports
	// whether there was such a job. One that has killed is done alone, and set
	// aside again by one more death.
	Retry(ctx context.Context, number int64) (bool, error)
	// RetryAll does so with all of them and returns how many there were.
	RetryAll(ctx context.Context) (int, error)
	// Drop forgets a job that was set aside, and reports whether there was such a
	// job. What it was about stays as it is.
	Drop(ctx context.Context, number int64) (bool, error)
}
