package app_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

var errSpent = fault.New(fault.Unavailable, "server_busy", "the budget is spent")

// purse is a budget that remembers what was taken, and what was not given back.
type purse struct {
	t      *testing.T
	mu     sync.Mutex
	taken  []int64
	held   int64
	refuse bool
}

func (p *purse) Take(_ context.Context, n int64) (func(), error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held > 0 {
		p.t.Errorf("who holds %d bytes waits for %d more, and may wait for ever", p.held, n)
	}
	if p.refuse {
		return nil, errSpent
	}
	p.taken, p.held = append(p.taken, n), p.held+n
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held -= n
	}, nil
}

// wants says what must have been taken since the last call, at least.
func (p *purse) wants(what string, least ...int64) {
	p.t.Helper()
	taken := p.taken
	p.taken = nil
	if len(taken) != len(least) {
		p.t.Errorf("%s took %v, want %d shares", what, taken, len(least))
		return
	}
	for i, n := range taken {
		if n < least[i] {
			p.t.Errorf("%s took %d bytes, want %d", what, n, least[i])
		}
	}
	if p.held != 0 {
		p.t.Errorf("%s did not give %d bytes back", what, p.held)
	}
}

func TestHeavyWorkTakesItsShare(t *testing.T) {
	w, p, f := newWorld(t), &purse{t: t}, &files{track: fixesEvery(1000, time.Second, 3)}
	a := app.New(app.Deps{
		Store: w.store, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Files: f, Budget: p, Letters: letters.Tables{}, Log: slog.New(slog.DiscardHandler),
	}, app.Settings{})
	c := straight(t, w.store, w.mina)

	s, _, err := a.Runs.Start(t.Context(), w.mina, app.StartInput{StartedAt: morning, CourseID: c.ID})
	noError(t, err)
	p.wants("preparing the course", judge.PrepareBytes(2, 300))
	w.send(t, s.ID(), minute(0, run.Final, 300))

	p.refuse = true
	if _, _, err := a.Runs.Complete(t.Context(), w.mina, s.ID(), app.CompleteInput{}); !fault.HasCode(err, "server_busy") {
		t.Errorf("measured without a share: %v", err)
	}
	if s, err = a.Runs.Session(t.Context(), w.mina, s.ID()); err != nil || s.Status() != run.Active {
		t.Errorf("the session is %s: %v", s.Status(), err)
	}
	if _, _, err := imports(t.Context(), a.Runs, w.mina); !fault.HasCode(err, "server_busy") {
		t.Errorf("imported without a share: %v", err)
	}
	if n := w.sessions(t, ""); n != 1 {
		t.Errorf("%d sessions are left of an import without a share", n-1)
	}
	p.refuse = false

	rec, _, err := a.Runs.Complete(t.Context(), w.mina, s.ID(), app.CompleteInput{})
	noError(t, err)
	p.wants("measuring", run.MeasureBytes(60))
	noError(t, a.Settle.Run(t.Context(), rec.ID))
	p.wants("judging", run.MeasureBytes(60)+judge.JudgeBytes(60))
	_, _, err = a.Runs.Verdict(t.Context(), w.mina, rec.ID)
	noError(t, err)
	p.wants("explaining", run.MeasureBytes(60)+judge.JudgeBytes(60))
	_, release, err := a.Runs.Track(t.Context(), w.mina, rec.ID)
	noError(t, err)
	release()
	p.wants("a track", run.MeasureBytes(60)+1024*60)
	_, _, err = imports(t.Context(), a.Runs, w.mina)
	noError(t, err)
	p.wants("an import", 256*1000, run.MeasureBytes(1000))
}

// appends counts the chunks that a store is given.
type appends struct {
	ports.Store
	n int
}

func (a *appends) AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (run.Session, run.Acceptance, error) {
	a.n++
	return a.Store.AppendChunk(ctx, sid, c, decide)
}

// A file that no session can hold is refused before any of it is stored.
func TestAFileThatIsTooLargeIsNotStoredFirst(t *testing.T) {
	w := newWorld(t)
	store := &appends{Store: w.store}
	f := &files{track: fixesEvery(run.MaxSessionFixes+1, 100*time.Millisecond, 0.1)}
	if _, _, err := imports(t.Context(), w.importing(f, store), w.mina); !fault.HasCode(err, "session_full") {
		t.Errorf("got %v", err)
	}
	if store.n != 0 {
		t.Errorf("%d chunks were stored", store.n)
	}
}
