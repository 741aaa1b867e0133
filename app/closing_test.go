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
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// watched is a store that says what is read of chunks outside of transactions,
// and lets nobody read them within.
type watched struct {
	ports.Store
	t *testing.T
	// read is called after the chunks of a session were read.
	read func()

	mu    sync.Mutex
	reads int
}

func (w *watched) Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error) {
	chunks, err := w.Store.Chunks(ctx, sid)
	w.mu.Lock()
	w.reads++
	w.mu.Unlock()
	if w.read != nil {
		w.read()
	}
	return chunks, err
}

func (w *watched) InTx(ctx context.Context, fn func(context.Context, ports.Repo) error) error {
	return w.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error { return fn(ctx, closedToChunks{tx, w.t}) })
}

type closedToChunks struct {
	ports.Repo
	t *testing.T
}

func (c closedToChunks) Chunks(ctx context.Context, sid id.Session) ([]run.Chunk, error) {
	c.t.Error("chunks are read within a transaction: all others who write wait meanwhile")
	return c.Repo.Chunks(ctx, sid)
}

// on is the world's app on another store.
func (w world) on(s ports.Store) *app.App {
	return app.New(app.Deps{
		Store: s, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Log: slog.New(slog.DiscardHandler),
	}, app.Settings{})
}

func TestARunIsMeasuredWithNoLockHeld(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Final, 180))
	store := &watched{Store: w.store, t: t}
	if _, created, err := w.on(store).Runs.Complete(t.Context(), w.mina, sid, app.CompleteInput{}); err != nil || !created {
		t.Fatal(created, err)
	}
	if store.reads != 1 {
		t.Errorf("the chunks were read %d times", store.reads)
	}
}

// A chunk that was answered while the record was measured is in the record.
func TestAChunkThatArrivesMeanwhileIsMeasuredToo(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Intermediate, 180))
	late := sync.OnceFunc(func() { w.send(t, sid, minute(1, run.Intermediate, 180)) })
	rec, created, err := w.on(&watched{Store: w.store, t: t, read: late}).Runs.Finalize(t.Context(), w.mina, sid)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	if rec.TotalElapsedSeconds != 119 {
		t.Errorf("the record has %d s, want those of both chunks", rec.TotalElapsedSeconds)
	}
}

func TestASessionThatNeverRestsIsToldToComeBack(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Intermediate, 180))
	next := 1
	w.clock.now = morning.Add(time.Hour)
	always := func() {
		w.send(t, sid, minute(next, run.Intermediate, 180))
		next++
	}
	_, _, err := w.on(&watched{Store: w.store, t: t, read: always}).Runs.Finalize(t.Context(), w.mina, sid)
	if !fault.HasCode(err, "session_busy") {
		t.Fatalf("got %v", err)
	}
	if s, _ := w.Runs.Session(t.Context(), w.mina, sid); s.Status() != run.Active || s.Ledger().Len() != next {
		t.Errorf("the session is %s with %d chunks", s.Status(), s.Ledger().Len())
	}
}

// Of fifty who complete at once, one measures: the others find the record.
func TestOneOfManyMeasures(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Final, 180))
	store := &watched{Store: w.store, t: t}
	a := w.on(store)
	var wg sync.WaitGroup
	var mu sync.Mutex
	made, records := 0, map[id.Record]bool{}
	for range 50 {
		wg.Go(func() {
			rec, created, err := a.Runs.Complete(t.Context(), w.mina, sid, app.CompleteInput{})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			records[rec.ID] = true
			if created {
				made++
			}
		})
	}
	wg.Wait()
	if made != 1 || len(records) != 1 || store.reads != 1 {
		t.Errorf("%d made, %d records, measured %d times", made, len(records), store.reads)
	}
}

// Of a run that is refused while its phone goes on, nothing is decided.
func TestARefusalHoldsOnlyForWhatWasMeasured(t *testing.T) {
	w := newWorld(t)
	one := minute(0, run.Intermediate, 180)
	one.Fixes = one.Fixes[:1]
	sid := w.start(t, one)
	late := sync.OnceFunc(func() { w.send(t, sid, minute(1, run.Intermediate, 180)) })
	_, _, err := w.on(&watched{Store: w.store, t: t, read: late}).Runs.Complete(t.Context(), w.mina, sid, app.CompleteInput{TotalChunks: 1})
	if !errors.Is(err, run.ErrTotalChunksMismatch) {
		t.Errorf("got %v", err)
	}
	s, err := w.Runs.Session(t.Context(), w.mina, sid)
	noError(t, err)
	if s.Status() != run.Active {
		t.Errorf("the session is %s", s.Status())
	}
	if _, created, err := w.Runs.Complete(t.Context(), w.mina, sid, app.CompleteInput{TotalChunks: 2}); err != nil || !created {
		t.Errorf("what came meanwhile is no run: %v", err)
	}
}

// A refused import is gone with its refusal, though nobody could drop it afterwards.
func TestARefusedImportIsDroppedWithItsRefusal(t *testing.T) {
	w := newWorld(t)
	runs := w.importing(&files{track: fixesEvery(5, 0, 3)}, undroppable{w.store})
	if _, _, err := imports(t.Context(), runs, w.mina); !errors.Is(err, run.ErrRunTooShort) {
		t.Errorf("got %v", err)
	}
	if _, n, err := w.Runs.Sessions(t.Context(), w.mina, "", ports.Page{Limit: 1}); n != 0 || err != nil {
		t.Errorf("%d sessions are left, %v", n, err)
	}
}

// undroppable drops no session but in a transaction.
type undroppable struct{ ports.Store }

// DropOpenSession implements ports.Sessions.
func (undroppable) DropOpenSession(context.Context, id.Session) error {
	return ports.ErrStoreUnavailable
}
