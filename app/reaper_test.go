package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/memory"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

var morning = time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)

// clock stands still until a test moves it.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

type ids struct{}

func (ids) NewUUID() [16]byte {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	return id.V7(morning.UnixMilli(), random)
}

type seoul struct{}

func (seoul) LocalTime(_ geo.Point, at time.Time) time.Time {
	return at.In(time.FixedZone("", 9*3600))
}

// world is an app on a store in memory, with one runner.
type world struct {
	*app.App
	store *memory.Store
	clock *clock
	mina  id.User
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{store: memory.New(memory.Options{}), clock: &clock{morning}}
	w.App = app.New(app.Deps{
		Store: w.store, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Letters: letters.Tables{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, app.Settings{})
	fresh := user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: morning}
	u, _, err := w.store.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "dev", ProviderID: "mina"}, fresh)
	if err != nil {
		t.Fatal(err)
	}
	w.mina = u.ID
	return w
}

// start starts a session and sends chunks of a minute each, at 3 m/s eastwards.
func (w world) start(t *testing.T, chunks ...run.ChunkInput) id.Session {
	t.Helper()
	s, _, err := w.Runs.Start(t.Context(), w.mina, app.StartInput{StartedAt: morning})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range chunks {
		w.send(t, s.ID(), in)
	}
	return s.ID()
}

func (w world) send(t *testing.T, sid id.Session, in run.ChunkInput) {
	t.Helper()
	c, err := run.NewChunk(in)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Runs.AppendChunk(t.Context(), w.mina, sid, c); err != nil {
		t.Fatal(err)
	}
}

// minute is a chunk of a minute of running; metres says how far it leads.
func minute(sequence int, kind run.ChunkType, meters float64) run.ChunkInput {
	in := run.ChunkInput{
		Sequence: sequence, Type: kind,
		Summary: run.Claim{DistanceMeters: meters, DurationSeconds: 60}, Cumulative: run.Claim{DistanceMeters: meters, DurationSeconds: 60},
	}
	for second := range 60 {
		at := float64(sequence*60 + second)
		in.Fixes = append(in.Fixes, run.Fix{
			Point: geo.MustPoint(37.5, 127+at*meters/60/88_426), Timestamp: morning.UnixMilli() + int64(at)*1000,
			Altitude: run.Absent, Accuracy: run.Absent, Speed: run.Absent, Heading: run.Absent, HeartRate: run.Absent, Cadence: run.Absent,
		})
	}
	return in
}

func TestASilentSessionEndsAsWhatItHolds(t *testing.T) {
	for name, c := range map[string]struct {
		chunks []run.ChunkInput
		want   run.Status
	}{
		"all chunks are there":            {[]run.ChunkInput{minute(0, run.Intermediate, 180), minute(1, run.Final, 180)}, run.Completed},
		"one is missing, and it is a run": {[]run.ChunkInput{minute(0, run.Intermediate, 180), minute(2, run.Final, 180)}, run.Recovered},
		"the final one never came":        {[]run.ChunkInput{minute(0, run.Intermediate, 180)}, run.Recovered},
		"less than 100 m":                 {[]run.ChunkInput{minute(0, run.Intermediate, 60)}, run.Abandoned},
		"nothing came":                    {nil, run.Abandoned},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			sid := w.start(t, c.chunks...)
			reap := func() run.Session {
				if err := w.Reaper.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				s, err := w.Runs.Session(t.Context(), w.mina, sid)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			w.clock.now = morning.Add(run.SilenceLimit - time.Second)
			if got := reap().Status(); got != run.Active {
				t.Fatalf("a second before its time it is %s", got)
			}
			w.clock.now = morning.Add(run.SilenceLimit)
			s := reap()
			if s.Status() != c.want {
				t.Errorf("it is %s, want %s", s.Status(), c.want)
			}
			if hasRecord := !s.RecordID().IsZero(); hasRecord != (c.want != run.Abandoned) {
				t.Errorf("has a record: %v", hasRecord)
			}
			if jobs := len(w.store.Waiting()); (jobs == 1) != (c.want != run.Abandoned) {
				t.Errorf("%d jobs", jobs)
			}
			if again := reap(); again.Status() != c.want || again.RecordID() != s.RecordID() {
				t.Errorf("the next time it is %s", again.Status())
			}
		})
	}
}

func TestASessionThatSpokeIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Intermediate, 180))
	w.clock.now = morning.Add(20 * time.Hour)
	w.send(t, sid, minute(1, run.Intermediate, 180))
	w.clock.now = morning.Add(run.SilenceLimit + time.Hour)
	if err := w.Reaper.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, _ := w.Runs.Session(t.Context(), w.mina, sid); s.Status() != run.Active {
		t.Errorf("it is %s", s.Status())
	}
}

func TestAbandonedChunksAreKeptThirtyDays(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Intermediate, 180))
	if _, err := w.Runs.Abandon(t.Context(), w.mina, sid); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after  time.Duration
		chunks int
	}{{run.AbandonedRetention, 1}, {run.AbandonedRetention + time.Second, 0}} {
		w.clock.now = morning.Add(c.after)
		if err := w.Reaper.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		chunks, err := w.store.Chunks(t.Context(), sid)
		if err != nil || len(chunks) != c.chunks {
			t.Errorf("after %s there are %d chunks, want %d; %v", c.after, len(chunks), c.chunks, err)
		}
	}
	if _, err := w.Runs.Resume(t.Context(), w.mina, sid); !fault.HasCode(err, "nothing_to_recover") {
		t.Errorf("resuming what is gone: %v", err)
	}
}

// failingOnce fails the first transaction, as a database does that is restarted.
type failingOnce struct {
	ports.Store
	failed bool
}

func (f *failingOnce) InTx(ctx context.Context, fn func(context.Context, ports.Repo) error) error {
	if !f.failed {
		f.failed = true
		return errors.New("the store is down")
	}
	return f.Store.InTx(ctx, fn)
}

func TestOneSessionThatCannotBeEndedDoesNotKeepTheOthers(t *testing.T) {
	w := newWorld(t)
	a, b := w.start(t, minute(0, run.Final, 180)), w.start(t, minute(0, run.Final, 180))
	w.clock.now = morning.Add(run.SilenceLimit)
	reaper := app.New(app.Deps{
		Store: &failingOnce{Store: w.store}, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Letters: letters.Tables{}, Log: slog.New(slog.DiscardHandler),
	}, app.Settings{}).Reaper
	if err := reaper.Run(t.Context()); err == nil {
		t.Error("the failure was not told")
	}
	completed := 0
	for _, sid := range []id.Session{a, b} {
		if s, _ := w.Runs.Session(t.Context(), w.mina, sid); s.Status() == run.Completed {
			completed++
		}
	}
	if completed != 1 {
		t.Errorf("%d sessions were ended, want the other one", completed)
	}
}

// A used token is remembered an hour longer than anybody takes it, for the clock that
// forgets may be ahead of the one that checks.
func TestUsedTokensAreForgottenWithAMargin(t *testing.T) {
	w, token := newWorld(t), auth.TokenHash{1}
	for _, c := range []struct {
		after time.Duration
		first bool
	}{{0, true}, {time.Hour, false}, {time.Hour + time.Second, true}} {
		w.clock.now = morning.Add(c.after)
		if err := w.Reaper.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if first, err := w.store.UseToken(t.Context(), token, morning); err != nil || first != c.first {
			t.Errorf("%v after its end it is the first use: %v, %v", c.after, first, err)
		}
	}
}
