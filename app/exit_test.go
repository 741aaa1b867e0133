package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/memory"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// A maker of seven courses leaves: what others completed stays, cut and unnamed. What is
// public has all of its runs judged on the line as it is now, and its boards and
// statistics as a recount gives them; what is private is retired.
func TestWhatAMakerLeaves(t *testing.T) {
	parting(t, false, func(a *app.App, mina id.User, _ ...course.Course) {
		noError(t, a.Users.Exit(t.Context(), mina))
		noError(t, a.Users.Exit(t.Context(), mina))
	})
}

// A maker deletes seven courses: what others completed is retired, with the maker's own
// runs.
func TestADeletedCourseThatOthersCompletedIsRetired(t *testing.T) {
	parting(t, true, func(a *app.App, mina id.User, courses ...course.Course) {
		for _, c := range courses {
			noError(t, a.Courses.Delete(t.Context(), mina, c.ID))
			if err := a.Courses.Delete(t.Context(), mina, c.ID); !errors.Is(err, course.ErrNotFound) {
				t.Errorf("deleting it twice: %v", err)
			}
		}
	})
}

// parting has courses part from their maker, mina, by leave.
func parting(t *testing.T, retired bool, leave func(a *app.App, mina id.User, courses ...course.Course)) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		a := app.New(app.Deps{
			Store: store, Clock: &clock{morning}, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Letters: letters.Tables{}, Log: slog.New(slog.DiscardHandler),
		}, app.Settings{})
		r := rand.New(rand.NewPCG(5, 6)) // repeatable
		newRunner := func(name string) id.User {
			nickname, err := user.NewNickname(letters.Tables{}, name)
			noError(t, err)
			u, _, err := store.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: name, Email: fmt.Sprintf("seoul%d@example.org", len(name))},
				user.User{ID: id.New[id.UserKind](ids{}), Nickname: nickname, CreatedAt: morning, UpdatedAt: morning})
			noError(t, err)
			return u.ID
		}
		mina := newRunner("mina")
		// publish makes a course of so many metres.
		publish := func(meters float64, public bool) course.Course {
			line, err := geo.NewLine([]geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.5, 127+meters/88_426)})
			noError(t, err)
			c, err := course.New(course.Input{
				ID: id.New[id.CourseKind](ids{}), CreatorID: mina, Title: "Mina's kilometre", Description: "from my door", Route: line, IsPublic: public, Tags: []string{"flat", "by mina", "seoul4"},
			}, morning)
			noError(t, err)
			noError(t, store.InsertCourse(t.Context(), c))
			return c
		}
		// finish runs so far along a course.
		finish := func(uid id.User, c course.Course, seconds int, meters float64) run.Record {
			day := morning.AddDate(0, 0, -r.IntN(200))
			in := run.ChunkInput{Type: run.Final, Summary: run.Claim{DistanceMeters: 1, DurationSeconds: 1}, Cumulative: run.Claim{DistanceMeters: 1, DurationSeconds: 1}, Fixes: straightOn(r, day, seconds, 2, meters)}
			chunk, err := run.NewChunk(in)
			noError(t, err)
			s, _, err := a.Runs.Start(t.Context(), uid, app.StartInput{StartedAt: day, CourseID: c.ID})
			noError(t, err)
			_, _, err = a.Runs.AppendChunk(t.Context(), uid, s.ID(), chunk)
			noError(t, err)
			rec, _, err := a.Runs.Complete(t.Context(), uid, s.ID(), app.CompleteInput{})
			noError(t, err)
			noError(t, a.Settle.Run(t.Context(), rec.ID))
			rec, err = store.Record(t.Context(), rec.ID)
			noError(t, err)
			return rec
		}

		stays, tried, unrun, short, secret := publish(1000, true), publish(1000, true), publish(1000, true), publish(450, true), publish(1000, false)
		hidden, set := publish(1000, true), publish(1000, true)
		others := &writer{kept: map[id.User]map[id.Record]bool{}}
		for i := range 7 {
			uid := newRunner(fmt.Sprint("joon ", i))
			others.runners = append(others.runners, uid)
			rec := finish(uid, stays, 240+7*i, 1010)
			if rec.Result == nil || !rec.Result.Completed {
				t.Fatalf("the course was not completed: %+v", rec.Verdict)
			}
			half := finish(uid, stays, 200, 700)
			others.kept[uid] = map[id.Record]bool{rec.ID: true, half.ID: true}
			finish(uid, tried, 200, 700)
			finish(uid, short, 120, 460)
			finish(uid, hidden, 240, 1010)
		}
		own := map[id.Record]bool{}
		for _, c := range []course.Course{stays, tried, unrun, short, secret} {
			own[finish(mina, c, 230, 1010).ID] = true
		}

		private := false
		_, err := a.Courses.Change(t.Context(), mina, hidden.ID, course.Change{IsPublic: &private})
		noError(t, err)
		before := keptOf(t, store, stays, hidden, short)
		leave(a, mina, stays, tried, unrun, short, secret, hidden, set)
		if retired {
			others.runners, others.kept[mina] = append(others.runners, mina), own
		}
		for name, c := range map[string]course.Course{"nobody completed": tried, "nobody else ran": unrun, "was private": secret, "nobody ran": set} {
			if _, err := store.Course(t.Context(), c.ID); !fault.HasCode(err, course.ErrNotFound.Code) {
				t.Errorf("a course that %s: %v", name, err)
			}
		}
		left, err := store.Course(t.Context(), stays.ID)
		noError(t, err)
		if !left.CreatorID.IsZero() || left.IsPublic == retired || left.Retired != retired || math.Abs(left.Route.LengthMeters()-600) > 1 || strings.Contains(strings.ToLower(left.Title), "mina") || left.Description != "from my door" || len(left.Tags) != 1 {
			t.Errorf("what stays is %+v", left)
		}
		if d := geo.Distance(left.Route.Start(), stays.Route.Start()); d < 199.9 {
			t.Errorf("it begins %f m from where she lives", d)
		}
		if m, ok := store.(*memory.Store); ok && !slices.Contains(m.Waiting(), ports.Job{Kind: ports.JobPublishCourse, ID: stays.ID.String()}) {
			t.Error("the picture of what stays is not drawn")
		}
		closed := []course.Course{hidden}
		if retired {
			closed = append(closed, stays, short)
		}
		for _, c := range closed { // the runs on it are asked to be judged again, in vain
			noError(t, a.Handle(t.Context(), ports.Job{Kind: ports.JobRejudgeCourse, ID: c.ID.String()}))
			var skipped error
			noError(t, a.Rejudge.Run(t.Context(), c.ID, false, app.Findings{
				Judged: func(r app.Rejudged) { t.Errorf("a run on a retired course is judged again: %+v", r) }, Skipped: func(_ id.Course, why error) { skipped = why },
			}))
			if !errors.Is(skipped, course.ErrRetired) {
				t.Errorf("it is not said to be skipped: %v", skipped)
			}
		}
		rejudgeAll(t, a, store, stays, short, hidden)
		after := keptOf(t, store, stays, hidden, short)
		for i, c := range []course.Course{stays, hidden, short} {
			if !slices.ContainsFunc(closed, func(x course.Course) bool { return x.ID == c.ID }) {
				continue
			}
			if got, err := store.CourseAccess(t.Context(), c.ID); err != nil || !got.Retired || got.DistanceMeters != c.DistanceMeters {
				t.Errorf("it is %+v, %v", got, err)
			}
			if retired && !reflect.DeepEqual(after[i], before[i]) {
				t.Errorf("what was run on a retired course was\n%+v\nand is\n%+v", before[i], after[i])
			}
		}
		if !retired {
			checkRejudged(t, store, stays, 7, 7)
			checkRejudged(t, store, short, 7, 0)
		}
		checkCourse(t, store, left, []*writer{others})
		row, err := store.CourseStats(t.Context(), stays.ID)
		noError(t, err)
		if want := stats.OfCourse(left.ID, left.DistanceMeters, row.Totals(), row.UpdatedAt); *row.BestPaceSecondsPerKM != *want.BestPaceSecondsPerKM || *row.AvgPaceSecondsPerKM != *want.AvgPaceSecondsPerKM {
			t.Errorf("paces of %d and %d, want %d and %d", *row.BestPaceSecondsPerKM, *row.AvgPaceSecondsPerKM, *want.BestPaceSecondsPerKM, *want.AvgPaceSecondsPerKM)
		}
	})
}

// kept is what is stored of the runs on a course.
type kept struct {
	verdicts map[id.Record]*judge.Verdict
	board    []ports.BoardRow
	stats    stats.Course
}

func keptOf(t *testing.T, store ports.Store, courses ...course.Course) (all []kept) {
	t.Helper()
	for _, c := range courses {
		k := kept{verdicts: map[id.Record]*judge.Verdict{}}
		runs, err := store.RunsOn(t.Context(), c.ID, id.Record{}, 100)
		noError(t, err)
		for _, rid := range runs {
			rec, err := store.Record(t.Context(), rid)
			noError(t, err)
			k.verdicts[rid] = rec.Verdict
		}
		k.board, _, err = store.Board(t.Context(), ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 100}})
		noError(t, err)
		k.stats, err = store.CourseStats(t.Context(), c.ID)
		noError(t, err)
		all = append(all, k)
	}
	return all
}

// rejudgeAll does the jobs that follow a changed line, twice, as the queue may.
func rejudgeAll(t *testing.T, a *app.App, store ports.Store, courses ...course.Course) {
	t.Helper()
	for _, c := range courses {
		if m, ok := store.(*memory.Store); ok {
			access, err := store.CourseAccess(t.Context(), c.ID)
			noError(t, err)
			if asked := slices.Contains(m.Waiting(), ports.Job{Kind: ports.JobRejudgeCourse, ID: c.ID.String()}); asked != access.Public {
				t.Errorf("runs on a course are judged again: %v, but it is public: %v", asked, access.Public)
			}
		}
		runs, err := store.RunsOn(t.Context(), c.ID, id.Record{}, 100)
		noError(t, err)
		for range 2 {
			noError(t, a.Handle(t.Context(), ports.Job{Kind: ports.JobRejudgeCourse, ID: c.ID.String()}))
			for _, rid := range runs {
				job := ports.Job{Kind: ports.JobRejudgeRun, ID: rid.String()}
				if m, ok := store.(*memory.Store); ok && !slices.Contains(m.Waiting(), job) {
					t.Errorf("no job judges run %v again", rid)
				}
				noError(t, a.Handle(t.Context(), job))
			}
		}
	}
}

// checkRejudged looks whether all verdicts on a course are of its line, and so many
// completed it and did not.
func checkRejudged(t *testing.T, store ports.Store, c course.Course, completed, failed int) {
	t.Helper()
	now, err := store.Course(t.Context(), c.ID)
	noError(t, err)
	line := judge.Prepare(now.Route, judge.CurrentRules())
	for rid, got := range keptOf(t, store, c)[0].verdicts {
		rec, err := store.Record(t.Context(), rid)
		noError(t, err)
		chunks, err := store.Chunks(t.Context(), rec.SessionID)
		noError(t, err)
		fixes, err := run.Filter(t.Context(), run.JoinFixes(chunks), rec.Filter)
		noError(t, err)
		want, err := line.Judge(t.Context(), run.ForJudge(fixes), rec.Against()...)
		noError(t, err)
		if got.Status != want.Status || got.JudgedPoints != want.JudgedPoints || got.CoveragePercent != want.CoveragePercent || fmt.Sprint(got.Efforts) != fmt.Sprint(want.Efforts) {
			t.Errorf("a run is judged\n%+v\nand on the line as it is\n%+v", got, want)
		}
		if got.Status == judge.Completed {
			completed--
		} else {
			failed--
		}
	}
	if completed != 0 || failed != 0 {
		t.Errorf("%d completed it and %d did not, too few by so many", completed, failed)
	}
}

// leavingWhileDrawn has the maker leave while the first picture is drawn.
type leavingWhileDrawn struct {
	leave func()
	lines []geo.Line
}

// Render implements ports.RouteImages.
func (l *leavingWhileDrawn) Render(_ context.Context, line geo.Line) ([]byte, error) {
	if l.lines = append(l.lines, line); len(l.lines) == 1 {
		l.leave()
	}
	return []byte(fmt.Sprint(line.LengthMeters())), nil
}

// A picture that was being drawn when the maker left shows where they live: it is
// drawn again, and until then none is shown.
func TestAPictureOfALineThatIsGoneIsDrawnAgain(t *testing.T) {
	store, blobs := memory.New(memory.Options{}), keptBlobs{}
	images := &leavingWhileDrawn{}
	a := app.New(app.Deps{
		Store: store, Clock: &clock{morning}, IDs: ids{}, Budget: plenty(), Geometry: &drawer{}, Images: images, Blobs: blobs, Letters: letters.Tables{}, Log: slog.New(slog.DiscardHandler),
	}, app.Settings{})
	u, _, err := store.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: "mina"}, user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: morning})
	noError(t, err)
	c := straight(t, store, u.ID)
	shorter := c
	shorter.Route, err = geo.NewLine(c.Route.Between(100, 200))
	noError(t, err)
	images.leave = func() { noError(t, store.ReplaceRoute(t.Context(), shorter)) }
	noError(t, blobs.Put(t.Context(), "thumbnails/"+c.ID.String()+".png", "image/png", []byte("an old one")))
	if _, _, err := a.Courses.Thumbnail(t.Context(), u.ID, c.ID); !fault.HasCode(err, "blob_not_found") {
		t.Errorf("before it is drawn: %v", err)
	}
	noError(t, a.Publish.Run(t.Context(), c.ID))
	png, _, err := a.Courses.Thumbnail(t.Context(), u.ID, c.ID)
	noError(t, err)
	if len(images.lines) != 2 || string(png) != fmt.Sprint(shorter.Route.LengthMeters()) {
		t.Errorf("after %d pictures, that of %s m is shown", len(images.lines), png)
	}
}

// keptBlobs implements ports.Blobs.
type keptBlobs map[string][]byte

func (b keptBlobs) Put(_ context.Context, key, _ string, data []byte) error {
	b[key] = data
	return nil
}
func (b keptBlobs) Get(_ context.Context, key string) ([]byte, string, error) {
	return b[key], "", nil
}
func (b keptBlobs) Delete(_ context.Context, key string) error { delete(b, key); return nil }
func (b keptBlobs) Ping(context.Context) error                 { return nil }
