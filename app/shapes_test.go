package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/localblob"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// drawer draws corridors that are short to write.
type drawer struct {
	drawn atomic.Int64
	fail  atomic.Bool
}

func (d *drawer) Corridor(context.Context, geo.Line, []judge.Section, float64, float64) ([]byte, error) {
	if d.fail.Load() {
		return nil, errors.New("no shape can be worked out")
	}
	d.drawn.Add(1)
	return []byte(`{"type":"Polygon","coordinates":[]}`), nil
}

type noPicture struct{}

func (noPicture) Render(context.Context, geo.Line) ([]byte, error) { return []byte("a picture"), nil }

// atelier is a world in which courses can be made.
type atelier struct {
	world
	*drawer
}

func newAtelier(t *testing.T) atelier {
	t.Helper()
	blobs, err := localblob.New(t.TempDir())
	noError(t, err)
	a := atelier{newWorld(t), &drawer{}}
	a.App = app.New(app.Deps{
		Store: a.store, Clock: a.clock, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Geometry: a.drawer, Images: noPicture{},
		Blobs: blobs, Letters: letters.Tables{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, app.Settings{})
	return a
}

// work does the jobs that wait.
func (a atelier) work(t *testing.T) (failed error) {
	t.Helper()
	for _, job := range a.store.Waiting() {
		if err := a.Handle(t.Context(), job); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// aRun is a record to make courses of.
func (a atelier) aRun(t *testing.T) id.Record {
	t.Helper()
	rec, _, err := a.Runs.Complete(t.Context(), a.mina, a.start(t, minute(0, run.Final, 300)), app.CompleteInput{})
	noError(t, err)
	return rec.ID
}

func TestACorridorIsDrawnOnceByAJob(t *testing.T) {
	a := newAtelier(t)
	made, err := a.Courses.Create(t.Context(), a.mina, a.aRun(t), app.NewCourse{Title: "a road", IsPublic: true})
	noError(t, err)
	synctest.Test(t, func(t *testing.T) { // the wait is none
		if _, err := a.Courses.Corridor(t.Context(), id.User{}, made.ID); !fault.HasCode(err, "corridor_pending") {
			t.Errorf("before it is drawn: %v", err)
		}
	})
	noError(t, a.work(t))
	for range 3 {
		geoJSON, err := a.Courses.Corridor(t.Context(), id.User{}, made.ID)
		noError(t, err)
		if string(geoJSON) != `{"type":"Polygon","coordinates":[]}` {
			t.Fatalf("got %s", geoJSON)
		}
	}
	if n := a.drawn.Load(); n != 1 {
		t.Errorf("it was drawn %d times", n)
	}
	noError(t, a.Courses.Delete(t.Context(), a.mina, made.ID))
	noError(t, a.work(t))
	if _, err := a.Courses.Corridor(t.Context(), a.mina, made.ID); !fault.HasCode(err, "course_not_found") {
		t.Errorf("of a deleted course: %v", err)
	}
}

// A course from before shapes were kept gets its own when somebody asks, and of
// many who ask at once one enqueues the job.
func TestAnOldCourseGetsItsCorridorWhenAsked(t *testing.T) {
	a := newAtelier(t)
	old := straight(t, a.store, a.mina)
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() {
			if _, err := a.Courses.Corridor(t.Context(), id.User{}, old.ID); err != nil {
				t.Error(err)
			}
		})
	}
	for deadline := time.Now().Add(10 * time.Second); len(a.store.Waiting()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody enqueued a job")
		}
	}
	if n := len(a.store.Waiting()); n != 1 {
		t.Errorf("%d jobs were enqueued", n)
	}
	noError(t, a.work(t))
	asking.Wait()
}

func TestAShapeOfOldRulesIsWorkedOutAgain(t *testing.T) {
	a := newAtelier(t)
	c := straight(t, a.store, a.mina)
	bent := []judge.Section{{FromMeters: 1, ToMeters: 2}}
	noError(t, a.store.PutCourseShape(t.Context(), ports.CourseShape{CourseID: c.ID, RuleVersion: "of old", Sections: bent, Corridor: ports.CorridorDrawn}, morning))
	v, err := a.Courses.Get(t.Context(), id.User{}, c.ID)
	noError(t, err)
	if len(v.Sections) != 0 {
		t.Errorf("a straight road has the curves of old rules: %v", v.Sections)
	}
	noError(t, a.store.PutCourseShape(t.Context(), ports.CourseShape{CourseID: c.ID, RuleVersion: judge.CurrentRules().Version, Sections: bent}, morning))
	if v, err = a.Courses.Get(t.Context(), id.User{}, c.ID); err != nil || len(v.Sections) != 1 {
		t.Errorf("the sections that are kept are not those that are shown: %v, %v", v.Sections, err)
	}
}

// monster is a stored course that no bound of today lets in: 20,000 vertices,
// 90 km apart.
func (a atelier) monster(t *testing.T) course.Course {
	t.Helper()
	points := make([]geo.Point, course.MaxVertices)
	for i := range points {
		points[i] = geo.MustPoint(float64(i%2)*0.8, float64(i)*180/course.MaxVertices)
	}
	line, err := geo.NewLine(points)
	noError(t, err)
	c := course.Course{ID: id.New[id.CourseKind](ids{}), CreatorID: a.mina, Title: "round the world", Route: line, DistanceMeters: 1_800_000_000, IsPublic: true, Tags: []string{}, CreatedAt: morning, UpdatedAt: morning}
	noError(t, a.store.InsertCourse(t.Context(), c))
	return c
}

func TestACourseOverTheBoundsIsReadAndNotRun(t *testing.T) {
	a := newAtelier(t)
	c := a.monster(t)
	v, err := a.Courses.Get(t.Context(), id.User{}, c.ID)
	if err != nil || v.Route.Len() != course.MaxVertices || len(v.Sections) != 0 {
		t.Errorf("it cannot be read: %d vertices, %v", v.Route.Len(), err)
	}
	if _, err := a.Courses.Corridor(t.Context(), id.User{}, c.ID); !fault.HasCode(err, "course_set_aside") {
		t.Errorf("its corridor: %v", err)
	}
	if err := a.Publish.Run(t.Context(), c.ID); err != nil {
		t.Errorf("its job fails: %v", err)
	}
	if _, _, err := a.Runs.Start(t.Context(), a.mina, app.StartInput{CourseID: c.ID, StartedAt: morning}); !fault.HasCode(err, "course_set_aside") {
		t.Errorf("a run of it is begun: %v", err)
	}
}

// A run of a course that was set aside meanwhile is counted, and not judged.
func TestARunOfACourseThatWasSetAsideIsCounted(t *testing.T) {
	a := newAtelier(t)
	c := a.monster(t)
	s, err := run.NewSession(run.NewSessionInput{ID: id.New[id.SessionKind](ids{}), UserID: a.mina, CourseID: c.ID, StartedAt: morning}, morning)
	noError(t, err)
	_, _, err = a.store.InsertSession(t.Context(), s)
	noError(t, err)
	a.send(t, s.ID(), minute(0, run.Final, 180))
	rec, _, err := a.Runs.Complete(t.Context(), a.mina, s.ID(), app.CompleteInput{})
	noError(t, err)
	noError(t, a.Settle.Run(t.Context(), rec.ID))
	if rec, err = a.Runs.Record(t.Context(), a.mina, rec.ID); err != nil || rec.Processing != run.ProcessingDone || rec.Verdict != nil {
		t.Errorf("processing %s, verdict %v, %v", rec.Processing, rec.Verdict, err)
	}
	if _, _, err := a.Runs.Verdict(t.Context(), a.mina, rec.ID); !fault.HasCode(err, "course_set_aside") {
		t.Errorf("its verdict: %v", err)
	}
}

// Fifty-one who make a course at once make fifty.
func TestAPersonMakesFiftyCoursesADay(t *testing.T) {
	a := newAtelier(t)
	rid := a.aRun(t)
	var wg sync.WaitGroup
	var refused atomic.Int64
	for range course.MaxRecentCourses + 10 {
		wg.Go(func() {
			_, err := a.Courses.Create(t.Context(), a.mina, rid, app.NewCourse{Title: "again"})
			if fault.HasCode(err, "course_quota_exceeded") {
				refused.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if refused.Load() != 10 {
		t.Errorf("%d were refused", refused.Load())
	}
	a.clock.now = morning.Add(course.QuotaPeriod + time.Second)
	if _, err := a.Courses.Create(t.Context(), a.mina, rid, app.NewCourse{Title: "the next day"}); err != nil {
		t.Error(err)
	}
	for all := 51; all < course.MaxCourses; all++ {
		noError(t, a.store.InsertCourse(t.Context(), copyOf(t, a, rid)))
	}
	_, err := a.Courses.Create(t.Context(), a.mina, rid, app.NewCourse{Title: "one too many"})
	if f := fault.As(err); f == nil || f.Code != "too_many_courses" || f.Details["limit"] != float64(course.MaxCourses) {
		t.Errorf("the 1,001st: %v", err)
	}
}

func copyOf(t *testing.T, a atelier, rid id.Record) course.Course {
	rec, err := a.Runs.Record(t.Context(), a.mina, rid)
	noError(t, err)
	line, err := geo.NewLine(rec.Route)
	noError(t, err)
	return course.Course{ID: id.New[id.CourseKind](ids{}), CreatorID: a.mina, Title: "old", Route: line, DistanceMeters: 300, Tags: []string{}, CreatedAt: morning.Add(-48 * time.Hour), UpdatedAt: morning}
}

func TestACorridorOfOldRulesIsNotServed(t *testing.T) {
	a := newAtelier(t)
	c := straight(t, a.store, a.mina)
	noError(t, a.Publish.Run(t.Context(), c.ID))
	noError(t, a.store.PutCourseShape(t.Context(), ports.CourseShape{CourseID: c.ID, RuleVersion: "of old", Corridor: ports.CorridorDrawn}, morning))
	synctest.Test(t, func(t *testing.T) { // the wait is none
		if _, err := a.Courses.Corridor(t.Context(), id.User{}, c.ID); !fault.HasCode(err, "corridor_pending") {
			t.Errorf("before it is drawn by today's: %v", err)
		}
	})
	noError(t, a.work(t))
	if _, err := a.Courses.Corridor(t.Context(), id.User{}, c.ID); err != nil || a.drawn.Load() != 2 {
		t.Errorf("it was drawn %d times: %v", a.drawn.Load(), err)
	}
}

func TestAPrivateCoursesCorridorIsItsMakersAlone(t *testing.T) {
	a := newAtelier(t)
	made, err := a.Courses.Create(t.Context(), a.mina, a.aRun(t), app.NewCourse{Title: "from my door"})
	noError(t, err)
	noError(t, a.work(t))
	if _, err := a.Courses.Corridor(t.Context(), a.mina, made.ID); err != nil {
		t.Error(err)
	}
	for _, viewer := range []id.User{{}, id.New[id.UserKind](ids{})} {
		if _, err := a.Courses.Corridor(t.Context(), viewer, made.ID); !fault.HasCode(err, "course_not_found") {
			t.Errorf("for somebody else: %v", err)
		}
	}
}

// blind is a store that outside of transactions sees no shape of any course, as
// somebody does who looked a moment ago, and that notes what is done within.
type blind struct {
	ports.Store
	t        *testing.T
	enqueued int
}

func (b *blind) CourseShape(_ context.Context, cid id.Course) (ports.CourseShape, error) {
	return ports.CourseShape{CourseID: cid}, nil
}

func (b *blind) InTx(ctx context.Context, fn func(context.Context, ports.Repo) error) error {
	return b.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error { return fn(ctx, &locking{Repo: tx, of: b}) })
}

// locking is a transaction that knows whose lock it holds.
type locking struct {
	ports.Repo
	of     *blind
	locked map[any]bool
}

func (l *locking) lock(what any, err error) error {
	if l.locked == nil {
		l.locked = map[any]bool{}
	}
	l.locked[what] = true
	return err
}

func (l *locking) LockUser(ctx context.Context, uid id.User) error {
	return l.lock(uid, l.Repo.LockUser(ctx, uid))
}

func (l *locking) LockBoard(ctx context.Context, cid id.Course) (ports.CourseAccess, error) {
	locked, err := l.Repo.LockBoard(ctx, cid)
	return locked, l.lock(cid, err)
}

func (l *locking) CountCourses(ctx context.Context, uid id.User) (int, error) {
	if !l.locked[uid] {
		l.of.t.Error("courses are counted that another transaction may be making")
	}
	return l.Repo.CountCourses(ctx, uid)
}

func (l *locking) CourseShape(ctx context.Context, cid id.Course) (ports.CourseShape, error) {
	if !l.locked[cid] {
		l.of.t.Error("a shape is looked at that another transaction may be writing")
	}
	return l.Repo.CourseShape(ctx, cid)
}

func (l *locking) Enqueue(ctx context.Context, job ports.Job) error {
	l.of.enqueued++
	return l.Repo.Enqueue(ctx, job)
}

// Whoever looked before somebody else asked finds that out under the course's lock.
func TestACorridorIsAskedForOnce(t *testing.T) {
	a := newAtelier(t)
	store := &blind{Store: a.store, t: t}
	courses := app.New(app.Deps{Store: store, Clock: a.clock, IDs: ids{}, Budget: plenty(), Log: slog.New(slog.DiscardHandler)}, app.Settings{}).Courses
	old := straight(t, a.store, a.mina)
	for range 2 {
		synctest.Test(t, func(t *testing.T) { // the wait is none
			if _, err := courses.Corridor(t.Context(), id.User{}, old.ID); !fault.HasCode(err, "corridor_pending") {
				t.Error(err)
			}
		})
	}
	if store.enqueued != 1 {
		t.Errorf("%d jobs were enqueued", store.enqueued)
	}
}

func TestCoursesAreCountedUnderTheirMakersLock(t *testing.T) {
	a := newAtelier(t)
	rid := a.aRun(t)
	store := &blind{Store: a.store, t: t}
	courses := app.New(app.Deps{Store: store, Clock: a.clock, IDs: ids{}, Budget: plenty(), Geometry: a.drawer, Letters: letters.Tables{}, Log: slog.New(slog.DiscardHandler)}, app.Settings{}).Courses
	if _, err := courses.Create(t.Context(), a.mina, rid, app.NewCourse{Title: "a road"}); err != nil {
		t.Error(err)
	}
}

func TestANewCourseIsComparedWithAFew(t *testing.T) {
	a := newAtelier(t)
	rid := a.aRun(t)
	for range 12 {
		c := copyOf(t, a, rid)
		c.IsPublic = true
		noError(t, a.store.InsertCourse(t.Context(), c))
	}
	courses := app.New(app.Deps{Store: a.store, Clock: a.clock, IDs: ids{}, Budget: plenty(), Letters: letters.Tables{}, Log: slog.New(slog.DiscardHandler)}, app.Settings{}).Courses
	made, err := courses.Create(t.Context(), a.mina, rid, app.NewCourse{Title: "again"})
	noError(t, err)
	if n := len(made.Hints.Alike); n != 5 {
		t.Errorf("%d of 12 courses are alike, want those 5 that may be compared", n)
	}
}

// leavingAtTheCorridor has the maker leave while the corridor is drawn.
type leavingAtTheCorridor struct {
	leave func()
	lines []geo.Line
}

func (l *leavingAtTheCorridor) Corridor(_ context.Context, line geo.Line, _ []judge.Section, _, _ float64) ([]byte, error) {
	if l.lines = append(l.lines, line); len(l.lines) == 1 {
		l.leave()
	}
	return []byte(fmt.Sprint(line.LengthMeters())), nil
}

// A corridor that was being drawn when the maker left shows where they live.
func TestACorridorOfALineThatIsGoneIsDrawnAgain(t *testing.T) {
	a, blobs, g := newAtelier(t), keptBlobs{}, &leavingAtTheCorridor{}
	on := app.New(app.Deps{Store: a.store, Clock: a.clock, IDs: ids{}, Budget: plenty(), Geometry: g, Images: noPicture{}, Blobs: blobs, Log: slog.New(slog.DiscardHandler)}, app.Settings{})
	c := straight(t, a.store, a.mina)
	shorter := c
	var err error
	shorter.Route, err = geo.NewLine(c.Route.Between(100, 200))
	noError(t, err)
	shorter.UpdatedAt = morning.Add(time.Second)
	g.leave = func() { noError(t, a.store.ReplaceRoute(t.Context(), shorter)) }
	noError(t, on.Publish.Run(t.Context(), c.ID))
	drawn, err := on.Courses.Corridor(t.Context(), id.User{}, c.ID)
	if err != nil || len(g.lines) != 2 || string(drawn) != fmt.Sprint(shorter.Route.LengthMeters()) {
		t.Errorf("after %d corridors, that of %s m is served: %v", len(g.lines), drawn, err)
	}
}
