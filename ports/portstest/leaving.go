package portstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

func issuing(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	for _, at := range []time.Duration{time.Minute, time.Hour, 2 * time.Minute} { // clocks disagree
		ok(t, f.Store.NoteIssued(ctx, mina, noon.Add(at)))
	}
	u, err := f.Store.User(ctx, mina)
	ok(t, err)
	equal(t, "the newest", u.TokensIssuedUntil, noon.Add(time.Hour))
	u, err = f.Store.User(ctx, joon)
	ok(t, err)
	equal(t, "another's", u.TokensIssuedUntil.IsZero(), true)
}

func signIns(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	newToken(t, f.Store, newUser(t, f.Store, "joon"))
	var want []auth.SignIn
	for i := range 5 {
		first := newToken(t, f.Store, mina)
		s := auth.SignIn{Family: first.Family, StartedAt: noon, LastUsedAt: noon, ExpiresAt: first.ExpiresAt}
		if i%2 == 1 {
			_, next := use(t, f.Store, first)
			s.LastUsedAt, s.ExpiresAt = next.CreatedAt, next.ExpiresAt
		}
		if i > 2 {
			s.RevokedAt = noon.Add(2 * time.Hour)
			ok(t, f.Store.RevokeFamily(ctx, first.Family, s.RevokedAt))
		}
		want = append(want, s)
	}
	slices.SortFunc(want, func(a, b auth.SignIn) int { return a.Family.Compare(b.Family) })
	var got []auth.SignIn
	for after := (id.Family{}); ; after = got[len(got)-1].Family {
		some, err := f.Store.SignIns(ctx, mina, after, 2)
		ok(t, err)
		if len(some) == 0 {
			break
		}
		got = append(got, some...)
	}
	equal(t, "sign-ins", got, want)
}

func usedOnce(t *testing.T, f Fixture) {
	token, until := auth.TokenHash{1, 2, 3}, noon.Add(time.Hour)
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 50 {
		wg.Go(func() {
			err := f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
				first, err := tx.UseToken(ctx, token, until)
				if err == nil && first {
					mu.Lock()
					won++
					mu.Unlock()
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	equal(t, "were first", won, 1)

	// What is undone with its transaction was not used.
	no := errors.New("no")
	other := auth.TokenHash{4}
	err := f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		first, err := tx.UseToken(ctx, other, until)
		ok(t, err)
		equal(t, "another token is the first", first, true)
		return no
	})
	equal(t, "the error", errors.Is(err, no), true)
	first, err := f.Store.UseToken(ctx, other, until)
	ok(t, err)
	equal(t, "after it was undone", first, true)

	n, err := f.Store.PurgeUsedTokens(ctx, until)
	ok(t, err)
	equal(t, "purged too early", n, 0)
	first, err = f.Store.UseToken(ctx, token, until)
	ok(t, err)
	equal(t, "a token that is kept", first, false)
	n, err = f.Store.PurgeUsedTokens(ctx, until.Add(time.Second))
	ok(t, err)
	equal(t, "purged", n, 2)
}

func socialAccounts(t *testing.T, f Fixture) {
	newUser(t, f.Store, "joon")
	account := user.SocialAccount{Provider: "apple", ProviderID: "001", Email: "mina@b.c"}
	u, _, err := f.Store.FindOrCreateUser(ctx, account, user.User{ID: id.New[id.UserKind](ids{}), CreatedAt: noon, UpdatedAt: noon})
	ok(t, err)
	account.LinkedAt = noon
	got, err := f.Store.SocialAccounts(ctx, u.ID)
	ok(t, err)
	equal(t, "accounts", got, []user.SocialAccount{account})
	got, err = f.Store.SocialAccounts(ctx, id.New[id.UserKind](ids{}))
	ok(t, err)
	equal(t, "nobody's", len(got), 0)
}

// privateOwned tries every way to a private course that is nobody's.
func privateOwned(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	private := func(c *course.Course) { c.IsPublic = false }
	if err := f.Store.InsertCourse(ctx, makeCourse(t, id.User{}, private)); err == nil {
		t.Error("a private course was stored that is nobody's")
	}
	nobodys := newCourse(t, f.Store, id.User{}, nil)
	nobodys.IsPublic = false
	if err := f.Store.SaveCourse(ctx, nobodys); err == nil {
		t.Error("nobody's course became private")
	}
	for name, wrong := range map[string]course.Access{"public": {Public: true, Retired: true}, "somebody's": {Owner: mina, Retired: true}} {
		as := func(c *course.Course) { c.CreatorID, c.IsPublic, c.Retired = wrong.Owner, wrong.Public, wrong.Retired }
		if err := f.Store.InsertCourse(ctx, makeCourse(t, mina, as)); err == nil {
			t.Errorf("a retired course was stored that is %s", name)
		}
		c := newCourse(t, f.Store, mina, nil)
		as(&c)
		if err := f.Store.SaveCourse(ctx, c); err == nil {
			t.Errorf("a retired course became %s", name)
		}
		ok(t, f.Store.DeleteCourse(ctx, c.ID))
	}
	secret := newCourse(t, f.Store, mina, private)
	if err := f.Store.DeleteUser(ctx, mina); err == nil {
		t.Error("a user left a private course behind")
	}
	_, err := f.Store.User(ctx, mina) // nothing of that happened
	ok(t, err)
	ok(t, f.Store.DeleteCourse(ctx, secret.ID))
	ok(t, f.Store.DeleteUser(ctx, mina))
}

// retiredCourses has a course retire among others: nothing that finds courses finds
// it, for its maker neither.
func retiredCourses(t *testing.T, f Fixture) {
	start := geo.MustPoint(37.5, 127)
	mina := newUser(t, f.Store, "mina")
	c, stays := newCourse(t, f.Store, mina, func(c *course.Course) { c.Tags = []string{"gone"} }), newCourse(t, f.Store, mina, nil)
	ok(t, f.Store.PutRanking(ctx, ranking.Row{CourseID: c.ID, Period: ranking.AllTime, UserID: mina, BestDurationSeconds: 100, BestPaceSecondsPerKM: 1, RunCount: 1, AchievedAt: noon}, noon))
	c.CreatorID, c.IsPublic, c.Retired, c.Title = id.User{}, false, true, "Course of 2.2 km"
	ok(t, f.Store.SaveCourse(ctx, c))

	got, err := f.Store.Course(ctx, c.ID)
	ok(t, err)
	equal(t, "a retired course", got, c)
	access, err := f.Store.CourseAccess(ctx, c.ID)
	ok(t, err)
	equal(t, "its access", access.Access, course.Access{Retired: true})
	rows, _, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 5}})
	ok(t, err)
	equal(t, "rows of its board", len(rows), 1)
	n, err := f.Store.CountCourses(ctx, mina)
	ok(t, err)
	equal(t, "courses of its maker", n, 1)
	made, _, err := f.Store.UserCourses(ctx, mina)
	ok(t, err)
	equal(t, "courses its maker would leave", made, []ports.MadeCourse{{ID: stays.ID}})

	for _, q := range []ports.CourseQuery{{}, {Viewer: mina}, {Viewer: mina, Creator: mina}, {TitleContains: "course of"}, {Tag: "gone"}, {Viewer: mina, Tag: "gone"}} {
		for _, q.Sort = range []ports.CourseSort{ports.NewestFirst, ports.PopularFirst, ports.ByDistance} {
			list, total, err := f.Store.ListCourses(ctx, q, ports.Page{Limit: 5}, nil)
			ok(t, err)
			if total != len(list) || slices.ContainsFunc(list, func(s ports.CourseSummary) bool { return s.ID == c.ID }) {
				t.Errorf("%+v finds it among %d", q, total)
			}
		}
	}
	for _, whole := range []bool{false, true} {
		near, err := f.Store.NearbyCourses(ctx, ports.NearbyQuery{Center: start, RadiusMeters: 500, Limit: 5, WholeRoute: whole})
		ok(t, err)
		cards, _, err := f.Store.CoursesInBounds(ctx, ports.BoundsQuery{Bounds: geo.Around(start, 500), Limit: 5, WholeRoute: whole})
		ok(t, err)
		if len(near) != 1 || near[0].ID != stays.ID || len(cards) != 1 || cards[0].ID != stays.ID {
			t.Errorf("by its route %v: %d near, %d in view", whole, len(near), len(cards))
		}
	}
	ok(t, f.Store.DeleteCourse(ctx, stays.ID))
	at := maptile.At(start)
	tile, err := maptile.New(14, at.X>>(maptile.Bits-14), at.Y>>(maptile.Bits-14))
	ok(t, err)
	drawn, err := f.Store.MapTile(ctx, tile)
	ok(t, err)
	equal(t, "bytes of a map without it", len(drawn), 0)

	// Its maker leaves, and it stays; and it may be deleted like any other.
	ok(t, f.Store.DeleteUser(ctx, mina))
	got, err = f.Store.Course(ctx, c.ID)
	ok(t, err)
	equal(t, "without its maker", got, c)
	ok(t, f.Store.DeleteCourse(ctx, c.ID))
}

func completedByOthers(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	c := newCourse(t, f.Store, mina, nil).ID
	newRecord(t, f.Store, attempt{owner: joon, course: newCourse(t, f.Store, mina, nil).ID, seconds: 100})
	for _, a := range []struct {
		what string
		attempt
		want bool
	}{
		{"of its maker", attempt{owner: mina, course: c, seconds: 100}, false},
		{"that is not completed", attempt{owner: joon, course: c}, false},
		{"that is not judged", attempt{owner: joon, course: c, pending: true}, false},
		{"of another who completed it", attempt{owner: joon, course: c, seconds: 100}, true},
	} {
		newRecord(t, f.Store, a.attempt)
		got, err := f.Store.CompletedByOthers(ctx, c, mina)
		ok(t, err)
		equal(t, "after a run "+a.what, got, a.want)
	}
}

// replacedRoutes moves a course to another town: it is found there by everything
// that finds courses, and no longer where it was.
func replacedRoutes(t *testing.T, f Fixture) {
	old, town := geo.MustPoint(37.5, 127), geo.MustPoint(35.1, 129.04)
	mina := newUser(t, f.Store, "mina")
	made := newRecord(t, f.Store, attempt{owner: mina})
	there, err := geo.NewLine([]geo.Point{town, geo.MustPoint(35.11, 129.05)})
	ok(t, err)
	moved, beside := newCourse(t, f.Store, mina, func(c *course.Course) { c.RunRecordID = made.ID }), newCourse(t, f.Store, id.User{}, nil)
	hidden := newCourse(t, f.Store, mina, func(c *course.Course) { c.IsPublic = false })
	for _, c := range []course.Course{moved, hidden} {
		c.RunRecordID, c.Route, c.DistanceMeters, c.EstimatedDurationSeconds = id.Record{}, there, int(there.LengthMeters()), nil
		c.ElevationGainMeters, c.ElevationProfile, c.ThumbnailDrawn, c.UpdatedAt = 3, []run.ProfileSample{{DistanceMeters: 7, AltitudeMeters: 8}}, false, noon.Add(time.Hour)
		ok(t, f.Store.PutCourseShape(ctx, ports.CourseShape{CourseID: c.ID, RuleVersion: "test", Corridor: ports.CorridorDrawn}, noon))
		ok(t, f.Store.ReplaceRoute(ctx, c))
		shape, err := f.Store.CourseShape(ctx, c.ID)
		ok(t, err)
		equal(t, "the shape of the old line", shape, ports.CourseShape{CourseID: c.ID})
		got, err := f.Store.Course(ctx, c.ID)
		ok(t, err)
		equal(t, "a course with another line", got, c)
	}
	for _, at := range []struct {
		place geo.Point
		want  id.Course
	}{{old, beside.ID}, {town, moved.ID}} {
		for _, whole := range []bool{false, true} {
			found, err := f.Store.NearbyCourses(ctx, ports.NearbyQuery{Center: at.place, RadiusMeters: 5000, Limit: 5, WholeRoute: whole})
			ok(t, err)
			if len(found) != 1 || found[0].ID != at.want {
				t.Errorf("near %v, by its route %v: %d courses", at.place, whole, len(found))
			}
			cards, _, err := f.Store.CoursesInBounds(ctx, ports.BoundsQuery{Bounds: geo.Around(at.place, 500), Limit: 5, WholeRoute: whole})
			ok(t, err)
			if len(cards) != 1 || cards[0].ID != at.want {
				t.Errorf("in the view of %v, by its route %v: %d courses", at.place, whole, len(cards))
			}
		}
	}
	list, total, err := f.Store.ListCourses(ctx, ports.CourseQuery{Sort: ports.ByDistance, MaxDistanceMeters: &moved.DistanceMeters}, ports.Page{Limit: 5}, nil)
	ok(t, err)
	if total != 2 || list[0].ID != moved.ID || list[0].Start != town {
		t.Errorf("the list by distance has %d courses, the first at %v", total, list[0].Start)
	}
	// In one transaction with the maker's going, too: nothing refers to the run then.
	ok(t, f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if err := tx.DeleteCourse(ctx, hidden.ID); err != nil {
			return err
		}
		moved.RunRecordID = id.Record{}
		if err := tx.ReplaceRoute(ctx, moved); err != nil {
			return err
		}
		return tx.DeleteUser(ctx, mina)
	}))
}

func pacing(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	c, other := newCourse(t, f.Store, mina, nil), newCourse(t, f.Store, mina, nil)
	year := ranking.Period{Span: ranking.Year, StartsOn: "2026-01-01"}
	for _, seconds := range []int{100, 101, 333} {
		uid := newUser(t, f.Store, fmt.Sprint("runner ", seconds))
		for _, cid := range []id.Course{c.ID, other.ID} {
			for _, p := range []ranking.Period{ranking.AllTime, year} {
				ok(t, f.Store.PutRanking(ctx, ranking.Row{CourseID: cid, Period: p, UserID: uid, BestDurationSeconds: seconds, BestPaceSecondsPerKM: 1, RunCount: 1, AchievedAt: noon}, noon))
			}
		}
	}
	const meters = 2000 // 101 s give 50.5 s/km
	ok(t, f.Store.PaceBoards(ctx, c.ID, meters, noon))
	for _, p := range []ranking.Period{ranking.AllTime, year} {
		rows, total, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: p, Page: ports.Page{Limit: 5}})
		ok(t, err)
		equal(t, "rows", total, 3)
		for _, row := range rows {
			equal(t, fmt.Sprint("pace of ", row.BestDurationSeconds), row.BestPaceSecondsPerKM, ranking.Pace(row.BestDurationSeconds, meters))
		}
		rows, _, err = f.Store.Board(ctx, ports.BoardQuery{CourseID: other.ID, Period: p, Page: ports.Page{Limit: 1}})
		ok(t, err)
		equal(t, "another course's pace", rows[0].BestPaceSecondsPerKM, 1)
	}
}

func userRankings(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	courses := []id.Course{newCourse(t, f.Store, mina, nil).ID, newCourse(t, f.Store, mina, nil).ID}
	slices.SortFunc(courses, id.Course.Compare)
	var want []ranking.Row
	for i, cid := range courses {
		for k, p := range []ranking.Period{
			ranking.AllTime, {Span: ranking.Month, StartsOn: "2026-04-01"}, {Span: ranking.Month, StartsOn: "2026-05-01"}, {Span: ranking.Week, StartsOn: "2026-04-27"}, {Span: ranking.Year, StartsOn: "2026-01-01"},
		} {
			row := ranking.Row{CourseID: cid, Period: p, UserID: mina, BestDurationSeconds: 100*i + k, BestPaceSecondsPerKM: 300 + k, RunCount: 1 + i, AchievedAt: noon}
			want = append(want, row)
			ok(t, f.Store.PutRanking(ctx, row, noon))
			row.UserID = joon
			ok(t, f.Store.PutRanking(ctx, row, noon))
		}
	}
	var got []ranking.Row
	for after := (*ports.RankingKey)(nil); ; {
		some, err := f.Store.UserRankings(ctx, mina, after, 3)
		ok(t, err)
		if len(some) == 0 {
			break
		}
		got = append(got, some...)
		last := some[len(some)-1]
		after = &ports.RankingKey{CourseID: last.CourseID, Period: last.Period}
	}
	equal(t, "rows", got, want)
}

func scrubbing(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	kept := newRecord(t, f.Store, attempt{owner: mina})
	ok(t, f.Store.DeleteRecord(ctx, newRecord(t, f.Store, attempt{owner: mina}).ID))
	for range 2 {
		ok(t, f.Store.Scrub(ctx))
	}
	got, err := f.Store.Record(ctx, kept.ID)
	ok(t, err)
	equal(t, "the other record", got, kept)
}
