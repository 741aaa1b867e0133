package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// skewed is a clock that is off by so much.
type skewed struct {
	ports.Clock
	by time.Duration
}

func (c skewed) Now() time.Time { return c.Clock.Now().Add(c.by) }

// What clocks are off by: as those of machines are, and as broken ones are.
var (
	bySeconds = []time.Duration{0, 2 * time.Second, -2 * time.Second}
	byHours   = append([]time.Duration{3 * time.Hour, -3 * time.Hour}, bySeconds...)
)

// held is a token of one of the processes, with the access token that came along.
type held struct {
	raw, access string
	by          int // which process issued the access token
	uid         id.User
	family      int
	key         string
	successor   *held
	used, ended bool
}

// Whatever the clocks of processes say: without a key a token is good once; a second
// use ends everything of its user, access tokens of clocks ahead included; a retry
// gives the same successor; and of a family one token at most is active. With clocks
// as they are, what was not ended is good, too. Behind a clock that is hours ahead,
// who ended everything must wait for it: the other way round is worse.
func TestClocksThatDisagreeForgiveNothing(t *testing.T) {
	for name, skews := range map[string][]time.Duration{"by seconds": bySeconds, "by hours": byHours} {
		t.Run(name, func(t *testing.T) { clocksDisagree(t, skews, name == "by seconds") })
	}
}

func clocksDisagree(t *testing.T, skews []time.Duration, usable bool) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			run++
			c := &ticking{now: morning}
			processes := make([]*app.Auth, len(skews))
			for i, by := range skews {
				processes[i] = newAuth(t, store, skewed{c, by}, 0)
			}
			ctx, families := context.Background(), 0
			var all []*held
			process := func(t *rapid.T) int { return rapid.IntRange(0, len(skews)-1).Draw(t, "process") }
			pick := func(t *rapid.T) *held {
				if len(all) == 0 {
					t.Skip("nobody has signed in")
				}
				return all[rapid.IntRange(0, len(all)-1).Draw(t, "token")]
			}
			// look asks a process that knows nothing yet, and whose clock is that of who
			// issued an access token: to others it may be of the future.
			look := func(t *rapid.T, one *held) {
				_, err := newAuth(t, store, skewed{c, skews[one.by]}, 0).Authenticate(ctx, one.access)
				if one.ended && !fault.HasCode(err, "token_invalid") {
					t.Fatalf("an access token of a clock off by %v after everything was ended: %v", skews[one.by], err)
				}
				if usable && !one.ended && err != nil {
					t.Fatalf("an access token of a clock off by %v: %v", skews[one.by], err)
				}
			}
			endAll := func(t *rapid.T, uid id.User) {
				for _, one := range all {
					if one.uid == uid {
						one.ended = true
						look(t, one)
					}
				}
			}
			t.Repeat(map[string]func(*rapid.T){
				"login": func(t *rapid.T) {
					by := process(t)
					l, err := processes[by].Login(ctx, "dev", fmt.Sprintf("runner %d of %d", rapid.IntRange(0, 1).Draw(t, "user"), run), "")
					if err != nil {
						t.Fatal(err)
					}
					families++
					all = append(all, &held{raw: l.Refresh, access: l.Access, by: by, uid: l.User.ID, family: families})
				},
				"refresh": func(t *rapid.T) {
					by, one, key := process(t), pick(t), rapid.SampledFrom([]string{"", "k1", "k2"}).Draw(t, "key")
					got, err := processes[by].Refresh(ctx, one.raw, key)
					switch {
					case one.ended:
						if !errors.Is(err, auth.ErrRevoked) {
							t.Fatalf("a token that was ended: %v", err)
						}
					case !one.used:
						if err != nil {
							t.Fatalf("an active token: %v", err)
						}
						one.used, one.key = true, key
						one.successor = &held{raw: got.Refresh, access: got.Access, by: by, uid: one.uid, family: one.family}
						all = append(all, one.successor)
					case key != "" && key == one.key && !one.successor.used:
						if err != nil || got.Refresh != one.successor.raw {
							t.Fatalf("a retry: %v", err)
						}
						one.successor.access, one.successor.by = got.Access, by
					default:
						if !errors.Is(err, auth.ErrReused) {
							t.Fatalf("a second use: %v", err)
						}
						endAll(t, one.uid)
					}
				},
				"log out everywhere": func(t *rapid.T) {
					by, one := process(t), pick(t)
					if err := processes[by].LogoutAll(ctx, one.uid); err != nil {
						t.Fatal(err)
					}
					endAll(t, one.uid)
				},
			})
			active := map[int]int{}
			for _, one := range all {
				parsed, err := auth.ParseToken(one.raw)
				if err != nil {
					t.Fatal(err)
				}
				row, err := store.RefreshToken(ctx, parsed.ID)
				if err != nil {
					t.Fatal(err)
				}
				if row.State() == auth.Active {
					active[one.family]++
				}
				look(t, one)
			}
			for family, n := range active {
				if n > 1 {
					t.Fatalf("family %d has %d active tokens", family, n)
				}
			}
		})
	})
}

// 16 clients present one token without a key to processes whose clocks disagree:
// one of them wins, whoever read the time first.
func TestManyProcessesRefreshOneTokenAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		c := &ticking{now: morning}
		processes := make([]*app.Auth, 16)
		for i := range processes {
			processes[i] = newAuth(t, store, skewed{c, byHours[i%len(byHours)]}, 0)
		}
		for round := range rounds(t) {
			l, err := processes[round%16].Login(t.Context(), "dev", fmt.Sprint("runner ", round), "")
			noError(t, err)
			var mu sync.Mutex
			won, codes := 0, map[string]int{}
			var wg sync.WaitGroup
			for _, a := range processes {
				wg.Go(func() {
					_, err := a.Refresh(t.Context(), l.Refresh, "")
					mu.Lock()
					defer mu.Unlock()
					if f := fault.As(err); err == nil {
						won++
					} else if f != nil {
						codes[f.Code]++
					} else {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won != 1 || codes[auth.ErrReused.Code] != 1 || codes[auth.ErrRevoked.Code] != 14 {
				t.Fatalf("round %d: %d won, %v", round, won, codes)
			}
		}
	})
}

// A time that was read long ago forgives nothing either.
func TestATimeThatWasReadLongAgoForgivesNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, store ports.Store) {
		fast := &ticking{now: morning.Add(time.Minute)}
		first, second := newAuth(t, store, fast, 0), newAuth(t, store, &clock{morning}, 0)
		l, err := second.Login(t.Context(), "dev", "mina", "")
		noError(t, err)
		_, err = first.Refresh(t.Context(), l.Refresh, "")
		noError(t, err)
		if _, err := second.Refresh(t.Context(), l.Refresh, ""); !errors.Is(err, auth.ErrReused) {
			t.Errorf("a second use, at a time before the first: %v", err)
		}
	})
}
