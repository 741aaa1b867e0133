package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
)

// ErrRunNotFound answers for a record that is not there, or is another's.
var ErrRunNotFound = fault.New(fault.NotFound, "run_not_found", "there is no such run of yours")

// Records keeps run records.
type Records interface {
	// InsertRecord stores a new record.
	InsertRecord(ctx context.Context, r run.Record) error
	// Record returns a whole record, or ErrRunNotFound.
	Record(ctx context.Context, rid id.Record) (run.Record, error)
	// LockRecord is Record, holding the row exclusively until the transaction ends.
	LockRecord(ctx context.Context, rid id.Record) (run.Record, error)
	// RecordProcessing returns how far a record's jobs have come; cheap enough to poll.
	RecordProcessing(ctx context.Context, rid id.Record) (run.Processing, error)
	// SaveRecord writes what may change: title, processing, what it is a duplicate of,
	// course, result and verdict.
	SaveRecord(ctx context.Context, r run.Record) error
	// RewriteRecord writes the next version of a record: all but its owner, its session
	// and when it was made.
	RewriteRecord(ctx context.Context, r run.Record) error
	// DeleteRecord removes a record, its session and its chunks, and with it those that
	// were merged into it.
	DeleteRecord(ctx context.Context, rid id.Record) error
	// ListRecords returns the records that a query matches, newest first
	// (finished_at, then id, both descending), and how many there are in all. With
	// q.After, the records behind that key; else the page. What was merged into another
	// is left out.
	ListRecords(ctx context.Context, q RecordQuery) ([]RunSummary, int, error)
	// RunsOn returns up to limit processed records on a course, by id, behind after.
	RunsOn(ctx context.Context, cid id.Course, after id.Record, limit int) ([]id.Record, error)
	// CoursesWithRuns returns up to limit courses with records on them, by id,
	// behind after.
	CoursesWithRuns(ctx context.Context, after id.Course, limit int) ([]id.Course, error)
	// Overlapping returns up to limit records of a runner whose times meet [from, to],
	// oldest first: no duplicates, no parts of others, and none indoors.
	Overlapping(ctx context.Context, owner id.User, from, to time.Time, limit int) ([]id.Record, error)
	// DuplicatesOf returns the records that are duplicates of one, in the order they
	// were made.
	DuplicatesOf(ctx context.Context, rid id.Record) ([]id.Record, error)
	// PartsOf returns the records that were merged into one, in the order of their ids.
	PartsOf(ctx context.Context, rid id.Record) ([]id.Record, error)
	// SplitOff returns the records that were split off one, in the order of their ids.
	SplitOff(ctx context.Context, rid id.Record) ([]id.Record, error)
	// TrackTaken reports whether another user's record has this track digest, as it was
	// recorded or as it is edited.
	TrackTaken(ctx context.Context, digest run.Digest, except id.User) (bool, error)
}

// RecordQuery asks for a stretch of a user's history.
type RecordQuery struct {
	Owner    id.User
	CourseID id.Course // zero for runs anywhere
	Page     Page
	After    *RecordKey
}

// RecordKey is a record's place in a runner's history.
type RecordKey struct {
	FinishedAt time.Time
	ID         id.Record
}

// RunSummary is a run in a list, with its runner: without its line, what is drawn
// along it, and the verdict.
type RunSummary struct {
	ID                   id.Record
	Runner               user.Person
	SessionID            id.Session
	CourseID             id.Course // zero for a free run
	DuplicateOf          id.Record // zero for most
	Activity             run.Activity
	Indoor               bool
	Edited               bool
	Title                string
	DistanceMeters       int
	DurationSeconds      int
	TotalElapsedSeconds  int
	AvgPaceSecondsPerKM  *int
	BestPaceSecondsPerKM *int
	AvgSpeedMS           float32
	MaxSpeedMS           float32
	Calories             int
	ElevationGainMeters  int
	ElevationLossMeters  int
	Result               *run.CourseResult // nil for a free run, or until it is judged
	Flags                []string
	Processing           run.Processing
	StartedAt            time.Time
	FinishedAt           time.Time
	CreatedAt            time.Time
}

// SummaryOf returns what a list says of a whole record.
func SummaryOf(r run.Record, runner user.Person) RunSummary {
	return RunSummary{
		ID: r.ID, Runner: runner, SessionID: r.SessionID, CourseID: r.CourseID, DuplicateOf: r.DuplicateOf, Activity: r.Activity, Indoor: r.Indoor, Edited: r.Edited(), Title: r.Title,
		DistanceMeters: r.DistanceMeters, DurationSeconds: r.DurationSeconds, TotalElapsedSeconds: r.TotalElapsedSeconds,
		AvgPaceSecondsPerKM: r.AvgPaceSecondsPerKM, BestPaceSecondsPerKM: r.BestPaceSecondsPerKM,
		AvgSpeedMS: r.AvgSpeedMS, MaxSpeedMS: r.MaxSpeedMS, Calories: r.Calories,
		ElevationGainMeters: r.ElevationGainMeters, ElevationLossMeters: r.ElevationLossMeters,
		Result: r.Result, Flags: r.Flags, Processing: r.Processing,
		StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, CreatedAt: r.CreatedAt,
	}
}
