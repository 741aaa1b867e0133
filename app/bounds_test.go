package app_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// fixesEvery are n fixes of a file.
func fixesEvery(n int, step time.Duration, meters float64) ports.Activity {
	var fixes []ports.TrackFix
	for i := range n {
		fixes = append(fixes, ports.TrackFix{
			Point: geo.MustPoint(37.5, 127+float64(i)*meters/88_426), Timestamp: morning.Add(-time.Duration(n-i) * step).UnixMilli(),
			HasPlace: true, HasTime: true, Accuracy: run.Absent, Altitude: run.Absent, HeartRate: run.Absent, Cadence: run.Absent, Speed: run.Absent,
		})
	}
	return ports.Activity{Name: "from a file", Parts: []ports.TrackPart{{Fixes: fixes}}}
}

// files reads whatever it is given as one track.
type files struct {
	ports.TrackFiles
	track ports.Activity
}

func (f *files) Read(context.Context, []byte) ([]ports.Activity, error) {
	return []ports.Activity{f.track}, nil
}

// importing gives a world files to import, and a store of its own.
func (w world) importing(f *files, store ports.Store) *app.Runs {
	return app.New(app.Deps{Store: store, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Files: f, Budget: plenty(), Log: slog.New(slog.DiscardHandler)}, app.Settings{}).Runs
}

// imports imports a file with one run, duplicates and all.
func imports(ctx context.Context, runs *app.Runs, uid id.User) (run.Record, bool, error) {
	made, err := runs.Import(ctx, uid, nil, app.ImportInput{KeepDuplicates: true})
	if err != nil {
		return run.Record{}, false, err
	}
	return made[0].Record, made[0].Created, nil
}

func (w world) sessions(t *testing.T, status run.Status) int {
	t.Helper()
	_, n, err := w.store.ListSessions(t.Context(), w.mina, status, ports.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOfFiftyStartsAtOnceFiveAreActive(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, _, err := w.Runs.Start(t.Context(), w.mina, app.StartInput{StartedAt: morning}); err != nil && !errors.Is(err, run.ErrTooManySessions) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.sessions(t, ""); n != run.MaxActiveSessions {
		t.Errorf("%d sessions", n)
	}
}

func TestASixthSessionIsRefusedHoweverItIsOpened(t *testing.T) {
	w := newWorld(t)
	in := app.StartInput{StartedAt: morning, ClientSessionID: "0199b0a2-0000-7000-8000-000000000abc"}
	first, _, err := w.Runs.Start(t.Context(), w.mina, in)
	if err != nil {
		t.Fatal(err)
	}
	abandoned := w.start(t)
	if _, err := w.Runs.Abandon(t.Context(), w.mina, abandoned); err != nil {
		t.Fatal(err)
	}
	for range run.MaxActiveSessions - 1 {
		w.start(t)
	}
	if again, created, err := w.Runs.Start(t.Context(), w.mina, in); err != nil || created || again.ID() != first.ID() {
		t.Errorf("a repeat of the first start: %v", err)
	}
	if _, err := w.Runs.Resume(t.Context(), w.mina, abandoned); !errors.Is(err, run.ErrTooManySessions) {
		t.Errorf("a sixth by resuming: %v", err)
	}
	if _, err := w.Runs.Resume(t.Context(), w.mina, first.ID()); err != nil {
		t.Errorf("resuming an active one: %v", err)
	}
	if s, _ := w.Runs.Session(t.Context(), w.mina, abandoned); s.Status() != run.Abandoned {
		t.Errorf("what was refused is %s", s.Status())
	}
	_, _, err = w.Runs.Start(t.Context(), w.mina, app.StartInput{StartedAt: morning})
	f := fault.As(err)
	if !errors.Is(err, run.ErrTooManySessions) || len(f.Details["active"].([]string)) != run.MaxActiveSessions {
		t.Fatalf("a sixth by starting: %v", err)
	}
	// An import closes in the same breath.
	runs := w.importing(&files{track: fixesEvery(60, time.Second, 3)}, w.store)
	if _, _, err := imports(t.Context(), runs, w.mina); err != nil {
		t.Errorf("an import beside five: %v", err)
	}
	// One that ends makes room.
	if _, err := w.Runs.Abandon(t.Context(), w.mina, first.ID()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Runs.Resume(t.Context(), w.mina, abandoned); err != nil {
		t.Errorf("resuming one of five: %v", err)
	}
}

func TestImportsADayAreBounded(t *testing.T) {
	w := newWorld(t)
	f := &files{}
	runs := w.importing(f, w.store)
	take := func(n int) error {
		f.track = fixesEvery(2+n, time.Second, 3)
		_, _, err := imports(t.Context(), runs, w.mina)
		return err
	}
	for n := range run.MaxImportsADay {
		w.clock.now = morning.Add(time.Duration(n) * time.Second)
		if err := take(n); err != nil {
			t.Fatal(n, err)
		}
	}
	err := take(run.MaxImportsADay)
	if got := fault.As(err); got == nil || got.Code != "import_quota_exceeded" || got.Details["retry_after"] != 86400-(run.MaxImportsADay-1) {
		t.Fatalf("one more: %v", err)
	}
	if n := w.sessions(t, ""); n != run.MaxImportsADay {
		t.Errorf("%d sessions", n)
	}
	if err := take(0); err != nil {
		t.Errorf("a file that was imported before: %v", err)
	}
	w.clock.now = morning.Add(24*time.Hour - time.Millisecond)
	if err := take(run.MaxImportsADay); err == nil {
		t.Error("one more, before the day is over")
	}
	w.clock.now = morning.Add(24 * time.Hour)
	if err := take(run.MaxImportsADay); err != nil {
		t.Errorf("one more, a day after the first: %v", err)
	}
	if err := take(run.MaxImportsADay + 1); err == nil {
		t.Error("two more, a day after the first")
	}
}

// goneAfter is a store whose caller goes away after so many chunks.
type goneAfter struct {
	ports.Store
	chunks int
	leave  context.CancelFunc
}

func (g *goneAfter) AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (run.Session, run.Acceptance, error) {
	if g.chunks--; g.chunks < 0 {
		g.leave()
	}
	return g.Store.AppendChunk(ctx, sid, c, decide)
}

func TestAFailedImportLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		track ports.Activity
		code  string
	}{
		"too long":            {fixesEvery(1000, 9*24*time.Hour, 10), "run_too_long"},
		"too many fixes":      {fixesEvery(run.MaxSessionFixes+1, 100*time.Millisecond, 0.1), "session_full"},
		"all at one time":     {fixesEvery(5, 0, 3), "run_too_short"},
		"two fixes, far away": {fixesEvery(2, 9*24*time.Hour, 10), "run_too_short"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				if _, _, err := imports(t.Context(), w.importing(&files{track: c.track}, w.store), w.mina); !fault.HasCode(err, c.code) {
					t.Errorf("%v, want %s", err, c.code)
				}
				if n := w.sessions(t, ""); n != 0 {
					t.Fatalf("%d sessions are left", n)
				}
			}
		})
	}
	ctx, leave := context.WithCancel(t.Context())
	store := &goneAfter{Store: w.store, chunks: 1, leave: leave}
	good := &files{track: fixesEvery(2*run.MaxChunkFixes, time.Second, 3)}
	if _, _, err := imports(ctx, w.importing(good, store), w.mina); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who went away: %v", err)
	}
	if n := w.sessions(t, ""); n != 0 {
		t.Errorf("%d sessions are left of a caller who went away", n)
	}
	if _, created, err := imports(t.Context(), w.importing(good, w.store), w.mina); err != nil || !created {
		t.Errorf("the same file again: %v, %v", created, err)
	}
}

// A process that died while it imported leaves a session; the reaper may have
// ended it since.
func TestAnImportThatWasCutOffIsMadeGood(t *testing.T) {
	f := &files{track: fixesEvery(100, time.Second, 3)}
	for _, status := range []run.Status{run.Active, run.Abandoned} {
		w := newWorld(t)
		whole, _, err := imports(t.Context(), w.importing(f, w.store), w.mina)
		if err != nil {
			t.Fatal(err)
		}
		s, err := w.store.Session(t.Context(), whole.SessionID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.store.DeleteRecord(t.Context(), whole.ID); err != nil {
			t.Fatal(err)
		}
		left := s.Snapshot()
		left.Status, left.RecordID, left.Ledger = status, id.Record{}, run.Ledger{}
		if status == run.Abandoned {
			left.AbandonedAt = morning
		}
		if _, _, err := w.store.InsertSession(t.Context(), run.RestoreSession(left)); err != nil {
			t.Fatal(err)
		}
		rec, created, err := imports(t.Context(), w.importing(f, w.store), w.mina)
		if err != nil || !created || rec.TrackDigest != whole.TrackDigest || w.sessions(t, "") != 1 {
			t.Errorf("after one that is %s: %v, %v", status, created, err)
		}
	}
}

// A run that is too long to be measured does not keep the reaper from its work.
func TestASilentSessionThatIsTooLongIsAbandoned(t *testing.T) {
	w := newWorld(t)
	in := run.ChunkInput{Type: run.Final}
	for i, f := range fixesEvery(1000, 9*24*time.Hour, 10).Fixes() {
		in.Fixes = append(in.Fixes, run.Fix{Point: geo.MustPoint(0, float64(i*11%360)-180), Timestamp: f.Timestamp, Altitude: run.Absent, Accuracy: run.Absent})
	}
	s, _, err := w.Runs.Start(t.Context(), w.mina, app.StartInput{StartedAt: time.UnixMilli(in.Fixes[0].Timestamp)})
	if err != nil {
		t.Fatal(err)
	}
	w.send(t, s.ID(), in)
	good := w.start(t, minute(0, run.Final, 180))
	w.clock.now = morning.Add(run.SilenceLimit)
	w.reap(t)
	for sid, want := range map[id.Session]run.Status{s.ID(): run.Abandoned, good: run.Completed} {
		if s, err := w.Runs.Session(t.Context(), w.mina, sid); err != nil || s.Status() != want {
			t.Errorf("%s, want %s: %v", s.Status(), want, err)
		}
	}
}
