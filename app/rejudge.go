package app

import (
	"context"
	"errors"
	"log/slog"
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
	log      *slog.Logger
	prepared *prepared
}

// rejudgeStore is what judging again asks of the store.
type rejudgeStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	CoursesWithRuns(ctx context.Context, after id.Course, limit int) ([]id.Course, error)
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
// tells each of report. Unless dry, a new verdict is stored together with board
// and statistics of the course, a run at a time: it may be stopped and started again,
// beside a serving program. Faults: course_not_found.
func (r *Rejudge) Run(ctx context.Context, cid id.Course, dry bool, report func(Rejudged)) error {
	if !cid.IsZero() {
		return r.course(ctx, cid, dry, report)
	}
	for after := (id.Course{}); ; {
		courses, err := r.store.CoursesWithRuns(ctx, after, rejudgeBatch)
		if err != nil || len(courses) == 0 {
			return err
		}
		for _, cid := range courses {
			if err := r.course(ctx, cid, dry, report); err != nil && !notFound(err) {
				return err
			}
		}
		after = courses[len(courses)-1]
	}
}

func (r *Rejudge) course(ctx context.Context, cid id.Course, dry bool, report func(Rejudged)) error {
	c, err := r.store.Course(ctx, cid)
	if err != nil {
		return err
	}
	ready, err := r.prepared.of(ctx, c)
	if errors.Is(err, course.ErrSetAside) {
		r.log.WarnContext(ctx, "a course is set aside; its runs keep their verdicts", "course", cid.String())
		return nil
	}
	if err != nil {
		return err
	}
	for after := (id.Record{}); ; {
		runs, err := r.store.RunsOn(ctx, cid, after, rejudgeBatch)
		if err != nil || len(runs) == 0 {
			return err
		}
		for _, rid := range runs {
			result, err := r.run(ctx, ready, rid, dry)
			if notFound(err) { // deleted meanwhile
				continue
			}
			if err != nil {
				return err
			}
			report(result)
		}
		after = runs[len(runs)-1]
	}
}

func (r *Rejudge) run(ctx context.Context, c *judge.Course, rid id.Record, dry bool) (out Rejudged, err error) {
	rec, err := r.store.Record(ctx, rid)
	if err != nil {
		return out, err
	}
	fixes, release, err := usableFixes(ctx, r.store, r.budget, rec)
	if err != nil {
		return out, err
	}
	out = Rejudged{Course: rec.CourseID, Run: rid}
	out.After, err = c.Judge(ctx, run.ForJudge(fixes), rec.Against()...)
	release()
	if err != nil {
		return out, err
	}
	if rec.Verdict != nil {
		out.Before = *rec.Verdict
	}
	if dry || (!out.Differs() && out.Before.RuleVersion == out.After.RuleVersion) {
		return out, nil
	}
	return out, r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		rec, err := tx.LockRecord(ctx, rid)
		if err != nil || rec.CourseID != out.Course || rec.Processing != run.ProcessingDone {
			return err
		}
		if err := tx.LockUser(ctx, rec.UserID); err != nil {
			return err
		}
		standing, err := hold(ctx, tx, rec.UserID, rec.CourseID)
		if err != nil {
			return err
		}
		rec.Judged(out.After)
		if err := tx.SaveRecord(ctx, rec); err != nil {
			return err
		}
		return standing.settle(ctx, tx, rec.LocalDate, r.clock.Now())
	})
}
