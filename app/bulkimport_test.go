package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

func TestTheOperatorImportsMoreThanADaysBound(t *testing.T) {
	w := newWorld(t)
	f := &files{}
	runs := w.importing(f, w.store)
	for n := range run.MaxImportsADay + 1 {
		f.track = fixesEvery(2+n, time.Second, 3)
		if _, err := runs.Import(t.Context(), w.mina, nil, app.ImportInput{KeepDuplicates: true, Unmetered: true}); err != nil {
			t.Fatal(n, err)
		}
	}
	f.track = fixesEvery(1000, time.Second, 3)
	if _, err := runs.Import(t.Context(), w.mina, nil, app.ImportInput{KeepDuplicates: true}); !fault.HasCode(err, "import_quota_exceeded") {
		t.Errorf("one more of her own: %v", err)
	}
}

func TestAnExportLabelsARun(t *testing.T) {
	w := newWorld(t)
	f := &files{track: fixesEvery(60, time.Second, 3)}
	f.track.Name = "the watch's"
	runs := w.importing(f, w.store)
	labels := app.ImportLabel{Sport: "ride"}
	in := app.ImportInput{Label: func(at time.Time) app.ImportLabel {
		if at.UnixMilli() != f.track.Fixes()[0].Timestamp {
			t.Errorf("asked of %s", at)
		}
		return labels
	}}
	if _, err := runs.Import(t.Context(), w.mina, nil, in); !fault.HasCode(err, "not_a_run") {
		t.Errorf("a ride, as the export says: %v", err)
	}
	labels = app.ImportLabel{Title: "아침 달리기", Sport: ports.SportWalk}
	made, err := runs.Import(t.Context(), w.mina, nil, in)
	if err != nil || made[0].Record.Title != "아침 달리기" || made[0].Record.Activity != run.Walking {
		t.Errorf("%v: %+v", err, made)
	}
	f.track, labels = fixesEvery(70, time.Second, 4), app.ImportLabel{}
	f.track.Name = "the watch's"
	in.KeepDuplicates = true
	if made, err = runs.Import(t.Context(), w.mina, nil, in); err != nil || made[0].Record.Title != "the watch's" || made[0].Record.Activity != run.Running {
		t.Errorf("%v: %+v", err, made)
	}
}

func TestADryRunStoresNothing(t *testing.T) {
	w := newWorld(t)
	f := &files{track: fixesEvery(60, time.Second, 3)}
	runs := w.importing(f, w.store)
	dry := func() (app.Imported, error) {
		made, err := runs.Import(t.Context(), w.mina, nil, app.ImportInput{DryRun: true})
		if err != nil {
			return app.Imported{}, err
		}
		return made[0], nil
	}
	for range 2 {
		made, err := dry()
		if err != nil || !made.Created || made.Record.DurationSeconds != 59 {
			t.Fatalf("%v: %+v", err, made)
		}
	}
	if n := w.sessions(t, ""); n != 0 {
		t.Errorf("%d sessions", n)
	}
	rec, _, err := imports(t.Context(), runs, w.mina)
	if err != nil {
		t.Fatal(err)
	}
	if made, err := dry(); err != nil || made.Created || made.Record.ID != rec.ID {
		t.Errorf("what is there: %v %+v", err, made)
	}
	f.track = fixesEvery(61, time.Second, 3)
	if _, err := dry(); !fault.HasCode(err, "already_recorded") {
		t.Errorf("what another device recorded: %v", err)
	}
	f.track = fixesEvery(1, time.Second, 3)
	if _, err := dry(); !fault.HasCode(err, "run_too_short") {
		t.Errorf("what is too short: %v", err)
	}
	if n := w.sessions(t, ""); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// countedChunks is a store that counts what it is asked to keep, and to compare.
type countedChunks struct {
	ports.Store
	asked int
}

// AppendChunk implements ports.Store.
func (c *countedChunks) AppendChunk(ctx context.Context, sid id.Session, chunk run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (run.Session, run.Acceptance, error) {
	c.asked++
	return c.Store.AppendChunk(ctx, sid, chunk, decide)
}

func TestWhatWasImportedIsNotComparedAgain(t *testing.T) {
	w := newWorld(t)
	store := &countedChunks{Store: w.store}
	runs := w.importing(&files{track: fixesEvery(60, time.Second, 3)}, store)
	first, created, err := imports(t.Context(), runs, w.mina)
	if err != nil || !created || store.asked != 1 {
		t.Fatal(created, store.asked, err)
	}
	again, created, err := imports(t.Context(), runs, w.mina)
	if err != nil || created || again.ID != first.ID || store.asked != 1 {
		t.Error(created, store.asked, err)
	}
}
