package app_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// runner is one more person of the world.
func (w world) runner(t *testing.T, name string) id.User {
	t.Helper()
	u, _, err := w.store.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: name}, user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: morning})
	noError(t, err)
	return u.ID
}

// finish has somebody run a course of straight, in a lane of their own. It is settled
// by nobody yet.
func (w world) finish(t *testing.T, uid id.User, c course.Course, seconds int) id.Record {
	t.Helper()
	s, _, err := w.Runs.Start(t.Context(), uid, app.StartInput{StartedAt: morning, CourseID: c.ID})
	noError(t, err)
	chunk, err := run.NewChunk(along(rand.New(rand.NewPCG(1, uint64(seconds))), morning, seconds, true))
	noError(t, err)
	_, _, err = w.Runs.AppendChunk(t.Context(), uid, s.ID(), chunk)
	noError(t, err)
	rec, _, err := w.Runs.Complete(t.Context(), uid, s.ID(), app.CompleteInput{})
	noError(t, err)
	return rec.ID
}

// A course may change while a run on it is judged, for the first time or once more:
// the verdict that is stored is of the course as it is then.
func TestAVerdictIsOfTheCourseAsItIs(t *testing.T) {
	title := "another name"
	for name, during := range map[string]func(t *testing.T, w world, c course.Course){
		"its maker leaves":     func(t *testing.T, w world, _ course.Course) { noError(t, w.Users.Exit(t.Context(), w.mina)) },
		"its maker deletes it": func(t *testing.T, w world, c course.Course) { noError(t, w.Courses.Delete(t.Context(), w.mina, c.ID)) },
		"its maker renames it": func(t *testing.T, w world, c course.Course) {
			_, err := w.Courses.Change(t.Context(), w.mina, c.ID, course.Change{Title: &title})
			noError(t, err)
		},
	} {
		for kind, judges := range map[string]func(t *testing.T, w, watched world, rid id.Record) error{
			"settled": func(t *testing.T, _, watched world, rid id.Record) error {
				return watched.Settle.Run(t.Context(), rid)
			},
			"judged again": func(t *testing.T, w, watched world, rid id.Record) error {
				noError(t, w.Settle.Run(t.Context(), rid))
				return watched.Rejudge.Again(t.Context(), rid)
			},
		} {
			t.Run(kind+" while "+name, func(t *testing.T) {
				w := newWorld(t)
				c := straight(t, w.store, w.mina)
				noError(t, w.Settle.Run(t.Context(), w.finish(t, w.runner(t, "joon"), c, 100)))
				rid := w.finish(t, w.runner(t, "sora"), c, 90)
				seen := w
				seen.App = w.on(&watched{Store: w.store, t: t, read: sync.OnceFunc(func() {
					w.clock.now = w.clock.now.Add(time.Second)
					during(t, w, c)
				})})
				noError(t, judges(t, w, seen, rid))
				rec, err := w.store.Record(t.Context(), rid)
				noError(t, err)
				now, err := w.store.Course(t.Context(), c.ID)
				noError(t, err)
				if rec.Processing != run.ProcessingDone {
					t.Errorf("it is %s", rec.Processing)
				}
				if now.Retired && kind == "settled" {
					if !rec.CourseID.IsZero() || rec.Verdict != nil || rec.Result != nil {
						t.Errorf("a run on a retired course is no free run: %+v", rec.Verdict)
					}
					return
				}
				line := now.Route
				if now.Retired { // judged before
					line = c.Route
				}
				chunks, err := w.store.Chunks(t.Context(), rec.SessionID)
				noError(t, err)
				fixes, err := run.Filter(t.Context(), run.JoinFixes(chunks), rec.Filter)
				noError(t, err)
				want, err := judge.Prepare(line, judge.CurrentRules()).Judge(t.Context(), run.ForJudge(fixes))
				noError(t, err)
				if got := rec.Verdict; got == nil || got.CourseDurationSeconds == nil || *got.CourseDurationSeconds != *want.CourseDurationSeconds {
					t.Errorf("the verdict is %+v, want %+v", got, want)
				}
			})
		}
	}
}

// lateFinish has somebody complete a course just before it is locked.
type lateFinish struct {
	ports.Store
	course id.Course
	finish func(ctx context.Context, tx ports.Repo)
}

func (l *lateFinish) InTx(ctx context.Context, fn func(context.Context, ports.Repo) error) error {
	return l.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		once := func() {
			if finish := l.finish; finish != nil {
				l.finish = nil
				finish(ctx, tx)
			}
		}
		return fn(ctx, lateTx{tx, l.course, once})
	})
}

type lateTx struct {
	ports.Repo
	course id.Course
	finish func()
}

func (l lateTx) LockCourse(ctx context.Context, cid id.Course) (course.Course, error) {
	if cid == l.course {
		l.finish()
	}
	return l.Repo.LockCourse(ctx, cid)
}

func (l lateTx) LockBoard(ctx context.Context, cid id.Course) (ports.CourseAccess, error) {
	if cid == l.course {
		l.finish()
	}
	return l.Repo.LockBoard(ctx, cid)
}

// Whoever completes a course before it is locked is counted: their run is not lost.
func TestNobodyWhoCompletesACourseThatGoesIsLost(t *testing.T) {
	for name, leave := range map[string]func(ctx context.Context, a *app.App, mina id.User, c course.Course) error{
		"a deleted course": func(ctx context.Context, a *app.App, mina id.User, c course.Course) error {
			return a.Courses.Delete(ctx, mina, c.ID)
		},
		"one of a maker who leaves": func(ctx context.Context, a *app.App, mina id.User, _ course.Course) error {
			return a.Users.Exit(ctx, mina)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := straight(t, w.store, w.mina)
			rid := w.finish(t, w.runner(t, "joon"), c, 100)
			seconds := 97
			done := judge.Verdict{Status: judge.Completed, CourseDurationSeconds: &seconds}
			late := &lateFinish{Store: w.store, course: c.ID, finish: func(ctx context.Context, tx ports.Repo) {
				rec, err := tx.LockRecord(ctx, rid)
				noError(t, err)
				rec.Judged(done)
				rec.Processing = run.ProcessingDone
				noError(t, tx.SaveRecord(ctx, rec))
			}}
			noError(t, leave(t.Context(), everything(t, late, w.clock), w.mina, c))
			if late.finish != nil {
				t.Fatal("the course was not locked")
			}
			if _, err := w.store.Course(t.Context(), c.ID); err != nil {
				t.Errorf("it went, though somebody had completed it: %v", err)
			}
			rec, err := w.store.Record(t.Context(), rid)
			noError(t, err)
			if rec.CourseID != c.ID || rec.Verdict == nil {
				t.Error("the run is a free run")
			}
		})
	}
}
