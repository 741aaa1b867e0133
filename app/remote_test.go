package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/tokens"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/ports/mock"
)

// remotes are what is not in this process, as a test has it.
type remotes struct {
	blobs    *mock.Blobs
	images   *mock.RouteImages
	geometry *mock.Geometry
	verifier *mock.Verifier // Kakao's
	revoker  *mock.Revoker
	log      bytes.Buffer
}

// newRemotes work as they should.
func newRemotes() *remotes {
	kept := keptBlobs{}
	return &remotes{
		blobs:    &mock.Blobs{PutFunc: kept.Put, GetFunc: kept.Get, DeleteFunc: kept.Delete},
		images:   &mock.RouteImages{RenderFunc: noPicture{}.Render},
		geometry: &mock.Geometry{CorridorFunc: (&drawer{}).Corridor},
		verifier: &mock.Verifier{VerifyFunc: func(context.Context, string, string) (ports.Identity, error) {
			return ports.Identity{SocialAccount: user.SocialAccount{Provider: "someone else's", ProviderID: "7"}, Nickname: "sora"}, nil
		}},
		revoker: &mock.Revoker{RevokeFunc: func(context.Context, string) error { return nil }},
	}
}

func (r *remotes) world(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	signer, err := tokens.New(tokens.Config{Secrets: []tokens.Secret{{KID: "k", Key: make([]byte, 32)}}, Issuer: "runvs", Audience: "runvs"})
	noError(t, err)
	secrets, err := tokens.NewRefreshSecrets(tokens.MinHashCost)
	noError(t, err)
	w.App = app.New(app.Deps{
		Store: w.store, Clock: w.clock, IDs: ids{}, Zones: seoul{}, Budget: plenty(), Letters: letters.Tables{}, Avatars: anAvatar{},
		Tokens: signer, Secrets: cheapSecrets{secrets}, Verifiers: map[string]ports.Verifier{"kakao": r.verifier, "apple": nil}, Revoker: r.revoker,
		Blobs: r.blobs, Images: r.images, Geometry: r.geometry, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	}, app.Settings{})
	return w
}

// down is what a remote answers that is down.
var down = ports.ErrBlobsUnavailable

func TestACourseIsPublishedOnceWhatItNeedsIsUpAgain(t *testing.T) {
	for name, c := range map[string]struct {
		fail          func(r *remotes)
		blameless     bool // for the job is not to blame, and is tried for ever
		drawn, shaped bool
	}{
		"the blob store is down": {func(r *remotes) {
			r.blobs.PutFunc = func(context.Context, string, string, []byte) error { return down }
		}, true, false, false},
		"the blob store fails with the corridor": {func(r *remotes) {
			put := r.blobs.PutFunc
			r.blobs.PutFunc = func(ctx context.Context, key, kind string, data []byte) error {
				if strings.HasPrefix(key, "corridors/") {
					return down
				}
				return put(ctx, key, kind, data)
			}
		}, true, true, false},
		"no image can be drawn": {func(r *remotes) {
			r.images.RenderFunc = func(context.Context, geo.Line) ([]byte, error) { return nil, errors.New("no font") }
		}, false, false, false},
		"no shape can be drawn": {func(r *remotes) {
			r.geometry.CorridorFunc = func(context.Context, geo.Line, []judge.Section, float64, float64) ([]byte, error) {
				return nil, errors.New("a broken shape")
			}
		}, false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRemotes()
			w := r.world(t)
			c.fail(r)
			made := straight(t, w.store, w.mina)
			job := ports.Job{Kind: ports.JobPublishCourse, ID: made.ID.String()}
			state := func() (drawn, shaped bool) {
				found, err := w.store.Course(t.Context(), made.ID)
				noError(t, err)
				shape, err := w.store.CourseShape(t.Context(), made.ID)
				noError(t, err)
				return found.ThumbnailDrawn, shape.Corridor == ports.CorridorDrawn
			}
			err := w.Handle(t.Context(), job)
			if err == nil || ports.Blameless(err) != c.blameless {
				t.Errorf("the job says %v", err)
			}
			if drawn, shaped := state(); drawn != c.drawn || shaped != c.shaped {
				t.Errorf("a picture is shown: %v, a corridor: %v", drawn, shaped)
			}
			up := newRemotes()
			r.blobs.PutFunc, r.images.RenderFunc, r.geometry.CorridorFunc = up.blobs.PutFunc, up.images.RenderFunc, up.geometry.CorridorFunc
			noError(t, w.Handle(t.Context(), job))
			if drawn, shaped := state(); !drawn || !shaped {
				t.Errorf("when all is up, a picture is shown: %v, a corridor: %v", drawn, shaped)
			}
		})
	}
}

// What was drawn of a deleted course goes as far as it can, and the job says that
// something is left.
func TestWhatWasDrawnOfADeletedCourseGoes(t *testing.T) {
	r := newRemotes()
	w := r.world(t)
	made := straight(t, w.store, w.mina)
	noError(t, w.Courses.Delete(t.Context(), w.mina, made.ID))
	jobs := w.store.Waiting()
	if len(jobs) != 1 || jobs[0].Kind != ports.JobDropThumbnail {
		t.Fatalf("the jobs are %v", jobs)
	}
	r.blobs.DeleteFunc = func(_ context.Context, key string) error {
		if strings.HasPrefix(key, "thumbnails/") {
			return down
		}
		return nil
	}
	if err := w.Handle(t.Context(), jobs[0]); !ports.Blameless(err) {
		t.Errorf("the job says %v", err)
	}
	r.blobs.DeleteFunc = func(context.Context, string) error { return nil }
	noError(t, w.Handle(t.Context(), jobs[0]))
	keys := map[string]int{}
	for _, call := range r.blobs.DeleteCalls() {
		keys[call.Key]++
	}
	if keys["thumbnails/"+made.ID.String()+".png"] != 2 || keys["corridors/"+made.ID.String()+".json"] != 2 || len(r.images.RenderCalls()) != 0 {
		t.Errorf("deleted %v, drawn %d", keys, len(r.images.RenderCalls()))
	}
	// A queue of an older release says publish of a course that is gone.
	noError(t, w.Handle(t.Context(), ports.Job{Kind: ports.JobPublishCourse, ID: made.ID.String()}))
	if n := len(r.blobs.DeleteCalls()); n != 6 {
		t.Errorf("%d deletions, want two more", n)
	}
}

func TestAPictureThatIsNotStoredIsNobodys(t *testing.T) {
	r := newRemotes()
	w := r.world(t)
	before, err := w.Users.SetAvatar(t.Context(), w.mina, nil)
	noError(t, err)
	r.blobs.PutFunc = func(context.Context, string, string, []byte) error { return down }
	if _, err := w.Users.SetAvatar(t.Context(), w.mina, nil); !errors.Is(err, ports.ErrBlobsUnavailable) {
		t.Errorf("got %v", err)
	}
	now, err := w.Users.Me(t.Context(), w.mina)
	noError(t, err)
	if now.AvatarID != before.AvatarID || len(w.store.Waiting()) != 0 {
		t.Errorf("the picture is %v, was %v, with %v", now.AvatarID, before.AvatarID, w.store.Waiting())
	}
	r.blobs.GetFunc = func(context.Context, string) ([]byte, string, error) { return nil, "", down }
	if _, err := w.Users.Avatar(t.Context(), now.AvatarID); !errors.Is(err, ports.ErrBlobsUnavailable) {
		t.Errorf("reading it: %v", err)
	}
	r.blobs.PutFunc = keptBlobs{}.Put
	_, err = w.Users.SetAvatar(t.Context(), w.mina, nil)
	noError(t, err)
	noError(t, w.Handle(t.Context(), w.store.Waiting()[0]))
	if gone := r.blobs.DeleteCalls(); len(gone) != 1 || !strings.Contains(gone[0].Key, before.AvatarID.String()) {
		t.Errorf("deleted %v", gone)
	}
}

func TestAProviderThatIsDownMakesNobody(t *testing.T) {
	r := newRemotes()
	w := r.world(t)
	works := r.verifier.VerifyFunc
	for name, want := range map[string]error{"down": ports.ErrProviderUnavailable, "no": ports.ErrSocialTokenInvalid} {
		r.verifier.VerifyFunc = func(context.Context, string, string) (ports.Identity, error) { return ports.Identity{}, want }
		if _, err := w.Auth.Login(t.Context(), "kakao", "token", "nonce"); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for provider, want := range map[string]error{"apple": ports.ErrProviderUnavailable, "dev": ports.ErrProviderUnavailable, "KAKAO": ports.ErrSocialTokenInvalid} {
		if _, err := w.Auth.Login(t.Context(), provider, "token", "nonce"); !errors.Is(err, want) {
			t.Errorf("%s, which is not set up: %v", provider, err)
		}
	}
	calls := r.verifier.VerifyCalls()
	if len(calls) != 2 || calls[0].Token != "token" || calls[0].Nonce != "nonce" {
		t.Errorf("Kakao was asked %+v", calls)
	}
	if _, err := w.store.UserOf(t.Context(), "kakao", "7"); !errors.Is(err, ports.ErrUserNotFound) {
		t.Errorf("somebody was made: %v", err)
	}
	r.verifier.VerifyFunc = works
	l, err := w.Auth.Login(t.Context(), "kakao", "token", "nonce")
	noError(t, err)
	// Whom a verifier vouches for is the provider's that was asked.
	if uid, err := w.store.UserOf(t.Context(), "kakao", "7"); err != nil || uid != l.User.ID || !l.IsNewUser {
		t.Errorf("it is %v, %v", uid, err)
	}
}

// A token that is good once is good once, also when two of them arrive at once.
func TestATokenThatIsGoodOnceSignsInOnce(t *testing.T) {
	r := newRemotes()
	w := r.world(t)
	r.verifier.VerifyFunc = func(_ context.Context, token, _ string) (ports.Identity, error) {
		return ports.Identity{SocialAccount: user.SocialAccount{ProviderID: token}, OnceUntil: morning.Add(time.Hour)}, nil
	}
	var signing sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[bool]int{}
	for range 10 {
		signing.Go(func() {
			_, err := w.Auth.Login(t.Context(), "kakao", "once", "")
			if err != nil && !errors.Is(err, ports.ErrSocialTokenInvalid) {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[err == nil]++
		})
	}
	signing.Wait()
	if outcomes[true] != 1 || outcomes[false] != 9 {
		t.Errorf("signed in: %v", outcomes)
	}
}

// Whoever leaves gets their answer, whatever Apple does; the process waits for what
// is under way as long as it is told to, and Apple has five seconds.
func TestWhoLeavesWaitsForNoRevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRemotes()
		w := r.world(t)
		r.revoker.RevokeFunc = func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		}
		began := time.Now()
		for i := range 20 {
			u, _, err := w.store.FindOrCreateUser(t.Context(), user.SocialAccount{Provider: "apple", ProviderID: fmt.Sprint(i)}, user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: morning})
			noError(t, err)
			noError(t, w.Users.Leave(t.Context(), u.ID, "SECRETCODE"))
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the answers took %v", took)
		}
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Finish(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while Apple hangs: %v", err)
		}
		noError(t, w.Finish(t.Context()))
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("Apple had %v", took)
		}
		if n := len(r.revoker.RevokeCalls()); n != 16 {
			t.Errorf("%d at once", n)
		}
		if log := r.log.String(); strings.Contains(log, "SECRETCODE") || strings.Count(log, "too many are under way") != 4 || strings.Count(log, "was not revoked") != 16 {
			t.Errorf("the log is\n%s", log)
		}
	})
}

func TestAGrantThatIsRevokedIsAskedForOnce(t *testing.T) {
	r := newRemotes()
	w := r.world(t)
	if err := w.Users.Leave(t.Context(), w.mina, strings.Repeat("c", 1025)); !fault.HasCode(err, fault.CodeValidation) {
		t.Errorf("a code of 1,025 bytes: %v", err)
	}
	noError(t, w.Users.Leave(t.Context(), w.mina, "code"))
	noError(t, w.Finish(t.Context()))
	if calls := r.revoker.RevokeCalls(); len(calls) != 1 || calls[0].AuthorizationCode != "code" {
		t.Errorf("Apple was asked %v", calls)
	}
	// An unlinking that the provider tells us of too late finds nobody.
	noError(t, w.Users.ProviderUnlinked(t.Context(), "dev", "mina"))
	if jobs := w.store.Waiting(); len(jobs) != 0 {
		t.Errorf("the jobs are %v", jobs)
	}
}
