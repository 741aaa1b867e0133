package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/tokens"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// lastCommit is a store that goes down with a commit.
type lastCommit struct {
	ports.Store
	left int // commits until then
}

func (l *lastCommit) committed(err error) error {
	if err == nil {
		if l.left--; l.left == 0 {
			return l.Close()
		}
	}
	return err
}

func (l *lastCommit) InTx(ctx context.Context, fn func(context.Context, ports.Repo) error) error {
	return l.committed(l.Store.InTx(ctx, fn))
}

func (l *lastCommit) AppendChunk(ctx context.Context, sid id.Session, c run.Chunk, decide func(run.Session) (run.Session, run.Acceptance, error)) (run.Session, run.Acceptance, error) {
	s, a, err := l.Store.AppendChunk(ctx, sid, c, decide)
	return s, a, l.committed(err)
}

func (l *lastCommit) Scrub(ctx context.Context) error {
	if l.left <= 0 {
		return ports.ErrStoreUnavailable
	}
	return l.Store.Scrub(ctx)
}

// anAvatar makes the same picture of everything.
type anAvatar struct{}

func (anAvatar) Avatar(context.Context, []byte) ([]byte, error) { return []byte("a picture"), nil }

// What is done is answered as done, though the store is down right after: who got
// an error would do it a second time.
func TestWhatIsCommittedIsAnsweredThoughTheStoreGoesDown(t *testing.T) {
	title := "another name"
	whole := func(t *testing.T, v app.CourseView, err error, want id.User) {
		t.Helper()
		noError(t, err)
		if v.Creator.ID != want || v.Route.IsZero() || v.Sections == nil || v.Rules.Version == "" {
			t.Errorf("the answer has not all of the course: %+v", v)
		}
	}
	for _, c := range []struct {
		name    string
		commits int
		// prepare makes what there must be before; do is done on the store that goes
		// down, and looks at the answer.
		prepare func(t *testing.T, w world) any
		do      func(t *testing.T, a *app.App, mina id.User, prepared any)
	}{
		{"a course is made of a run", 1, aRecord, func(t *testing.T, a *app.App, mina id.User, rid any) {
			v, err := a.Courses.Create(t.Context(), mina, rid.(id.Record), app.NewCourse{Title: "a road", IsPublic: true})
			whole(t, v, err, mina)
			if v.Hints == nil {
				t.Error("there are no hints")
			}
		}},
		{"a course is made of a file", 1, nil, func(t *testing.T, a *app.App, mina id.User, _ any) {
			v, err := a.Courses.Import(t.Context(), mina, nil, app.NewCourse{Title: "a road", IsPublic: true})
			whole(t, v, err, mina)
		}},
		{"a course is changed", 1, func(t *testing.T, w world) any { return straight(t, w.store, w.mina).ID }, func(t *testing.T, a *app.App, mina id.User, cid any) {
			v, err := a.Courses.Change(t.Context(), mina, cid.(id.Course), course.Change{Title: &title})
			whole(t, v, err, mina)
			if v.Title != title {
				t.Errorf("its title is %q", v.Title)
			}
		}},
		{"a course is deleted", 1, func(t *testing.T, w world) any { return straight(t, w.store, w.mina).ID }, func(t *testing.T, a *app.App, mina id.User, cid any) {
			noError(t, a.Courses.Delete(t.Context(), mina, cid.(id.Course)))
		}},
		{"a session is started", 1, nil, func(t *testing.T, a *app.App, mina id.User, _ any) {
			_, created, err := a.Runs.Start(t.Context(), mina, app.StartInput{StartedAt: morning})
			noError(t, err)
			if !created {
				t.Error("it is not answered as new")
			}
		}},
		{"a chunk is sent", 1, func(t *testing.T, w world) any { return w.start(t) }, func(t *testing.T, a *app.App, mina id.User, sid any) {
			chunk, err := run.NewChunk(minute(0, run.Final, 300))
			noError(t, err)
			s, _, err := a.Runs.AppendChunk(t.Context(), mina, sid.(id.Session), chunk)
			noError(t, err)
			if s.Ledger().Fixes() != 60 {
				t.Errorf("the session has %d fixes", s.Ledger().Fixes())
			}
		}},
		{"a session is abandoned", 1, func(t *testing.T, w world) any { return w.start(t) }, func(t *testing.T, a *app.App, mina id.User, sid any) {
			_, err := a.Runs.Abandon(t.Context(), mina, sid.(id.Session))
			noError(t, err)
		}},
		{"a session is resumed", 1, func(t *testing.T, w world) any {
			sid := w.start(t)
			_, err := w.Runs.Abandon(t.Context(), w.mina, sid)
			noError(t, err)
			return sid
		}, func(t *testing.T, a *app.App, mina id.User, sid any) {
			_, err := a.Runs.Resume(t.Context(), mina, sid.(id.Session))
			noError(t, err)
		}},
		{"a session is completed, and its jobs are waited for", 1, func(t *testing.T, w world) any { return w.start(t, minute(0, run.Final, 300)) }, func(t *testing.T, a *app.App, mina id.User, sid any) {
			rec, created, err := a.Runs.Complete(t.Context(), mina, sid.(id.Session), app.CompleteInput{})
			noError(t, err)
			if settled := a.Runs.Await(t.Context(), rec, time.Minute); !created || settled.ID != rec.ID || settled.Processing != run.ProcessingPending {
				t.Errorf("the answer is %+v", settled)
			}
		}},
		{"a session is recovered", 1, func(t *testing.T, w world) any { return w.start(t, minute(0, run.Intermediate, 300)) }, func(t *testing.T, a *app.App, mina id.User, sid any) {
			_, _, err := a.Runs.Finalize(t.Context(), mina, sid.(id.Session))
			noError(t, err)
		}},
		{"a run is imported", 3, nil, func(t *testing.T, a *app.App, mina id.User, _ any) { // the session, its chunk, the record
			_, created, err := imports(t.Context(), a.Runs, mina)
			noError(t, err)
			if !created {
				t.Error("it is not answered as new")
			}
		}},
		{"a run is named", 1, aRecord, func(t *testing.T, a *app.App, mina id.User, rid any) {
			rec, err := a.Runs.SetTitle(t.Context(), mina, rid.(id.Record), title)
			noError(t, err)
			if rec.Title != title {
				t.Errorf("its title is %q", rec.Title)
			}
		}},
		{"a run is deleted", 1, aRecord, func(t *testing.T, a *app.App, mina id.User, rid any) {
			noError(t, a.Runs.Delete(t.Context(), mina, rid.(id.Record)))
		}},
		{"an account is changed", 1, nil, func(t *testing.T, a *app.App, mina id.User, _ any) {
			nickname := "minami"
			u, err := a.Users.Change(t.Context(), mina, app.Profile{Nickname: &nickname})
			noError(t, err)
			if u.Nickname.String() != nickname {
				t.Errorf("the nickname is %q", u.Nickname)
			}
		}},
		{"a picture is set", 1, nil, func(t *testing.T, a *app.App, mina id.User, _ any) {
			_, err := a.Users.SetAvatar(t.Context(), mina, nil)
			noError(t, err)
		}},
		{"an account is deleted, and its store's files are not scrubbed", 1, nil, func(t *testing.T, a *app.App, mina id.User, _ any) {
			noError(t, a.Users.Leave(t.Context(), mina, ""))
		}},
		{"a person signs in", 1, nil, func(t *testing.T, a *app.App, _ id.User, _ any) {
			l, err := a.Auth.Login(t.Context(), "dev", "joon", "")
			noError(t, err)
			if l.Access == "" || l.Refresh == "" || !l.IsNewUser {
				t.Errorf("the answer is %+v", l)
			}
		}},
		{"a token is refreshed", 1, signedIn, func(t *testing.T, a *app.App, _ id.User, l any) {
			got, err := a.Auth.Refresh(t.Context(), l.(app.Login).Refresh, "")
			noError(t, err)
			if got.Access == "" || got.Refresh == "" {
				t.Errorf("the answer is %+v", got)
			}
		}},
		{"a device signs out", 1, signedIn, func(t *testing.T, a *app.App, _ id.User, l any) {
			noError(t, a.Auth.Logout(t.Context(), l.(app.Login).Refresh))
		}},
		{"all devices sign out", 1, signedIn, func(t *testing.T, a *app.App, _ id.User, l any) {
			noError(t, a.Auth.LogoutAll(t.Context(), l.(app.Login).User.ID))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			store := &lastCommit{Store: w.store, left: -1}
			w.App = everything(t, store, w.clock)
			var prepared any
			if c.prepare != nil {
				prepared = c.prepare(t, w)
			}
			store.left = c.commits
			c.do(t, w.App, w.mina, prepared)
			if store.left != 0 || w.store.Ping(t.Context()) == nil {
				t.Errorf("the store did not go down: %d commits are left", store.left)
			}
		})
	}
}

func aRecord(t *testing.T, w world) any {
	t.Helper()
	rec, _, err := w.Runs.Complete(t.Context(), w.mina, w.start(t, minute(0, run.Final, 300)), app.CompleteInput{})
	noError(t, err)
	return rec.ID
}

func signedIn(t *testing.T, w world) any {
	t.Helper()
	l, err := w.Auth.Login(t.Context(), "dev", "sora", "")
	noError(t, err)
	return l
}

// everything is an app on a store with all that runners ask for.
func everything(t *testing.T, store ports.Store, c ports.Clock) *app.App {
	t.Helper()
	signer, err := tokens.New(tokens.Config{Secrets: []tokens.Secret{{KID: "k", Key: make([]byte, 32)}}, Issuer: "runvs", Audience: "runvs"})
	noError(t, err)
	secrets, err := tokens.NewRefreshSecrets(tokens.MinHashCost)
	noError(t, err)
	return app.New(app.Deps{
		Store: store, Clock: c, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Letters: letters.Tables{},
		Tokens: signer, Secrets: cheapSecrets{secrets}, Avatars: anAvatar{}, Blobs: keptBlobs{},
		Files: &files{track: fixesEvery(100, time.Second, 3)}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, app.Settings{DevLogin: true})
}
