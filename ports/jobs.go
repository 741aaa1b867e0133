package ports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

// JobKind names what a durable job does.
type JobKind string

// The kinds of jobs, as stored in the queue.
const (
	JobSettleRun     JobKind = "settle_run"     // after a run: judge, rank, count. ID: the record
	JobPublishCourse JobKind = "publish_course" // after a course: thumbnail, first statistics. ID: the course
	JobDropThumbnail JobKind = "drop_thumbnail" // after a course was deleted: what was drawn of it. ID: the course
	JobDropAvatar    JobKind = "drop_avatar"    // after a picture was replaced or given up. ID: the picture
	JobExitUser      JobKind = "exit_user"      // after a provider said that somebody left. ID: the user
	JobRejudgeCourse JobKind = "rejudge_course" // after a course's line changed: adds a JobRejudgeRun for each run on it. ID: the course
	JobRejudgeRun    JobKind = "rejudge_run"    // after that: judge a run again. ID: the record
	JobEndSession    JobKind = "end_session"    // after a session fell silent: complete, recover or abandon it. ID: the session
	JobEndSilent     JobKind = "end_silent"     // periodic: adds a JobEndSession for each silent session, purges what is too old. No ID
)

// kindFacts is how jobs of a kind are handed out.
type kindFacts struct {
	kind   JobKind
	rank   int           // of what waits, what is done first: 1 before 4
	every  time.Duration // how often one is added; 0 when something else adds it
	single bool
}

// kinds lists all kinds. A runner waits for a verdict, and nobody for a thumbnail:
// whoever makes many courses must not keep others from their places.
var kinds = []kindFacts{
	{kind: JobSettleRun, rank: 1},
	{kind: JobPublishCourse, rank: 3},
	{kind: JobDropThumbnail, rank: 4},
	{kind: JobDropAvatar, rank: 4},
	{kind: JobExitUser, rank: 2},
	{kind: JobRejudgeCourse, rank: 3},
	{kind: JobRejudgeRun, rank: 3},
	{kind: JobEndSession, rank: 2, single: true},
	{kind: JobEndSilent, rank: 1, every: 10 * time.Minute, single: true},
}

// facts returns what is known of a kind; of one that nobody knows, that it waits.
func (k JobKind) facts() kindFacts {
	if i := slices.IndexFunc(kinds, func(x kindFacts) bool { return x.kind == k }); i >= 0 {
		return kinds[i]
	}
	return kindFacts{kind: k, rank: 4}
}

// JobKinds lists all kinds.
func JobKinds() []JobKind {
	all := make([]JobKind, len(kinds))
	for i, x := range kinds {
		all[i] = x.kind
	}
	return all
}

// Rank says what is done first of what waits: 1 before 4.
func (k JobKind) Rank() int { return k.facts().rank }

// Every returns how often a job of the kind is added, also at the start; 0 for one
// that does not come by the clock.
func (k JobKind) Every() time.Duration { return k.facts().every }

// Periodic reports whether jobs of the kind come by the clock and carry no ID.
func (k JobKind) Periodic() bool { return k.Every() > 0 }

// Single reports whether a job of the kind is not added while its like waits,
// runs or is set aside: who adds it looks again soon, and would add it for ever.
func (k JobKind) Single() bool { return k.facts().single }

// What a job may do before it is set aside.
const (
	// MaxFailures is how often a job may fail. What fails three times in the same
	// way is a defect, and one more try costs as much as the first.
	MaxFailures = 3
	// MaxDeaths is how often the process may die while it does a job. Once may be
	// anybody's fault; who kills twice would kill at every start.
	MaxDeaths = 2
	// JobTime is how long a job may take; the longest take seconds.
	JobTime = time.Minute
)

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

// JobHandler does jobs.
type JobHandler interface {
	// Handle does a job. It may be called more than once for one job, also after
	// it succeeded (a crash between effect and acknowledgement), and must then
	// change nothing. ctx ends at the job's deadline, and when the process stops;
	// it must be honoured.
	//
	// An error has the job tried again later. A Blameless one costs the job
	// nothing, however long the outage lasts. Any other one, a panic and a missed
	// deadline are failures: MaxFailures of them, or MaxDeaths of the process, set
	// the job aside until somebody retries or drops it.
	Handle(ctx context.Context, job Job) error
	// GiveUp is called before a job is set aside, and says so where people wait
	// for the job. It must be light: the data may have killed the process. When it
	// fails, or the process dies in it, the job is set aside all the same.
	GiveUp(ctx context.Context, job Job, reason string) error
}

// Blameless reports whether an error of a handler says nothing of its job: what
// it needs is down or busy, or it was told to end.
func Blameless(err error) bool {
	return fault.KindOf(err) == fault.Unavailable || errors.Is(err, context.Canceled)
}

// Workers work off the queue. Start returns once they run; they outlive its
// context. Stop waits until running jobs have ended or ctx is done; then it has
// their contexts cancelled and the jobs go back to the queue with their try
// given back. A job that does not end even so is an error. Both are harmless
// twice; Stop also before Start.
type Workers interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}
