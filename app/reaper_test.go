package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/budget"
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

// plenty is a budget that nobody comes to the end of.
func plenty() ports.Budget { return budget.New(4 << 30) }

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
		Store: w.store, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Letters: letters.Tables{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
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

// reap looks for silent sessions and does the jobs that end them.
func (w world) reap(t *testing.T) {
	t.Helper()
	if err := w.Reaper.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, job := range w.ends() {
		if err := w.Handle(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
}

// ends returns the jobs that end a session.
func (w world) ends() []ports.Job {
	return slices.DeleteFunc(w.store.Waiting(), func(job ports.Job) bool { return job.Kind != ports.JobEndSession })
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
				w.reap(t)
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
			if jobs := len(w.store.Waiting()) - len(w.ends()); (jobs == 1) != (c.want != run.Abandoned) {
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
	w.reap(t)
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
		w.reap(t)
		chunks, err := w.store.Chunks(t.Context(), sid)
		if err != nil || len(chunks) != c.chunks {
			t.Errorf("after %s there are %d chunks, want %d; %v", c.after, len(chunks), c.chunks, err)
		}
	}
	if _, err := w.Runs.Resume(t.Context(), w.mina, sid); !fault.HasCode(err, "nothing_to_recover") {
		t.Errorf("resuming what is gone: %v", err)
	}
}

func TestASessionThatSpokeBetweenTheLookAndItsJobIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Intermediate, 180))
	w.clock.now = morning.Add(run.SilenceLimit)
	if err := w.Reaper.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.send(t, sid, minute(1, run.Intermediate, 180))
	w.reap(t)
	if s, _ := w.Runs.Session(t.Context(), w.mina, sid); s.Status() != run.Active {
		t.Errorf("it is %s", s.Status())
	}
}

func TestEverySilentSessionHasOneJob(t *testing.T) {
	w := newWorld(t)
	want := map[string]bool{}
	for range 3 {
		want[w.start(t, minute(0, run.Final, 180)).String()] = true
	}
	w.clock.now = morning.Add(run.SilenceLimit)
	for range 3 { // looks
		if err := w.Reaper.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	jobs := w.ends()
	if len(jobs) != len(want) {
		t.Errorf("%d jobs for %d sessions", len(jobs), len(want))
	}
	for _, job := range jobs {
		if !want[job.ID] {
			t.Errorf("a job for %s", job.ID)
		}
	}
	if err := w.Handle(t.Context(), ports.Job{Kind: ports.JobEndSession, ID: id.New[id.SessionKind](ids{}).String()}); err != nil {
		t.Errorf("the job of a session that is gone: %v", err)
	}
}

// manySilent is a store with more silent sessions than one run looks at, that
// keeps what is asked of it.
type manySilent struct {
	ports.Store
	all   []id.Session
	added map[string]int
}

func (m *manySilent) SilentSessions(_ context.Context, _ time.Time, after id.Session, limit int) ([]id.Session, error) {
	from := slices.IndexFunc(m.all, func(sid id.Session) bool { return sid.Compare(after) > 0 })
	if from < 0 {
		return nil, nil
	}
	return m.all[from:min(from+limit, len(m.all))], nil
}

func (m *manySilent) InTx(ctx context.Context, fn func(context.Context, ports.Repo) error) error {
	return fn(ctx, m)
}

func (m *manySilent) Enqueue(_ context.Context, job ports.Job) error {
	m.added[job.ID]++
	return nil
}

// Sessions that cannot be ended stay silent for ever: they must not be all that
// the reaper ever looks at.
func TestTheReaperGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	m := &manySilent{Store: w.store, added: map[string]int{}}
	for range 7001 {
		m.all = append(m.all, id.New[id.SessionKind](ids{}))
	}
	slices.SortFunc(m.all, id.Session.Compare)
	reaper := app.New(app.Deps{Store: m, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}, app.Settings{}).Reaper
	for i, want := range []int{5000, 7001, 7001} {
		if err := reaper.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(m.added) != want {
			t.Errorf("after look %d there were jobs for %d sessions, want %d", i+1, len(m.added), want)
		}
	}
	if n := m.added[m.all[0].String()]; n != 2 {
		t.Errorf("the first was looked at %d times, want a second round", n)
	}
}

// brokenSilence cannot tell who is silent.
type brokenSilence struct{ ports.Store }

func (brokenSilence) SilentSessions(context.Context, time.Time, id.Session, int) ([]id.Session, error) {
	return nil, errors.New("the store is ill")
}

func TestPurgesGoOnWhateverHappensToSessions(t *testing.T) {
	w := newWorld(t)
	sid := w.start(t, minute(0, run.Intermediate, 180))
	if _, err := w.Runs.Abandon(t.Context(), w.mina, sid); err != nil {
		t.Fatal(err)
	}
	w.clock.now = morning.Add(run.AbandonedRetention + time.Second)
	reaper := app.New(app.Deps{Store: brokenSilence{w.store}, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}, app.Settings{}).Reaper
	if err := reaper.Run(t.Context()); err == nil {
		t.Error("the failure was not told")
	}
	if chunks, err := w.store.Chunks(t.Context(), sid); err != nil || len(chunks) != 0 {
		t.Errorf("%d chunks are left; %v", len(chunks), err)
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
