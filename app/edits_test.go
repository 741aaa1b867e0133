package app_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// at is a time so many seconds into the morning.
func at(seconds int) time.Time { return morning.Add(time.Duration(seconds) * time.Second) }

// later is the world two hours later: what is recorded lies behind.
func later(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	w.clock.now = at(7200)
	return w
}

// ran records and settles a run.
func (w world) ran(t *testing.T, uid id.User, cid id.Course, fixes []run.Fix) run.Record {
	t.Helper()
	s, _, err := w.Runs.Start(t.Context(), uid, app.StartInput{StartedAt: morning, CourseID: cid})
	noError(t, err)
	c, err := run.NewChunk(run.ChunkInput{Type: run.Final, Fixes: fixes})
	noError(t, err)
	_, _, err = w.Runs.AppendChunk(t.Context(), uid, s.ID(), c)
	noError(t, err)
	rec, _, err := w.Runs.Complete(t.Context(), uid, s.ID(), app.CompleteInput{})
	noError(t, err)
	return w.settled(t, rec.ID)
}

// settled does the jobs that runs wait for, and returns one.
func (w world) settled(t *testing.T, rid id.Record) run.Record {
	t.Helper()
	for _, job := range w.store.Waiting() {
		if job.Kind == ports.JobSettleRun {
			noError(t, w.Handle(t.Context(), job))
		}
	}
	rec, err := w.store.Record(t.Context(), rid)
	noError(t, err)
	return rec
}

// lane is a run of so many seconds along the course from its start, or from later.
func lane(n uint64, from, seconds int, meters float64) []run.Fix {
	fixes := straightOn(rand.New(rand.NewPCG(n, n)), morning, seconds, 1, meters)
	for i := range fixes {
		fixes[i].Timestamp += int64(from) * 1000
	}
	return fixes
}

// counts holds what is kept of a runner against some runs.
func (w world) counts(t *testing.T, uid id.User, want ...run.Record) {
	t.Helper()
	kept := map[id.Record]bool{}
	for _, r := range want {
		kept[r.ID] = true
	}
	checkRunner(t, w.App, w.store, uid, kept)
	list, total, err := w.store.ListRecords(t.Context(), ports.RecordQuery{Owner: uid, Page: ports.Page{Limit: 100}})
	noError(t, err)
	if total != len(want) || len(list) != len(want) {
		t.Errorf("%d runs are listed, want %d", total, len(want))
	}
}

// best returns a runner's time on a board; 0 for none.
func (w world) best(t *testing.T, cid id.Course, uid id.User) int {
	t.Helper()
	rows, _, err := w.store.Board(t.Context(), ports.BoardQuery{CourseID: cid, Period: ranking.AllTime, Page: ports.Page{Limit: 100}})
	noError(t, err)
	for _, row := range rows {
		if row.UserID == uid {
			return row.BestDurationSeconds
		}
	}
	return 0
}

// TestACropIsCountedAndUndone holds what follows from a crop, and that nothing is left
// of it when it is undone.
func TestACropIsCountedAndUndone(t *testing.T) {
	w := later(t)
	c := straight(t, w.store, w.mina)
	whole := w.ran(t, w.mina, c.ID, lane(1, 0, 100, 400))
	if w.best(t, c.ID, w.mina) == 0 {
		t.Fatal(whole.Verdict)
	}
	rec, err := w.Runs.Crop(t.Context(), w.mina, whole.ID, at(0), at(40))
	noError(t, err)
	if rec.Processing != run.ProcessingPending || w.best(t, c.ID, w.mina) != 0 {
		t.Error("what was edited just now is on the board")
	}
	if _, err := w.Runs.Crop(t.Context(), w.mina, whole.ID, at(0), at(30)); !fault.HasCode(err, "run_pending") {
		t.Errorf("another crop meanwhile: %v", err)
	}
	again, err := w.Runs.Crop(t.Context(), w.mina, whole.ID, at(0), at(40))
	noError(t, err)
	if !reflect.DeepEqual(again, rec) {
		t.Errorf("the same crop again gives\n%+v, not\n%+v", again, rec)
	}
	left := w.settled(t, whole.ID)
	if left.Result == nil || left.Result.Completed || left.DistanceMeters != 160 || w.best(t, c.ID, w.mina) != 0 {
		t.Errorf("%d m are left, and the verdict is %+v", left.DistanceMeters, left.Verdict)
	}
	w.counts(t, w.mina, left)

	_, err = w.Runs.UndoEdits(t.Context(), w.mina, whole.ID)
	noError(t, err)
	undone := w.settled(t, whole.ID)
	want := whole
	want.Version = 2
	if !reflect.DeepEqual(undone, want) {
		t.Errorf("undone it is\n%+v, was\n%+v", undone, want)
	}
	w.counts(t, w.mina, whole)
	same, err := w.Runs.UndoEdits(t.Context(), w.mina, whole.ID)
	noError(t, err)
	if !reflect.DeepEqual(same, want) {
		t.Error("undoing nothing changes something")
	}
}

// Who begins within the threshold of a gate is given the missing metres at their own
// pace: a crop must not be a way to lose a rest that was made there.
func TestNoEditMakesATimeBetter(t *testing.T) {
	for name, edit := range map[string]func(w world, rid id.Record) error{
		"cropped": func(w world, rid id.Record) error {
			return errOf(w.Runs.Crop(t.Context(), w.mina, rid, at(31), at(120)))
		},
		"split, and the first part deleted": func(w world, rid id.Record) error {
			if _, _, _, err := w.Runs.Split(t.Context(), w.mina, rid, at(31)); err != nil {
				return err
			}
			w.settled(t, rid)
			return w.Runs.Delete(t.Context(), w.mina, rid)
		},
	} {
		w := later(t)
		c := straight(t, w.store, w.mina)
		fixes := lane(1, 0, 100, 400)
		for i := 11; i < len(fixes); i++ {
			fixes[i].Timestamp += 20_000 // a rest of 20 s, 40 m behind the start
		}
		whole := w.ran(t, w.mina, c.ID, fixes)
		before := w.best(t, c.ID, w.mina)
		noError(t, edit(w, whole.ID))
		w.settled(t, w.listed(t, w.mina)[0].ID)
		rec := w.listed(t, w.mina)[0]
		if rec.StartedAt.Before(at(30)) || rec.Verdict == nil || rec.Verdict.Status != judge.Completed {
			t.Errorf("%s: nobody began behind the gate: %s, %+v", name, rec.StartedAt, rec.Verdict)
		}
		if got := w.best(t, c.ID, w.mina); got != before {
			t.Errorf("%s: %d s, was %d s", name, got, before)
		}
		noError(t, w.Rejudge.Run(t.Context(), c.ID, false, app.Findings{Judged: func(r app.Rejudged) {
			if r.Differs() {
				t.Errorf("%s: judged again it is another: %+v", name, r)
			}
		}, Skipped: func(id.Course, error) {}}))
	}
}

// listed are a runner's runs, oldest first.
func (w world) listed(t *testing.T, uid id.User) (runs []run.Record) {
	t.Helper()
	list, _, err := w.store.ListRecords(t.Context(), ports.RecordQuery{Owner: uid, Page: ports.Page{Limit: 100}})
	noError(t, err)
	for _, summary := range list {
		rec, err := w.store.Record(t.Context(), summary.ID)
		noError(t, err)
		runs = append([]run.Record{rec}, runs...)
	}
	return runs
}

func TestASplitMakesTwoRunsThatNeedNotEachOther(t *testing.T) {
	for _, gone := range []int{0, 1} {
		w := later(t)
		whole := w.ran(t, w.mina, id.Course{}, lane(1, 0, 600, 1800))
		_, second, created, err := w.Runs.Split(t.Context(), w.mina, whole.ID, at(200))
		noError(t, err)
		if !created {
			t.Error("nothing was made")
		}
		again, other, created, err := w.Runs.Split(t.Context(), w.mina, whole.ID, at(200))
		noError(t, err)
		if created || again.ID != whole.ID || other.ID != second.ID {
			t.Errorf("split there again: %v and %v, created %v", again.ID, other.ID, created)
		}
		w.settled(t, whole.ID)
		halves := w.listed(t, w.mina)
		w.counts(t, w.mina, halves...)
		if len(halves) != 2 || halves[0].DistanceMeters != 600 || halves[1].DistanceMeters != 1200 || halves[1].SplitFrom != whole.ID {
			t.Fatalf("%+v", halves)
		}
		noError(t, w.Runs.Delete(t.Context(), w.mina, halves[gone].ID))
		left := halves[1-gone]
		track, release, err := w.Runs.Track(t.Context(), w.mina, left.ID)
		noError(t, err)
		release()
		points := 0
		for _, p := range track.Parts {
			points += len(p.Fixes)
		}
		if want := left.TotalElapsedSeconds + 1; points != want {
			t.Errorf("%d points are left, want %d", points, want)
		}
		w.counts(t, w.mina, left)
		_, err = w.Runs.UndoEdits(t.Context(), w.mina, left.ID)
		noError(t, err)
		want := 1800 // of the first half all was recorded
		if gone == 0 {
			want = 1200
		}
		if got := w.settled(t, left.ID); got.DistanceMeters != want || got.Edited() != (gone == 0) {
			t.Errorf("undone it has %d m, want %d, edited %v", got.DistanceMeters, want, got.Edited())
		}
	}
}

func TestASplitIsUndoneFromEitherRun(t *testing.T) {
	for _, from := range []int{0, 1, 2} {
		w := later(t)
		whole := w.ran(t, w.mina, id.Course{}, lane(1, 0, 600, 1800))
		_, second, _, err := w.Runs.Split(t.Context(), w.mina, whole.ID, at(200))
		noError(t, err)
		w.settled(t, whole.ID)
		_, _, _, err = w.Runs.Split(t.Context(), w.mina, second.ID, at(400))
		noError(t, err)
		w.settled(t, whole.ID)
		thirds := w.listed(t, w.mina)
		if len(thirds) != 3 {
			t.Fatal(len(thirds))
		}
		_, err = w.Runs.UndoEdits(t.Context(), w.mina, thirds[from].ID)
		noError(t, err)
		undone := w.settled(t, whole.ID)
		undone.Version = 0
		if !reflect.DeepEqual(undone, whole) {
			t.Errorf("undone it is\n%+v, was\n%+v", undone, whole)
		}
		w.counts(t, w.mina, whole)
	}
}

func TestMergedRunsAreOneUntilItIsUndone(t *testing.T) {
	w := later(t)
	c := straight(t, w.store, w.mina)
	first, second := w.ran(t, w.mina, c.ID, lane(1, 0, 50, 150)), w.ran(t, w.mina, c.ID, lane(2, 600, 100, 400))
	merge := func() run.Record {
		t.Helper()
		_, err := w.Runs.Merge(t.Context(), w.mina, []id.Record{second.ID, first.ID})
		noError(t, err)
		return w.settled(t, first.ID)
	}
	whole := merge()
	if whole.DistanceMeters != 550 || whole.DurationSeconds != 150 || len(whole.Pauses) != 1 || whole.Pauses[0].Kind != run.Declared {
		t.Errorf("%d m in %d s, breaks %+v", whole.DistanceMeters, whole.DurationSeconds, whole.Pauses)
	}
	w.counts(t, w.mina, whole)
	if again := merge(); !reflect.DeepEqual(again, whole) {
		t.Error("merged again it is another")
	}
	for what, err := range map[string]error{
		"deleting a part":        w.Runs.Delete(t.Context(), w.mina, second.ID),
		"cropping a part":        errOf(w.Runs.Crop(t.Context(), w.mina, second.ID, at(610), at(650))),
		"undoing a part's edits": errOf(w.Runs.UndoEdits(t.Context(), w.mina, second.ID)),
	} {
		if !fault.HasCode(err, "run_merged") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := w.Runs.UndoEdits(t.Context(), w.mina, first.ID)
	noError(t, err)
	w.settled(t, first.ID)
	for i, got := range w.listed(t, w.mina) {
		want := []run.Record{first, second}[i]
		want.Version = 2
		if !reflect.DeepEqual(got, want) {
			t.Errorf("undone it is\n%+v, was\n%+v", got, want)
		}
	}
	w.counts(t, w.mina, first, second)
	// A half that is part of another run cannot be taken from that.
	_, half, _, err := w.Runs.Split(t.Context(), w.mina, first.ID, at(25))
	noError(t, err)
	w.settled(t, half.ID)
	_, err = w.Runs.Merge(t.Context(), w.mina, []id.Record{half.ID, second.ID})
	noError(t, err)
	w.settled(t, half.ID)
	if _, err := w.Runs.Merge(t.Context(), w.mina, []id.Record{first.ID, half.ID}); err != nil {
		t.Fatal(err)
	}
	w.settled(t, first.ID)
	if _, err := w.Runs.UndoEdits(t.Context(), w.mina, first.ID); err != nil {
		t.Fatal(err)
	}
	w.settled(t, first.ID)
	w.counts(t, w.mina, first, second)
	merge()
	noError(t, w.Runs.Delete(t.Context(), w.mina, first.ID))
	w.counts(t, w.mina)
	if _, err := w.store.Session(t.Context(), second.SessionID); !fault.HasCode(err, "session_not_found") {
		t.Errorf("what was recorded of a part: %v", err)
	}
}

func errOf(_ run.Record, err error) error { return err }

// The duplicates of what is merged, and of what an undone split had made, count when
// they should, and only then.
func TestDuplicatesFollowTheEdits(t *testing.T) {
	w := later(t)
	first, second := w.ran(t, w.mina, id.Course{}, lane(1, 0, 100, 400)), w.ran(t, w.mina, id.Course{}, lane(2, 600, 100, 400))
	twin := w.ran(t, w.mina, id.Course{}, lane(3, 600, 100, 401))
	if twin.DuplicateOf != second.ID {
		t.Fatal(twin.DuplicateOf)
	}
	_, err := w.Runs.Merge(t.Context(), w.mina, []id.Record{first.ID, second.ID})
	noError(t, err)
	w.counts(t, w.mina, w.settled(t, first.ID), twin)
	noError(t, w.Runs.Delete(t.Context(), w.mina, first.ID))
	if twin = w.settled(t, twin.ID); !twin.Counts() {
		t.Error("nothing counts of what was recorded twice")
	}
	w.counts(t, w.mina, twin)

	_, half, _, err := w.Runs.Split(t.Context(), w.mina, twin.ID, at(650))
	noError(t, err)
	w.settled(t, half.ID)
	copied := w.ran(t, w.mina, id.Course{}, lane(4, 600, 100, 402)[50:])
	if copied.DuplicateOf != half.ID {
		t.Fatal(copied.DuplicateOf)
	}
	_, err = w.Runs.UndoEdits(t.Context(), w.mina, half.ID)
	noError(t, err)
	if copied = w.settled(t, copied.ID); copied.DuplicateOf != twin.ID {
		t.Errorf("a duplicate of what is gone is one of %v", copied.DuplicateOf)
	}
	w.counts(t, w.mina, w.settled(t, twin.ID), copied)
}

func TestAnEditHidesNoCopy(t *testing.T) {
	w := later(t)
	joon := w.runner(t, "joon")
	flagged := func(r run.Record) bool { return slices.Contains(r.Flags, run.FlagCopiedTrack) }
	track := lane(1, 0, 100, 400)
	mine := w.ran(t, w.mina, id.Course{}, track)
	copied := w.ran(t, joon, id.Course{}, track)
	_, err := w.Runs.Crop(t.Context(), joon, copied.ID, at(10), at(90))
	noError(t, err)
	if !flagged(w.settled(t, copied.ID)) {
		t.Error("a copy that was cropped is none")
	}
	_, half, _, err := w.Runs.Split(t.Context(), joon, copied.ID, at(50))
	noError(t, err)
	if !flagged(half) {
		t.Error("a half of a copy is none")
	}
	w.settled(t, half.ID)
	_, err = w.Runs.Crop(t.Context(), w.mina, mine.ID, at(20), at(80))
	noError(t, err)
	mine = w.settled(t, mine.ID)
	if flagged(mine) {
		t.Error("the original is a copy")
	}
	for name, fixes := range map[string][]run.Fix{"as it was recorded": track, "as it is cropped": track[20:81]} {
		if !flagged(w.ran(t, w.runner(t, name), id.Course{}, fixes)) {
			t.Errorf("a copy of the run %s is none", name)
		}
	}
	apart := w.ran(t, joon, id.Course{}, lane(9, 1000, 100, 400))
	halves := w.ran(t, joon, id.Course{}, lane(8, -1000, 100, 400))
	if flagged(apart) || flagged(halves) {
		t.Fatal("other runs are copies")
	}
	noError(t, errOf(w.Runs.Merge(t.Context(), joon, []id.Record{halves.ID, half.ID})))
	if !flagged(w.settled(t, halves.ID)) {
		t.Error("a run with a part that is a copy is none")
	}
	sly := w.runner(t, "sly")
	longer := append(slices.Clone(track[:81]), lane(7, 0, 100, 400)[81:]...)
	cut := w.ran(t, sly, id.Course{}, longer)
	if flagged(cut) {
		t.Fatal("another run is a copy")
	}
	_, err = w.Runs.Crop(t.Context(), sly, cut.ID, at(20), at(80))
	noError(t, err)
	if !flagged(w.settled(t, cut.ID)) {
		t.Error("what is a copy once it is cropped is none")
	}
}

// What was split off a run and is part of yet another stays with that.
func TestASplitIsNotUndoneOverAnotherRun(t *testing.T) {
	w := later(t)
	whole, before := w.ran(t, w.mina, id.Course{}, lane(1, 0, 600, 1800)), w.ran(t, w.mina, id.Course{}, lane(2, -600, 100, 400))
	_, _, _, err := w.Runs.Split(t.Context(), w.mina, whole.ID, at(200))
	noError(t, err)
	w.settled(t, whole.ID)
	_, last, _, err := w.Runs.Split(t.Context(), w.mina, w.listed(t, w.mina)[2].ID, at(400))
	noError(t, err)
	w.settled(t, last.ID)
	noError(t, errOf(w.Runs.Crop(t.Context(), w.mina, whole.ID, at(0), at(100))))
	w.settled(t, whole.ID)
	noError(t, errOf(w.Runs.Merge(t.Context(), w.mina, []id.Record{before.ID, last.ID})))
	w.settled(t, before.ID)
	for _, rid := range []id.Record{whole.ID, last.ID} {
		if _, err := w.Runs.UndoEdits(t.Context(), w.mina, rid); !fault.HasCode(err, "run_merged") {
			t.Errorf("undone under another run: %v", err)
		}
	}
	noError(t, errOf(w.Runs.UndoEdits(t.Context(), w.mina, before.ID)))
	w.settled(t, before.ID)
	noError(t, errOf(w.Runs.UndoEdits(t.Context(), w.mina, whole.ID)))
	w.settled(t, whole.ID)
	w.counts(t, w.mina, before, whole)
}

func TestWhatIsNotEdited(t *testing.T) {
	w := later(t)
	joon := w.runner(t, "joon")
	c := straight(t, w.store, joon)
	mine := w.ran(t, w.mina, c.ID, lane(1, 0, 100, 400))
	w.ran(t, joon, c.ID, lane(2, 0, 100, 400))
	all := map[string]func(uid id.User) error{
		"crop": func(uid id.User) error { return errOf(w.Runs.Crop(t.Context(), uid, mine.ID, at(10), at(90))) },
		"split": func(uid id.User) error {
			_, _, _, err := w.Runs.Split(t.Context(), uid, mine.ID, at(50))
			return err
		},
		"merge": func(uid id.User) error { return errOf(w.Runs.Merge(t.Context(), uid, []id.Record{mine.ID, mine.ID})) },
		"undo":  func(uid id.User) error { return errOf(w.Runs.UndoEdits(t.Context(), uid, mine.ID)) },
	}
	for name, edit := range all {
		if err := edit(joon); !fault.HasCode(err, "run_not_found") {
			t.Errorf("%s by another: %v", name, err)
		}
	}
	for name, cut := range map[string]time.Time{"before": at(-1), "behind": at(101)} {
		if _, _, _, err := w.Runs.Split(t.Context(), w.mina, mine.ID, cut); !fault.HasCode(err, "outside_run") {
			t.Errorf("split %s: %v", name, err)
		}
	}
	if _, _, _, err := w.Runs.Split(t.Context(), w.mina, mine.ID, at(100)); !fault.HasCode(err, "run_too_short") {
		t.Errorf("split at the end: %v", err)
	}
	noError(t, w.Courses.Delete(t.Context(), joon, c.ID)) // mina completed it: it is retired
	if err := all["crop"](w.mina); !fault.HasCode(err, "course_retired") {
		t.Errorf("on a retired course: %v", err)
	}
	if got := w.settled(t, mine.ID); !reflect.DeepEqual(got, mine) {
		t.Errorf("it became\n%+v, was\n%+v", got, mine)
	}
}

// A run may be edited while it is judged: the verdict that is stored is of the run as
// it is then.
func TestAVerdictIsOfTheRunAsItIs(t *testing.T) {
	for name, judges := range map[string]func(watched *app.App, rid id.Record) error{
		"settled":      func(watched *app.App, rid id.Record) error { return watched.Settle.Run(t.Context(), rid) },
		"judged again": func(watched *app.App, rid id.Record) error { return watched.Rejudge.Again(t.Context(), rid) },
	} {
		w := later(t)
		c := straight(t, w.store, w.mina)
		whole := w.ran(t, w.mina, c.ID, lane(1, 0, 100, 400))
		if name == "settled" {
			_, err := w.Runs.Crop(t.Context(), w.mina, whole.ID, at(0), at(95))
			noError(t, err)
		}
		during := sync.OnceFunc(func() {
			if name == "settled" {
				w.settled(t, whole.ID) // by another, who was faster
			}
			_, err := w.Runs.Crop(t.Context(), w.mina, whole.ID, at(0), at(40))
			noError(t, err)
			if name == "judged again" {
				w.settled(t, whole.ID)
			}
		})
		noError(t, judges(w.on(&watched{Store: w.store, t: t, read: during}), whole.ID))
		got := w.settled(t, whole.ID)
		if got.Result == nil || got.Result.Completed {
			t.Errorf("%s: cropped to the half it completes the course: %+v", name, got.Verdict)
		}
		if w.best(t, c.ID, w.mina) != 0 {
			t.Errorf("%s: it is on the board", name)
		}
		w.counts(t, w.mina, got)
	}
}

// Of many who edit, delete and settle the same runs at the same time each has one
// outcome, and afterwards totals, boards and statistics are what the records give.
func TestStatisticsAreExactUnderConcurrentEdits(t *testing.T) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		w := everything(t, store, &clock{morning})
		named := func(name string) id.User {
			u, _, err := store.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: name},
				user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: morning, UpdatedAt: morning})
			noError(t, err)
			return u.ID
		}
		joon, mina := named("joon"), named("mina")
		c := straight(t, store, joon)
		for i := range 6 {
			s, _, err := w.Runs.Start(t.Context(), mina, app.StartInput{StartedAt: morning, CourseID: c.ID})
			noError(t, err)
			chunk, err := run.NewChunk(run.ChunkInput{Type: run.Final, Fixes: lane(uint64(i), 300*i-3600, 120, 420)})
			noError(t, err)
			_, _, err = w.Runs.AppendChunk(t.Context(), mina, s.ID(), chunk)
			noError(t, err)
			rec, _, err := w.Runs.Complete(t.Context(), mina, s.ID(), app.CompleteInput{})
			noError(t, err)
			noError(t, w.Settle.Run(t.Context(), rec.ID))
		}
		done := map[string]int{}
		var mu sync.Mutex
		var writing sync.WaitGroup
		for i := range 16 {
			writing.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 11)) // repeatable
				for range 16 {
					what, err := editAtRandom(t.Context(), w, store, mina, r)
					if err != nil && !expected(err) || what != "settle" && errors.Is(err, run.ErrSessionNotFound) {
						t.Errorf("writer %d: %s: %v", i, what, err)
					}
					if err == nil {
						mu.Lock()
						done[what]++
						mu.Unlock()
					}
				}
			})
		}
		writing.Wait()
		list, _, err := store.ListRecords(t.Context(), ports.RecordQuery{Owner: mina, Page: ports.Page{Limit: 1000}})
		noError(t, err)
		var runs []stats.Run
		var attempts []ranking.Attempt
		for _, summary := range list {
			noError(t, w.Settle.Run(t.Context(), summary.ID))
			rec, err := store.Record(t.Context(), summary.ID)
			noError(t, err)
			if !rec.Counts() {
				continue
			}
			runs = append(runs, stats.RunOf(rec))
			if rec.CourseID == c.ID {
				a := ranking.Attempt{RecordID: rec.ID, FinishedAt: rec.FinishedAt, LocalDate: rec.LocalDate, LocalHour: rec.LocalHour}
				if a.Completed = rec.Result.Completed; a.Completed {
					a.DurationSeconds = *rec.Result.DurationSeconds
				}
				attempts = append(attempts, a)
			}
		}
		got, err := w.Users.Stats(t.Context(), mina)
		noError(t, err)
		if want := stats.OfUser(runs); !reflect.DeepEqual(got, want) {
			t.Errorf("statistics\n%+v, want\n%+v", got, want)
		}
		row, ranked := ranking.Best(c.ID, c.DistanceMeters, mina, ranking.AllTime, attempts)
		board, total, err := store.Board(t.Context(), ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 10}})
		noError(t, err)
		if ranked != (total == 1) || ranked && board[0].BestDurationSeconds != row.BestDurationSeconds {
			t.Errorf("the board has %+v, want %+v", board, row)
		}
		kept, err := store.CourseStats(t.Context(), c.ID)
		noError(t, err)
		counted, err := store.CourseTotals(t.Context(), c.ID)
		noError(t, err)
		if counted != kept.Totals() {
			t.Errorf("counted %+v, kept %+v", counted, kept.Totals())
		}
		for _, what := range []string{"crop", "split", "merge", "undo"} {
			if done[what] == 0 {
				t.Errorf("too little happened: %v", done)
			}
		}
	})
}

// editAtRandom does something to a runner's runs.
func editAtRandom(ctx context.Context, a *app.App, store ports.Store, uid id.User, r *rand.Rand) (what string, err error) {
	list, _, err := store.ListRecords(ctx, ports.RecordQuery{Owner: uid, Page: ports.Page{Limit: 1000}})
	if err != nil || len(list) == 0 {
		return "look", err
	}
	at := r.IntN(len(list))
	chosen, other := list[at], list[(at+1+r.IntN(max(1, len(list)-1)))%len(list)]
	within := func() time.Time {
		return chosen.StartedAt.Add(time.Duration(r.IntN(chosen.TotalElapsedSeconds+1)) * time.Second)
	}
	if r.IntN(2) == 0 {
		if err := errors.Join(a.Settle.Run(ctx, chosen.ID), a.Settle.Run(ctx, other.ID)); err != nil {
			return "settle", err
		}
	}
	switch dice := r.IntN(20); {
	case dice == 0 && r.IntN(4) == 0:
		return "delete", a.Runs.Delete(ctx, uid, chosen.ID)
	case dice < 4:
		return "crop", errOf(a.Runs.Crop(ctx, uid, chosen.ID, chosen.StartedAt, within()))
	case dice < 7:
		_, _, _, err := a.Runs.Split(ctx, uid, chosen.ID, within())
		return "split", err
	case dice < 10:
		return "merge", errOf(a.Runs.Merge(ctx, uid, []id.Record{chosen.ID, other.ID}))
	case dice < 13:
		return "undo", errOf(a.Runs.UndoEdits(ctx, uid, chosen.ID))
	default:
		return "settle", a.Settle.Run(ctx, chosen.ID)
	}
}

// expected reports whether an edit may be refused so when others edit, too.
func expected(err error) bool {
	return slices.ContainsFunc([]error{
		run.ErrSessionNotFound, // of a job, which runs again
		ports.ErrRunNotFound, run.ErrRunPending, run.ErrRunMerged, run.ErrRunTooShort, run.ErrOutsideRun, run.ErrRunsOverlap, run.ErrRunsDiffer,
		run.ErrTooManyMerged, course.ErrRetired,
	}, func(known error) bool { return errors.Is(err, known) }) || fault.HasCode(err, "run_busy") || fault.HasCode(err, "validation_failed")
}
