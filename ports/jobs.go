package ports

import (
	"context"
	"fmt"
	"slices"

	"github.com/runvs/runvs/domain/id"
)

// JobKind names what a durable job does.
type JobKind string

// The kinds of jobs, as stored in the queue.
const (
	JobSettleRun     JobKind = "settle_run"     // after a run: judge, rank, count. ID: the record
	JobPublishCourse JobKind = "publish_course" // after a course: thumbnail, first statistics. ID: the course
	JobDropAvatar    JobKind = "drop_avatar"    // after a picture was replaced or given up. ID: the picture
	JobExitUser      JobKind = "exit_user"      // after a provider said that somebody left. ID: the user
	JobEndSilent     JobKind = "end_silent"     // periodic: ends silent sessions, purges what is too old. No ID
)

// JobKinds lists all kinds.
func JobKinds() []JobKind {
	return []JobKind{JobSettleRun, JobPublishCourse, JobDropAvatar, JobExitUser, JobEndSilent}
}

// Periodic reports whether jobs of the kind come by the clock and carry no ID.
// One of them at most waits or runs: the next comes anyway.
func (k JobKind) Periodic() bool { return k == JobEndSilent }

// Job is one piece of work that must not be lost.
type Job struct {
	Kind JobKind
	ID   string // what it is about, canonical UUID
}

// Check returns what is wrong with a job. One that no handler can read would be
// tried for hours and help nobody, so adapters refuse it at the door.
func (j Job) Check() error {
	if !slices.Contains(JobKinds(), j.Kind) {
		return fmt.Errorf("no job of kind %q is known", j.Kind)
	}
	if j.Kind.Periodic() != (j.ID == "") {
		return fmt.Errorf("a job of kind %q with ID %q makes no sense", j.Kind, j.ID)
	}
	if !j.Kind.Periodic() {
		if _, err := id.Parse[id.RecordKind](j.ID); err != nil {
			return fmt.Errorf("the ID of a job of kind %q is no UUID", j.Kind)
		}
	}
	return nil
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

// Workers work off the queue. Start returns once they run; they outlive its
// context. Stop waits until running jobs have ended or ctx is done; then it has
// their contexts cancelled and the jobs go back to the queue with their try
// given back. A job that does not end even so is an error. Both are harmless
// twice; Stop also before Start.
type Workers interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}
