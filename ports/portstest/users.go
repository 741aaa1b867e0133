package portstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

func nicknames(t *testing.T, f Fixture) {
	const runners = 20
	var wg sync.WaitGroup
	var mu sync.Mutex
	var winner id.User
	won, taken := 0, 0
	for i := range runners {
		uid := newUser(t, f.Store, fmt.Sprint("runner ", i))
		// The case differs, the key does not.
		text := "mina"
		if i%2 == 0 {
			text = "MINA"
		}
		wg.Go(func() {
			err := f.Store.SaveUser(ctx, user.User{ID: uid, Nickname: user.RestoreNickname(text, "mina"), UpdatedAt: noon})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
				winner = uid
			case errors.Is(err, user.ErrNicknameTaken):
				taken++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 || taken != runners-1 {
		t.Fatalf("%d got it, %d did not", won, taken)
	}
	u, err := f.Store.User(ctx, winner)
	ok(t, err)
	equal(t, "key", u.Nickname.Key(), "mina")
	// Who has it may write it otherwise, and give it up.
	weight := float32(61.5)
	u.Nickname, u.WeightKG, u.AvatarID = user.RestoreNickname("MiNa", "mina"), &weight, id.New[id.AvatarKind](ids{})
	ok(t, f.Store.SaveUser(ctx, u))
	again, err := f.Store.User(ctx, winner)
	ok(t, err)
	equal(t, "the user", again, u)
	u.Nickname = user.Nickname{}
	ok(t, f.Store.SaveUser(ctx, u))
	ok(t, f.Store.SaveUser(ctx, user.User{ID: newUser(t, f.Store, "a late one"), Nickname: user.RestoreNickname("mina", "mina"), UpdatedAt: noon}))
	_, _, err = f.Store.FindOrCreateUser(ctx, user.SocialAccount{Provider: "dev", ProviderID: "a new one"},
		user.User{ID: id.New[id.UserKind](ids{}), Nickname: user.RestoreNickname("Mina", "mina"), CreatedAt: noon, UpdatedAt: noon})
	if !errors.Is(err, user.ErrNicknameTaken) {
		t.Errorf("a new user with a nickname that is taken: %v", err)
	}
}

func usersCalled(t *testing.T, f Fixture) {
	ctx := t.Context()
	add := func(name, nickname, own, accounts string) id.User {
		fresh := user.User{ID: id.New[id.UserKind](ids{}), Email: own, Nickname: user.RestoreNickname(nickname, strings.ToLower(nickname)), CreatedAt: noon, UpdatedAt: noon}
		u, _, err := f.Store.FindOrCreateUser(ctx, user.SocialAccount{Provider: "kakao", ProviderID: name, Email: accounts}, fresh)
		ok(t, err)
		return u.ID
	}
	mina := add("1", "Mina", "Mina@example.com", "")
	joon := add("2", "준", "", "joon@Example.com")
	twin := add("3", "", "joon@example.com", "joon@example.com")
	add("4", "", "", "")
	for name, c := range map[string]struct {
		key, email string
		limit      int
		want       []id.User
	}{
		"by the nickname": {"mina", "", 9, []id.User{mina}}, "by the other's": {"준", "", 9, []id.User{joon}},
		"by an address, in whatever case": {"", "mina@example.com", 9, []id.User{mina}},
		"two with an address, each once":  {"", "joon@example.com", 9, []id.User{joon, twin}},
		"the first of two":                {"", "joon@example.com", 1, []id.User{joon, twin}},
		"by either":                       {"mina", "joon@example.com", 9, []id.User{mina, joon, twin}},
		"nobody":                          {"min", "mina@example", 9, nil}, "nothing is nobody's": {"", "", 9, nil},
	} {
		found, err := f.Store.UsersCalled(ctx, c.key, c.email, c.limit)
		ok(t, err)
		want := c.want
		slices.SortFunc(want, func(a, b id.User) int { return strings.Compare(a.String(), b.String()) })
		want = want[:min(c.limit, len(want))]
		equal(t, name, len(found), len(want))
		for i, u := range found {
			equal(t, name, u.ID, want[i])
		}
	}
}

func userExit(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	shared, own, theirs := newCourse(t, f.Store, mina, nil), newCourse(t, f.Store, mina, nil), newCourse(t, f.Store, joon, nil)
	newRecord(t, f.Store, attempt{owner: joon, course: own.ID}) // who did not get to its end
	newRecord(t, f.Store, attempt{owner: joon, course: own.ID, seconds: 300, pending: true})
	newRecord(t, f.Store, attempt{owner: mina, course: shared.ID, seconds: 300})
	kept := newRecord(t, f.Store, attempt{owner: joon, course: shared.ID, seconds: 310})
	newRecord(t, f.Store, attempt{owner: mina, course: own.ID, seconds: 300})
	lost := newRecord(t, f.Store, attempt{owner: mina, course: theirs.ID, seconds: 300})
	ok(t, f.Store.PutRanking(ctx, ranking.Row{CourseID: theirs.ID, Period: ranking.AllTime, UserID: mina, BestDurationSeconds: 300, AchievedAt: noon}, noon))
	token := newToken(t, f.Store, mina)

	made, ran, err := f.Store.UserCourses(ctx, mina)
	ok(t, err)
	want := map[id.Course]bool{shared.ID: true, own.ID: false}
	equal(t, "courses made", len(made), 2)
	for _, m := range made {
		equal(t, "completed by others", m.CompletedByOthers, want[m.ID])
	}
	equal(t, "courses run", len(ran), 3)

	ok(t, f.Store.DeleteUser(ctx, mina))
	ok(t, f.Store.DeleteUser(ctx, mina))
	for what, err := range map[string]error{
		"user": second(f.Store.User(ctx, mina)), "run": second(f.Store.Record(ctx, lost.ID)),
		"session": second(f.Store.Session(ctx, lost.SessionID)), "token": second(f.Store.RefreshToken(ctx, token.ID)),
	} {
		if k := fault.KindOf(err); k != fault.NotFound && k != fault.Unauthorized {
			t.Errorf("the %s is still there: %v", what, err)
		}
	}
	left, err := f.Store.Course(ctx, shared.ID)
	ok(t, err)
	equal(t, "creator of a course that others ran", left.CreatorID.IsZero(), true)
	_, err = f.Store.Record(ctx, kept.ID)
	ok(t, err)
	_, total, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: theirs.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 5}})
	ok(t, err)
	equal(t, "rows on a board", total, 0)
	fresh, created, err := f.Store.FindOrCreateUser(ctx, user.SocialAccount{Provider: "dev", ProviderID: "mina"}, user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: noon, UpdatedAt: noon})
	ok(t, err)
	equal(t, "a later login makes a new user", created && fresh.ID != mina, true)
	who, err := f.Store.UserOf(ctx, "dev", "mina")
	ok(t, err)
	equal(t, "whose account it is", who, fresh.ID)
	if _, err := f.Store.UserOf(ctx, "kakao", "mina"); !fault.HasCode(err, "user_not_found") {
		t.Errorf("an account of another provider: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// newToken stores the first token of a new family.
func newToken(t *testing.T, s ports.Store, owner id.User) auth.Refresh {
	t.Helper()
	token := auth.First(id.New[id.RefreshKind](ids{}), owner, id.New[id.FamilyKind](ids{}), strings.Repeat("h", 60), noon)
	ok(t, s.InsertRefreshToken(ctx, token))
	return token
}

// use rotates a token.
func use(t *testing.T, s ports.Store, token auth.Refresh) (used, next auth.Refresh) {
	t.Helper()
	used, next = token.Use(noon.Add(time.Hour), auth.KeyHash{7}, id.New[id.RefreshKind](ids{}), "hash", []byte("sealed"))
	ok(t, s.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if err := tx.UseRefreshToken(ctx, used); err != nil {
			return err
		}
		return tx.InsertRefreshToken(ctx, next)
	}))
	return used, next
}

// tokenIs compares a stored token.
func tokenIs(t *testing.T, s ports.Store, what string, want auth.Refresh) {
	t.Helper()
	got, err := s.RefreshToken(ctx, want.ID)
	ok(t, err)
	equal(t, what, got, want)
}

func refreshTokens(t *testing.T, f Fixture) {
	first := newToken(t, f.Store, newUser(t, f.Store, "mina"))
	tokenIs(t, f.Store, "a new token", first)
	used, next := use(t, f.Store, first)
	tokenIs(t, f.Store, "a used token", used)
	tokenIs(t, f.Store, "its successor", next)
	usedNext, last := use(t, f.Store, next)
	used.Sealed = nil // the successor was used: nobody needs to ask for it again
	tokenIs(t, f.Store, "a token whose successor was used", used)
	tokenIs(t, f.Store, "the successor", usedNext)
	tokenIs(t, f.Store, "its successor", last)
	if _, err := f.Store.RefreshToken(ctx, id.New[id.RefreshKind](ids{})); !errors.Is(err, auth.ErrInvalid) {
		t.Errorf("an unknown token: %v", err)
	}
}

func oneActive(t *testing.T, f Fixture) {
	first := newToken(t, f.Store, newUser(t, f.Store, "mina"))
	_, next := first.Use(noon, auth.KeyHash{}, id.New[id.RefreshKind](ids{}), "hash", nil)
	if err := f.Store.InsertRefreshToken(ctx, next); err == nil {
		t.Error("a family has two active tokens")
	}
}

func revoking(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	phone, watch, other := newToken(t, f.Store, mina), newToken(t, f.Store, mina), newToken(t, f.Store, joon)
	used, next := use(t, f.Store, phone)
	at := noon.Add(2 * time.Hour)
	for range 2 { // again at another time, which changes nothing
		ok(t, f.Store.RevokeFamily(ctx, phone.Family, at))
		at = at.Add(time.Hour)
	}
	at = noon.Add(2 * time.Hour)
	used.RevokedAt, used.Sealed, next.RevokedAt = at, nil, at
	tokenIs(t, f.Store, "a used token of a revoked family", used)
	tokenIs(t, f.Store, "its active one", next)
	tokenIs(t, f.Store, "another device", watch)
	ok(t, f.Store.RevokeUser(ctx, mina, at.Add(time.Minute)))
	watch.RevokedAt = at.Add(time.Minute)
	tokenIs(t, f.Store, "another device, when all was revoked", watch)
	tokenIs(t, f.Store, "what was revoked before", next)
	tokenIs(t, f.Store, "another's", other)
	u, err := f.Store.User(ctx, mina)
	ok(t, err)
	equal(t, "tokens_valid_after", u.TokensValidAfter, at.Add(time.Minute))
	u, err = f.Store.User(ctx, joon)
	ok(t, err)
	equal(t, "another's tokens_valid_after", u.TokensValidAfter.IsZero(), true)
}

func purging(t *testing.T, f Fixture) {
	token := newToken(t, f.Store, newUser(t, f.Store, "mina"))
	used, next := use(t, f.Store, token) // used an hour after noon, and so are good an hour longer
	n, err := f.Store.PurgeRefreshTokens(ctx, token.ExpiresAt, used.UsedAt)
	ok(t, err)
	equal(t, "purged too early", n, 0)
	tokenIs(t, f.Store, "a used token", used)
	n, err = f.Store.PurgeRefreshTokens(ctx, token.ExpiresAt, used.UsedAt.Add(time.Second))
	ok(t, err)
	equal(t, "purged", n, 0)
	used.Sealed = nil
	tokenIs(t, f.Store, "a token used long ago", used)
	n, err = f.Store.PurgeRefreshTokens(ctx, token.ExpiresAt.Add(time.Second), noon)
	ok(t, err)
	equal(t, "purged", n, 1)
	tokenIs(t, f.Store, "one that has not expired", next)
}

func userRuns(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	newRecord(t, f.Store, attempt{owner: newUser(t, f.Store, "joon")})
	newRecord(t, f.Store, attempt{owner: mina, pending: true})
	old := newRecord(t, f.Store, attempt{owner: mina, meters: 5, finished: noon.Add(-time.Hour)})
	late := newRecord(t, f.Store, attempt{owner: mina, meters: 7})
	got, err := f.Store.UserRuns(ctx, mina)
	ok(t, err)
	var want []stats.Run
	for _, r := range []run.Record{late, old} {
		want = append(want, stats.Run{
			ID: r.ID, LocalDate: r.LocalDate, FinishedAt: r.FinishedAt, DistanceMeters: r.DistanceMeters,
			DurationSeconds: r.DurationSeconds, Efforts: r.BestEfforts,
		})
	}
	equal(t, "runs", got, want)
}

func runsOfCourses(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	a, b := newCourse(t, f.Store, mina, nil), newCourse(t, f.Store, mina, nil)
	newCourse(t, f.Store, mina, nil) // nobody ran it
	newRecord(t, f.Store, attempt{owner: mina})
	var want []id.Record
	for range 3 {
		want = append(want, newRecord(t, f.Store, attempt{owner: mina, course: a.ID, seconds: 300}).ID)
	}
	newRecord(t, f.Store, attempt{owner: mina, course: b.ID, pending: true})
	slices.SortFunc(want, id.Record.Compare)
	got, err := f.Store.RunsOn(ctx, a.ID, id.Record{}, 2)
	ok(t, err)
	equal(t, "the first two", got, want[:2])
	got, err = f.Store.RunsOn(ctx, a.ID, want[1], 2)
	ok(t, err)
	equal(t, "behind them", got, want[2:])
	courses := []id.Course{a.ID, b.ID}
	slices.SortFunc(courses, id.Course.Compare)
	found, err := f.Store.CoursesWithRuns(ctx, id.Course{}, 5)
	ok(t, err)
	equal(t, "courses", found, courses)
	found, err = f.Store.CoursesWithRuns(ctx, courses[0], 5)
	ok(t, err)
	equal(t, "behind the first", found, courses[1:])
}
