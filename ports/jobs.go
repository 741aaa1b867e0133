package ports

import "context"

// JobKind names what a durable job does.
type JobKind string

// The kinds of jobs, as stored in the queue.
const (
	JobSettleRun     JobKind = "settle_run"     // after a run: judge, rank, count. ID: the record
	JobPublishCourse JobKind = "publish_course" // after a course: thumbnail, first statistics. ID: the course
	JobEndSilent     JobKind = "end_silent"     // periodic: ends silent sessions, purges abandoned chunks. No ID
)

// Job is one piece of work that must not be lost.
type Job struct {
	Kind JobKind
	ID   string // what it is about, canonical UUID
}

// Enqueuer adds jobs to the queue. Within a transaction the job exists exactly
// when the transaction commits.
type Enqueuer interface {
	Enqueue(ctx context.Context, job Job) error
}

// JobHandler does a job. It may be called more than once for one job, also
// after it succeeded (a crash between effect and acknowledgement), and must
// then change nothing. An error has the job tried again later; last says that
// it is the last try.
type JobHandler func(ctx context.Context, job Job, last bool) error

// Workers work off the queue. Start returns once they run; Stop waits until
// running jobs have ended or ctx is done, then releases them to others. Both
// are harmless twice; Stop also before Start.
type Workers interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}
