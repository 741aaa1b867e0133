package app_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/adapters/gormstore"
	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/adapters/letters"
	"github.com/runvs/runvs/adapters/memory"
	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/adapters/tokens"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// eachStore runs a test on every store.
func eachStore(t *testing.T, test func(t *testing.T, store ports.Store)) {
	noJobs := gormstore.Options{Enqueue: func(context.Context, *sql.Tx, ports.Job) error { return nil }}
	run := func(t *testing.T, s ports.Store, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		test(t, s)
	}
	t.Run("memory", func(t *testing.T) { run(t, memory.New(memory.Options{}), nil) })
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "runvs.db")
		m, err := migrate.NewSQLite(path)
		up(t, m, err)
		s, err := gormstore.OpenSQLite(t.Context(), path, noJobs)
		run(t, s, err)
	})
	t.Run("PostGIS", func(t *testing.T) {
		// What is tested is what comes out, however long sixteen writers wait for
		// each other on a slow machine.
		s, err := gormstore.OpenPostgres(t.Context(), migrated.Copy(t)+"&lock_timeout=60s", noJobs)
		run(t, s, err)
	})
}

// migrated is a database that is up to date.
var migrated = pgtest.Template{Make: func(t testing.TB, address string) {
	m, err := migrate.NewPostgres(address)
	up(t, m, err)
}}

func TestMain(m *testing.M) { os.Exit(migrated.Run(m)) }

// up brings a database up to date.
func up(t testing.TB, m *migrate.Migrator, err error) {
	t.Helper()
	if err == nil {
		_, err = m.Up(t.Context())
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// cheapSecrets stands in for bcrypt where thousands of tokens are made: the
// model is about states. Seals are real.
type cheapSecrets struct{ *tokens.RefreshSecrets }

func (cheapSecrets) Hash(_ context.Context, secret string) (string, error) { return "h:" + secret, nil }
func (cheapSecrets) Matches(_ context.Context, hash, secret string) (bool, error) {
	return hash == "h:"+secret, nil
}

// failer is a test, or a try of a property.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func newAuth(t failer, store ports.Store, c ports.Clock, window time.Duration) *app.Auth {
	t.Helper()
	signer, err := tokens.New(tokens.Config{Secrets: []tokens.Secret{{KID: "k", Key: make([]byte, 32)}}, Issuer: "runvs", Audience: "runvs"})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := tokens.NewRefreshSecrets(tokens.MinHashCost)
	if err != nil {
		t.Fatal(err)
	}
	return app.New(app.Deps{
		Store: store, Clock: c, IDs: ids{}, Tokens: signer, Secrets: cheapSecrets{secrets}, Letters: letters.Tables{},
		Log: slog.New(slog.DiscardHandler),
	}, app.Settings{DevLogin: true, ReuseWindow: window}).Auth
}

// modelToken is a refresh token as the table in domain/auth/doc.go sees it.
type modelToken struct {
	raw       string
	access    string
	user      string
	uid       id.User
	family    *modelFamily
	made      time.Time
	used      time.Time
	key       string
	successor *modelToken
	revoked   bool
}

type modelFamily struct{ started time.Time }

// model says what the answer to a refresh must be, from the table alone.
type model struct {
	tokens []*modelToken
	window time.Duration
}

func (m *model) revokeUser(user string) {
	for _, t := range m.tokens {
		if t.user == user {
			t.revoked = true
		}
	}
}

// refresh returns the code that is expected, "" for success, and the token that
// must come again on a retry.
func (m *model) refresh(t *modelToken, key string, now time.Time) (code string, again *modelToken) {
	switch {
	case t.revoked:
		return "refresh_token_revoked", nil
	case t.used.IsZero():
		if now.Sub(t.made) >= 30*24*time.Hour || now.Sub(t.family.started) >= 180*24*time.Hour {
			return "refresh_token_expired", nil
		}
		return "", nil
	}
	since := now.Sub(t.used)
	unused := t.successor.used.IsZero() && !t.successor.revoked && since < 24*time.Hour
	if unused && (key != "" && key == t.key || key == "" && t.key == "" && since < m.window) {
		return "", t.successor
	}
	m.revokeUser(t.user)
	return "refresh_token_reused", nil
}

func TestRefreshingIsAsTheModelSays(t *testing.T) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			run++
			c := &clock{morning}
			m := &model{window: rapid.SampledFrom([]time.Duration{0, 10 * time.Second}).Draw(t, "window")}
			a := newAuth(t, store, c, m.window)
			pick := func(t *rapid.T) *modelToken {
				if len(m.tokens) == 0 {
					t.Skip("nobody has signed in")
				}
				return rapid.SampledFrom(m.tokens).Draw(t, "token")
			}
			login := func(user string) {
				l, err := a.Login(context.Background(), "dev", user, "")
				if err != nil {
					t.Fatal(err)
				}
				m.tokens = append(m.tokens, &modelToken{
					raw: l.Refresh, access: l.Access, user: user, uid: l.User.ID, family: &modelFamily{c.now}, made: c.now,
				})
			}
			t.Repeat(map[string]func(*rapid.T){
				"login": func(t *rapid.T) {
					login(fmt.Sprintf("runner %d of %d", rapid.IntRange(0, 1).Draw(t, "user"), run))
				},
				"refresh": func(t *rapid.T) {
					old, key := pick(t), rapid.SampledFrom([]string{"", "k1", "k2"}).Draw(t, "key")
					code, again := m.refresh(old, key, c.now)
					got, err := a.Refresh(context.Background(), old.raw, key)
					if code != "" {
						if !fault.HasCode(err, code) {
							t.Fatalf("%v, want %s", err, code)
						}
						return
					}
					if err != nil {
						t.Fatalf("%v, want success", err)
					}
					if again != nil {
						if got.Refresh != again.raw {
							t.Fatal("a retry got another successor")
						}
						return
					}
					next := &modelToken{raw: got.Refresh, access: got.Access, user: old.user, uid: old.uid, family: old.family, made: c.now}
					old.used, old.key, old.successor = c.now, key, next
					m.tokens = append(m.tokens, next)
				},
				"log out": func(t *rapid.T) {
					one := pick(t)
					if err := a.Logout(context.Background(), one.raw); err != nil {
						t.Fatal(err)
					}
					for _, other := range m.tokens {
						if other.family == one.family {
							other.revoked = true
						}
					}
				},
				"log out everywhere": func(t *rapid.T) {
					one := pick(t)
					if err := a.LogoutAll(context.Background(), one.uid); err != nil {
						t.Fatal(err)
					}
					m.revokeUser(one.user)
				},
				"time passes": func(t *rapid.T) {
					c.now = c.now.Add(time.Duration(rapid.SampledFrom([]int64{1, 5, 10, 3600, 86400 - 1, 86400, 25 * 86400}).Draw(t, "seconds")) * time.Second)
				},
				"": func(t *rapid.T) {
					c.now = c.now.Add(time.Microsecond) // no two things happen at once
				},
			})
		})
	})
}

// 64 clients present one token at once, all with one key: all get one and the
// same successor. With a key each, one of them wins, it was theft, and the
// winner's token is revoked as well.
func TestManyRefreshOneTokenAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		a := newAuth(t, store, &ticking{now: morning}, 0)
		for round := range rounds(t) {
			for _, sameKey := range []bool{true, false} {
				l, err := a.Login(t.Context(), "dev", fmt.Sprint("runner ", round, sameKey), "")
				if err != nil {
					t.Fatal(err)
				}
				var mu sync.Mutex
				successors, codes := map[string]int{}, map[string]int{}
				var wg sync.WaitGroup
				for i := range 64 {
					key := "the key"
					if !sameKey {
						key = fmt.Sprint("key ", i)
					}
					wg.Go(func() {
						got, err := a.Refresh(t.Context(), l.Refresh, key)
						mu.Lock()
						defer mu.Unlock()
						var f *fault.Error
						switch {
						case err == nil:
							successors[got.Refresh]++
						case errors.As(err, &f):
							codes[f.Code]++
						default:
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if sameKey {
					if len(successors) != 1 || len(codes) != 0 {
						t.Fatalf("%d successors, %v", len(successors), codes)
					}
					continue
				}
				if len(successors) != 1 || codes[auth.ErrReused.Code] != 1 || codes[auth.ErrRevoked.Code] != 62 {
					t.Fatalf("%d successors, %v", len(successors), codes)
				}
				for successor := range successors {
					if _, err := a.Refresh(t.Context(), successor, ""); !errors.Is(err, auth.ErrRevoked) {
						t.Fatalf("the winner's token after the theft: %v", err)
					}
				}
			}
		}
	})
}

// rounds returns how often races are run: 20 times, or RUNVS_TEST_ROUNDS times.
func rounds(t *testing.T) int {
	t.Helper()
	raw := os.Getenv("RUNVS_TEST_ROUNDS")
	if raw == "" {
		return 20
	}
	n, err := strconv.Atoi(raw)
	if err != nil || n < 1 {
		t.Fatalf("RUNVS_TEST_ROUNDS=%q is no number of rounds", raw)
	}
	return n
}

// ticking is a clock that many may read, and that never shows a time twice.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond)
	return c.now
}

// After everything was revoked, access tokens of before are refused at once on
// this process and within 10 s on others, and those of later sign-ins are good.
func TestRevokingEverythingEndsAccessTokens(t *testing.T) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		c := &ticking{now: morning}
		here, there := newAuth(t, store, c, 0), newAuth(t, store, c, 0)
		before, err := here.Login(t.Context(), "dev", "mina", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []*app.Auth{here, there} {
			if uid, err := a.Authenticate(t.Context(), before.Access); err != nil || uid != before.User.ID {
				t.Fatal(uid, err)
			}
		}
		if err := here.LogoutAll(t.Context(), before.User.ID); err != nil {
			t.Fatal(err)
		}
		after, err := here.Login(t.Context(), "dev", "mina", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := here.Authenticate(t.Context(), before.Access); !fault.HasCode(err, "token_invalid") {
			t.Errorf("here, at once: %v", err)
		}
		c.now = c.now.Add(9 * time.Second)
		if _, err := there.Authenticate(t.Context(), before.Access); !fault.HasCode(err, "token_invalid") {
			t.Errorf("elsewhere, 9 s later: %v", err)
		}
		for _, a := range []*app.Auth{here, there} {
			if _, err := a.Authenticate(t.Context(), after.Access); err != nil {
				t.Errorf("a later sign-in: %v", err)
			}
		}
	})
}
