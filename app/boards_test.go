package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// straight is a course of 300 m to the east.
func straight(t *testing.T, s ports.Store, creator id.User) course.Course {
	t.Helper()
	line, err := geo.NewLine([]geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.5, 127+300.0/88_426)})
	noError(t, err)
	c, err := course.New(course.Input{ID: id.New[id.CourseKind](ids{}), CreatorID: creator, Title: "300 m", Route: line, IsPublic: true, Tags: []string{}}, morning)
	noError(t, err)
	noError(t, s.InsertCourse(t.Context(), c))
	return c
}

// along is a run of so many seconds along the course that stops a little behind
// its end, or half way.
func along(r *rand.Rand, day time.Time, seconds int, whole bool) run.ChunkInput {
	in := run.ChunkInput{Type: run.Final, Summary: run.Claim{DistanceMeters: 300, DurationSeconds: 60}, Cumulative: run.Claim{DistanceMeters: 300, DurationSeconds: 60}}
	meters := 310.0
	if !whole {
		meters = 150
	}
	in.Fixes = straightOn(r, day, seconds, 1, meters)
	return in
}

// farther is a run that is long enough for a best over 1 km.
func farther(r *rand.Rand, day time.Time) run.ChunkInput {
	in := along(r, day, 60, true)
	in.Fixes = straightOn(r, day, 280+r.IntN(5)*10, 5, 1200)
	return in
}

// straightOn runs so far to the east at an even pace, with a fix every few seconds.
func straightOn(r *rand.Rand, day time.Time, seconds, every int, meters float64) (fixes []run.Fix) {
	lat := 37.5 + r.Float64()*2e-5 // no copy of another's
	for second := 0; second <= seconds; second += every {
		fixes = append(fixes, run.Fix{
			Point:     geo.MustPoint(lat, 127+(float64(second)*meters/float64(seconds)-5)/88_426),
			Timestamp: day.UnixMilli() + int64(second)*1000, Altitude: run.Absent, Accuracy: run.Absent, Speed: run.Absent,
			Heading: run.Absent, HeartRate: run.Absent, Cadence: run.Absent,
		})
	}
	return fixes
}

// writer is one of many who run, delete runs and leave at the same time.
type writer struct {
	*app.App
	runners []id.User
	kept    map[id.User]map[id.Record]bool
}

// act does something at random.
func (w *writer) act(ctx context.Context, r *rand.Rand, courses []course.Course) error {
	if len(w.runners) == 0 {
		return nil
	}
	at := r.IntN(len(w.runners))
	uid := w.runners[at]
	switch dice := r.IntN(20); {
	case dice == 0:
		w.runners = slices.Delete(w.runners, at, at+1)
		delete(w.kept, uid)
		return w.Users.Exit(ctx, uid)
	case dice < 5:
		for rid := range w.kept[uid] {
			delete(w.kept[uid], rid)
			return w.Runs.Delete(ctx, uid, rid)
		}
		return nil
	case dice == 5:
		return w.Rejudge.Run(ctx, courses[r.IntN(len(courses))].ID, false, app.Findings{Judged: func(app.Rejudged) {}, Skipped: func(id.Course, error) {}})
	}
	day := morning.AddDate(0, 0, -r.IntN(45)).Add(time.Duration(r.IntN(100_000))*time.Millisecond - 5*time.Minute)
	in, start := along(r, day, 60+r.IntN(25), r.IntN(5) > 0), app.StartInput{StartedAt: day, CourseID: courses[r.IntN(len(courses))].ID}
	if r.IntN(2) == 0 {
		in, start.CourseID = farther(r, day), id.Course{}
	}
	c, err := run.NewChunk(in)
	if err != nil {
		return err
	}
	s, _, err := w.Runs.Start(ctx, uid, start)
	if err != nil {
		return err
	}
	if _, _, err := w.Runs.AppendChunk(ctx, uid, s.ID(), c); err != nil {
		return err
	}
	rec, _, err := w.Runs.Complete(ctx, uid, s.ID(), app.CompleteInput{})
	if err != nil {
		return err
	}
	w.kept[uid][rec.ID] = true
	return w.Settle.Run(ctx, rec.ID)
}

// While 16 writers finish runs, delete them, judge again and leave, readers see
// boards whose ranks fit; afterwards every board, statistics row and total
// equals what the records give, counted here one by one.
func TestBoardsAndStatisticsAreExactUnderConcurrentFinishes(t *testing.T) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		a := app.New(app.Deps{
			Store: store, Clock: &clock{morning}, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Letters: letters.Tables{}, Log: slog.New(slog.DiscardHandler),
		}, app.Settings{})
		newRunner := func(name string) id.User {
			u, _, err := store.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: name},
				user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: morning, UpdatedAt: morning})
			noError(t, err)
			return u.ID
		}
		creator := newRunner("creator")
		courses := []course.Course{straight(t, store, creator), straight(t, store, creator)}
		writers := make([]*writer, 16)
		for i := range writers {
			writers[i] = &writer{App: a, kept: map[id.User]map[id.Record]bool{}}
			for k := range 3 {
				uid := newRunner(fmt.Sprint("runner ", i, k))
				writers[i].runners = append(writers[i].runners, uid)
				writers[i].kept[uid] = map[id.Record]bool{}
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var writing, reading sync.WaitGroup
		for i, w := range writers {
			writing.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 7)) // repeatable
				for range 16 {
					if err := w.act(t.Context(), r, courses); err != nil && !fault.HasCode(err, "run_not_found") {
						t.Errorf("writer %d: %v", i, err)
					}
				}
			})
		}
		for range 2 {
			reading.Go(func() {
				for ctx.Err() == nil {
					for _, c := range courses {
						rows, total, err := store.Board(t.Context(), ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 1000}})
						noErrorHere(t, err)
						checkRanks(t, rows, total)
					}
				}
			})
		}
		writing.Wait()
		stop()
		reading.Wait()
		duplicates := 0
		for _, w := range writers {
			for _, uid := range w.runners {
				for rid := range w.kept[uid] { // as the job does, for what a deleted one left to another
					noError(t, a.Settle.Run(t.Context(), rid))
					if rec, err := store.Record(t.Context(), rid); err != nil || !rec.Counts() {
						noError(t, err)
						duplicates++
					}
				}
			}
		}
		if duplicates == 0 {
			t.Error("no run was recorded twice")
		}
		for _, c := range courses {
			checkCourse(t, store, c, writers)
		}
		bests := 0
		for _, w := range writers {
			for _, uid := range w.runners {
				bests += checkRunner(t, a, store, uid, w.kept[uid])
			}
		}
		if bests < 10 {
			t.Errorf("too little happened: %d runners have a best", bests)
		}
	})
}

// checkRunner holds what is kept of a runner against their records, and returns
// how many bests they have.
func checkRunner(t *testing.T, a *app.App, store ports.Store, uid id.User, kept map[id.Record]bool) int {
	t.Helper()
	var runs []stats.Run
	for rid := range kept {
		rec, err := store.Record(t.Context(), rid)
		noError(t, err)
		if rec.Counts() {
			runs = append(runs, stats.RunOf(rec))
		}
	}
	want := stats.OfUser(runs)
	got, err := a.Users.Stats(t.Context(), uid)
	noError(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("statistics\n%+v, want\n%+v", got, want)
	}
	all, err := store.UserRuns(t.Context(), uid)
	noError(t, err)
	if !reflect.DeepEqual(stats.OfUser(all), want) {
		t.Errorf("the store's runs give\n%+v, want\n%+v", stats.OfUser(all), want)
	}
	u, err := store.User(t.Context(), uid)
	noError(t, err)
	if u.TotalRuns != want.Total.Runs || u.TotalDistanceMeters != want.Total.DistanceMeters {
		t.Errorf("totals of %d runs and %d m, want %+v", u.TotalRuns, u.TotalDistanceMeters, want.Total)
	}
	return len(want.Bests)
}

func noErrorHere(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// checkRanks holds the ranks of a whole board against its times.
func checkRanks(t *testing.T, rows []ports.BoardRow, total int) {
	t.Helper()
	if len(rows) != total {
		t.Errorf("%d rows, and %d in all", len(rows), total)
	}
	for i, row := range rows {
		want := 1 + slices.IndexFunc(rows, func(r ports.BoardRow) bool { return r.BestDurationSeconds == row.BestDurationSeconds })
		if row.Rank != want || (i > 0 && ranking.Compare(rows[i-1].Row, row.Row) >= 0) {
			t.Errorf("row %d has the rank %d, want %d", i, row.Rank, want)
		}
	}
}

// checkCourse holds the boards and the statistics of a course against its records.
func checkCourse(t *testing.T, store ports.Store, c course.Course, writers []*writer) {
	t.Helper()
	ctx := t.Context()
	var totals stats.CourseTotals
	want := map[ranking.Period][]ranking.Row{}
	for _, w := range writers {
		for _, uid := range w.runners {
			var attempts []ranking.Attempt
			for rid := range w.kept[uid] {
				rec, err := store.Record(ctx, rid)
				noError(t, err)
				if rec.CourseID != c.ID || !rec.Counts() {
					continue
				}
				a := ranking.Attempt{RecordID: rid, FinishedAt: rec.FinishedAt, LocalDate: rec.LocalDate, LocalHour: rec.LocalHour}
				if rec.Result.Completed {
					a.Completed, a.DurationSeconds = true, *rec.Result.DurationSeconds
					if totals.BestDuration == 0 || a.DurationSeconds < totals.BestDuration {
						totals.BestDuration = a.DurationSeconds
					}
				}
				attempts = append(attempts, a)
			}
			totals = totals.Replace(stats.CourseTotals{}, stats.TotalsOf(attempts))
			periods := map[ranking.Period]bool{}
			for _, a := range attempts {
				for _, p := range ranking.PeriodsOf(a.LocalDate) {
					periods[p] = true
				}
			}
			for p := range periods {
				if row, ranked := ranking.Best(c.ID, c.DistanceMeters, uid, p, attempts); ranked {
					want[p] = append(want[p], row)
				}
			}
		}
	}
	if len(want) < 10 || totals.Runs == totals.CompletedRuns {
		t.Fatalf("too little happened: %d boards, %+v", len(want), totals)
	}
	for p, rows := range want {
		slices.SortFunc(rows, ranking.Compare)
		got, total, err := store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: p, Page: ports.Page{Limit: 1000}})
		noError(t, err)
		checkRanks(t, got, total)
		if len(got) != len(rows) {
			t.Fatalf("%v: %d rows, want %d", p, len(got), len(rows))
		}
		for i := range rows {
			rows[i].Rank = got[i].Rank
			if rows[i] != got[i].Row {
				t.Errorf("%v: row %d is %+v, want %+v", p, i, got[i].Row, rows[i])
			}
		}
	}
	row, err := store.CourseStats(ctx, c.ID)
	noError(t, err)
	wantRow := stats.OfCourse(c.ID, c.DistanceMeters, totals, row.UpdatedAt)
	if fmt.Sprintf("%+v", row.Totals()) != fmt.Sprintf("%+v", wantRow.Totals()) {
		t.Errorf("statistics %+v, want %+v", row.Totals(), wantRow.Totals())
	}
	counted, err := store.CourseTotals(ctx, c.ID)
	noError(t, err)
	if counted != row.Totals() {
		t.Errorf("counted %+v, kept %+v", counted, row.Totals())
	}
}
