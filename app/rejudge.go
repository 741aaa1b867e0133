package app

import (
	"context"
	"errors"
	"slices"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// rejudgeBatch is how many ids one look at the store takes.
const rejudgeBatch = 500

// Rejudge judges stored runs again under today's rules.
type Rejudge struct {
	store    rejudgeStore
	clock    ports.Clock
	budget   ports.Budget
	prepared *prepared
}

// rejudgeStore is what judging again asks of the store.
type rejudgeStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	CoursesWithRuns(ctx context.Context, after id.Course, limit int) ([]id.Course, error)
	CourseAccess(ctx context.Context, cid id.Course) (ports.CourseAccess, error)
	RunsOn(ctx context.Context, cid id.Course, after id.Record, limit int) ([]id.Record, error)
	Course(ctx context.Context, cid id.Course) (course.Course, error)
	Record(ctx context.Context, rid id.Record) (run.Record, error)
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error)
}

// Rejudged is what judging a run again gave.
type Rejudged struct {
	Course        id.Course
	Run           id.Record
	Before, After judge.Verdict
}

// Findings is who is told of what judging again finds.
type Findings struct {
	Judged  func(Rejudged)
	Skipped func(cid id.Course, why error) // its runs keep their verdicts: course_retired, course_set_aside
}

// Differs reports whether anything of the verdict changed that counts for a
// board or for a runner.
func (r Rejudged) Differs() bool {
	a, b := r.Before, r.After
	return a.Status != b.Status || !slices.Equal(a.Reasons, b.Reasons) ||
		a.RouteMatchPercent != b.RouteMatchPercent || a.MaxDeviationMeters != b.MaxDeviationMeters ||
		seconds(a) != seconds(b)
}

// seconds returns a verdict's course time; -1 for none.
func seconds(v judge.Verdict) int {
	if v.CourseDurationSeconds == nil {
		return -1
	}
	return *v.CourseDurationSeconds
}

// Run judges the processed runs of a course, or of all when it is zero, and
// tells what it finds. Unless dry, a new verdict is stored together with board
// and statistics of the course, a run at a time: it may be stopped and started again,
// beside a serving program. Faults: course_not_found.
func (r *Rejudge) Run(ctx context.Context, cid id.Course, dry bool, tell Findings) error {
	if !cid.IsZero() {
		return r.course(ctx, cid, dry, tell)
	}
	for after := (id.Course{}); ; {
		courses, err := r.store.CoursesWithRuns(ctx, after, rejudgeBatch)
		if err != nil || len(courses) == 0 {
			return err
		}
		for _, cid := range courses {
			if err := r.course(ctx, cid, dry, tell); err != nil && !notFound(err) {
				return err
			}
		}
		after = courses[len(courses)-1]
	}
}

func (r *Rejudge) course(ctx context.Context, cid id.Course, dry bool, tell Findings) error {
	if _, _, err := r.ready(ctx, cid); skipped(err) {
		tell.Skipped(cid, err)
		return nil
	} else if err != nil {
		return err
	}
	return r.runs(ctx, cid, func(rids []id.Record) error {
		for _, rid := range rids {
			result, err := r.run(ctx, rid, func(r Rejudged) bool { return !dry && (r.Differs() || r.Before.RuleVersion != r.After.RuleVersion) })
			if notFound(err) || skipped(err) { // deleted or retired meanwhile
				continue
			}
			if err != nil {
				return err
			}
			tell.Judged(result)
		}
		return nil
	})
}

// skipped reports whether runs of a course keep their verdicts, and why that is so.
func skipped(err error) bool {
	return errors.Is(err, course.ErrRetired) || errors.Is(err, course.ErrSetAside)
}

// runs walks the processed runs on a course.
func (r *Rejudge) runs(ctx context.Context, cid id.Course, do func([]id.Record) error) error {
	for after := (id.Record{}); ; {
		some, err := r.store.RunsOn(ctx, cid, after, rejudgeBatch)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := do(some); err != nil {
			return err
		}
		after = some[len(some)-1]
	}
}

// Enqueue adds a job for each run on a course, each as short as a run is judged. One
// that is gone has none.
func (r *Rejudge) Enqueue(ctx context.Context, cid id.Course) error {
	return r.runs(ctx, cid, func(rids []id.Record) error {
		return r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
			for _, rid := range rids {
				if err := tx.Enqueue(ctx, ports.Job{Kind: ports.JobRejudgeRun, ID: rid.String()}); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// Again judges a run again and stores what is new. One that is gone, or whose course
// is gone, retired or set aside, is left alone.
func (r *Rejudge) Again(ctx context.Context, rid id.Record) error {
	_, err := r.run(ctx, rid, func(Rejudged) bool { return true })
	if notFound(err) || skipped(err) {
		return nil
	}
	return err
}

// ready returns a course for the judge, and as it was then. Faults:
// course_not_found, course_retired, course_set_aside, server_busy.
func (r *Rejudge) ready(ctx context.Context, cid id.Course) (*judge.Course, ports.CourseAccess, error) {
	c, err := r.store.CourseAccess(ctx, cid)
	if err == nil && c.Retired {
		err = course.ErrRetired
	}
	if err != nil {
		return nil, c, err
	}
	ready, err := r.prepared.stored(ctx, r.store, c)
	return ready, c, err
}

// run judges a run again, and stores the verdict that is worth it.
func (r *Rejudge) run(ctx context.Context, rid id.Record, worth func(Rejudged) bool) (out Rejudged, err error) {
	for {
		if out, err = r.once(ctx, rid, worth); !errors.Is(err, errChanged) {
			return out, err
		}
	}
}

// once is run, unless the run or the course changes meanwhile.
func (r *Rejudge) once(ctx context.Context, rid id.Record, worth func(Rejudged) bool) (out Rejudged, err error) {
	rec, err := r.store.Record(ctx, rid)
	if err != nil {
		return out, err
	}
	ready, on, err := r.ready(ctx, rec.CourseID)
	if err != nil {
		return out, err
	}
	fixes, release, err := usableFixes(ctx, r.store, r.budget, rec)
	if err != nil {
		return out, err
	}
	out = Rejudged{Course: rec.CourseID, Run: rid}
	out.After, err = ready.Judge(ctx, run.ForJudge(fixes), rec.Against()...)
	release()
	if err != nil {
		return out, err
	}
	out.After = rec.Edits.Hold(out.After)
	if rec.Verdict != nil {
		out.Before = *rec.Verdict
	}
	if !worth(out) {
		return out, nil
	}
	judged := rec.Version
	return out, r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		rec, err := tx.LockRecord(ctx, rid)
		if err != nil || rec.CourseID != out.Course || rec.Processing != run.ProcessingDone {
			return err
		}
		if rec.Version != judged {
			return errChanged
		}
		if err := tx.LockUser(ctx, rec.UserID); err != nil {
			return err
		}
		standing, err := hold(ctx, tx, rec.UserID, rec.CourseID)
		if err != nil {
			return err
		}
		if !standing.course.UpdatedAt.Equal(on.UpdatedAt) {
			return errChanged
		}
		rec.Judged(out.After)
		if err := tx.SaveRecord(ctx, rec); err != nil {
			return err
		}
		return standing.settle(ctx, tx, r.clock.Now(), rec.LocalDate)
	})
}
