package portstest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

func coursesWhole(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	for name, points := range map[string][]geo.Point{
		"in Seoul": nil, "across ±180°": {geo.MustPoint(-17, 179.999), geo.MustPoint(-17, -179.999)}, "at 85° north": {geo.MustPoint(85, 10), geo.MustPoint(85.01, 10.1)},
	} {
		want := newCourse(t, f.Store, mina, nil, points...)
		got, err := f.Store.Course(ctx, want.ID)
		ok(t, err)
		equal(t, name, got, want)
	}
	c := newCourse(t, f.Store, mina, nil)
	title, tags, private := "renamed", []string{}, false
	ok(t, c.Apply(course.Change{Title: &title, Tags: &tags, IsPublic: &private}, noon.Add(time.Hour)))
	c.ThumbnailDrawn = true
	ok(t, f.Store.SaveCourse(ctx, c))
	got, err := f.Store.Course(ctx, c.ID)
	ok(t, err)
	equal(t, "a saved course", got, c)
	if _, err := f.Store.Course(ctx, id.New[id.CourseKind](ids{})); !fault.HasCode(err, "course_not_found") {
		t.Errorf("an unknown course: %v", err)
	}
}

func courseLists(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	add := func(title string, meters int, public bool, creator id.User, age time.Duration, runs int, tags ...string) id.Course {
		c := newCourse(t, f.Store, creator, func(c *course.Course) {
			c.Title, c.DistanceMeters, c.IsPublic, c.CreatedAt, c.Tags = title, meters, public, noon.Add(-age), tags
		})
		ok(t, f.Store.PutCourseStats(ctx, stats.Course{CourseID: c.ID, TotalRuns: runs, UpdatedAt: noon}))
		return c.ID
	}
	a := add("한강 Morning", 5000, true, mina, 3*time.Hour, 7, "flat", "river")
	b := add("100% Hill_", 3000, true, joon, 2*time.Hour, 9, "hill")
	c := add("É secret", 9000, false, mina, time.Hour, 1, "flat")
	lo, hi := 4000, 6000
	for _, q := range []struct {
		name  string
		query ports.CourseQuery
		want  []id.Course
	}{
		{"newest, for nobody", ports.CourseQuery{Sort: ports.NewestFirst}, []id.Course{b, a}},
		{"newest, for the creator of a private one", ports.CourseQuery{Viewer: mina, Sort: ports.NewestFirst}, []id.Course{c, b, a}},
		{"newest, for another", ports.CourseQuery{Viewer: joon, Sort: ports.NewestFirst}, []id.Course{b, a}},
		{"popular", ports.CourseQuery{Sort: ports.PopularFirst}, []id.Course{b, a}},
		{"by distance", ports.CourseQuery{Viewer: mina, Sort: ports.ByDistance}, []id.Course{b, a, c}},
		{"by tag", ports.CourseQuery{Tag: "flat", Viewer: mina, Sort: ports.NewestFirst}, []id.Course{c, a}},
		{"by a tag that is part of one", ports.CourseQuery{Tag: "fla", Sort: ports.NewestFirst}, []id.Course{}},
		{"by a tag with a quote", ports.CourseQuery{Tag: "fl'at", Sort: ports.NewestFirst}, []id.Course{}},
		{"by a title in Korean", ports.CourseQuery{TitleContains: "한강", Sort: ports.NewestFirst}, []id.Course{a}},
		{"by a title in another case", ports.CourseQuery{TitleContains: "mORN", Sort: ports.NewestFirst}, []id.Course{a}},
		{"by a letter with an accent", ports.CourseQuery{TitleContains: "é S", Viewer: mina, Sort: ports.NewestFirst}, []id.Course{c}},
		{"by %, which is no wildcard", ports.CourseQuery{TitleContains: "%", Sort: ports.NewestFirst}, []id.Course{b}},
		{"by _, which is no wildcard", ports.CourseQuery{TitleContains: "_", Sort: ports.NewestFirst}, []id.Course{b}},
		{"by length", ports.CourseQuery{MinDistanceMeters: &lo, MaxDistanceMeters: &hi, Sort: ports.NewestFirst}, []id.Course{a}},
		{"by creator", ports.CourseQuery{Creator: mina, Sort: ports.NewestFirst}, []id.Course{a}},
	} {
		cards, total, err := f.Store.ListCourses(ctx, q.query, ports.Page{Limit: 10}, nil)
		ok(t, err)
		got := []id.Course{}
		for _, card := range cards {
			got = append(got, card.ID)
		}
		equal(t, q.name, got, q.want)
		equal(t, q.name+", in all", total, len(q.want))
	}
	page, total, err := f.Store.ListCourses(ctx, ports.CourseQuery{Viewer: mina, Sort: ports.NewestFirst}, ports.Page{Offset: 1, Limit: 1}, nil)
	ok(t, err)
	equal(t, "a page", []any{len(page), total, page[0].ID, page[0].TotalRuns, page[0].Start}, []any{1, 3, b, 9, geo.MustPoint(37.5, 127)})
}

// places are where random courses start: dense, thin, and at the seams of the map.
func randomCourses(t *testing.T, f Fixture, r *rand.Rand) []course.Course {
	mina := newUser(t, f.Store, "mina")
	var all []course.Course
	for i := range 120 {
		lat, lng := 37.5+r.NormFloat64()*0.05, 127+r.NormFloat64()*0.05
		switch i % 4 {
		case 1:
			lat, lng = r.Float64()*170-85, r.Float64()*360-180
		case 2:
			lat, lng = -17+r.NormFloat64()*0.05, math.Remainder(180+r.NormFloat64()*0.05, 360)
		case 3:
			lat, lng = 84+r.Float64(), r.Float64()*360-180
		}
		start := geo.MustPoint(lat, lng)
		plane := geo.NewPlane(start)
		end := plane.Unproject(r.NormFloat64()*1500, 200+r.NormFloat64()*1500)
		c := newCourse(t, f.Store, mina, func(c *course.Course) { c.IsPublic = i%10 != 0 }, start, end)
		ok(t, f.Store.PutCourseStats(ctx, stats.Course{CourseID: c.ID, TotalRuns: r.IntN(5), UpdatedAt: noon}))
		all = append(all, c)
	}
	return all
}

func nearby(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(1, 2)) // repeatable
	all := randomCourses(t, f, r)
	for i := range 60 {
		q := ports.NearbyQuery{Center: all[r.IntN(len(all))].Route.Start(), RadiusMeters: 50 + r.Float64()*20_000, Limit: 1 + r.IntN(30), WholeRoute: i%2 == 0}
		type hit struct {
			id id.Course
			d  float64
		}
		var want []hit
		for _, c := range all {
			d := geo.Distance(q.Center, c.Route.Start())
			if q.WholeRoute {
				d = c.Route.DistanceMeters(q.Center)
			}
			if c.IsPublic && d <= q.RadiusMeters {
				want = append(want, hit{c.ID, d})
			}
		}
		sort.Slice(want, func(i, j int) bool {
			if want[i].d != want[j].d {
				return want[i].d < want[j].d
			}
			return want[i].id.Compare(want[j].id) < 0
		})
		want = want[:min(len(want), q.Limit)]
		got, err := f.Store.NearbyCourses(ctx, q)
		ok(t, err)
		if len(got) != len(want) {
			t.Fatalf("%+v: %d found, want %d", q, len(got), len(want))
		}
		for k := range got {
			if got[k].ID != want[k].id || math.Abs(got[k].DistanceM-want[k].d) > 0.01 {
				t.Fatalf("%+v: row %d is %v at %v, want %v at %v", q, k, got[k].ID, got[k].DistanceM, want[k].id, want[k].d)
			}
		}
	}
}

func bounds(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(3, 4)) // repeatable
	all := randomCourses(t, f, r)
	boxes := []geo.Bounds{
		{South: -90, West: -180, North: 90, East: 180}, {South: -18, West: 179.9, North: -16, East: -179.9}, {South: 84, West: -180, North: 90, East: 180},
		{South: 37.5, West: 127, North: 37.5, East: 127}, {South: -18, West: 0, North: -16, East: 180}, {South: -18, West: -180, North: -16, East: 0},
	}
	for range 30 {
		c := all[r.IntN(len(all))].Route.Start()
		b := geo.Around(c, 100+r.Float64()*8000)
		boxes = append(boxes, b)
	}
	for i, b := range boxes {
		for _, whole := range []bool{false, true} {
			q := ports.BoundsQuery{Bounds: b, Limit: 1 + i%40, WholeRoute: whole}
			runs := map[id.Course]int{}
			var want []id.Course
			for _, c := range all {
				in := b.Contains(c.Route.Start())
				if whole {
					in = b.Crosses(c.Route)
				}
				if c.IsPublic && in {
					s, err := f.Store.CourseStats(ctx, c.ID)
					ok(t, err)
					runs[c.ID] = s.TotalRuns
					want = append(want, c.ID)
				}
			}
			sort.Slice(want, func(i, j int) bool {
				return course.Prominence(runs[want[i]], want[i]) > course.Prominence(runs[want[j]], want[j])
			})
			truncated := len(want) > q.Limit
			want = want[:min(len(want), q.Limit)]
			found, more, err := f.Store.CoursesInBounds(ctx, q)
			ok(t, err)
			var got []id.Course
			for _, c := range found {
				got = append(got, c.ID)
			}
			equal(t, fmt.Sprintf("%+v", q), got, want)
			equal(t, "truncated", more, truncated)
		}
	}
}

func courseDeletion(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	c := newCourse(t, f.Store, mina, nil)
	r := newRecord(t, f.Store, attempt{owner: mina, course: c.ID, seconds: 300})
	ok(t, f.Store.PutRanking(ctx, ranking.Row{CourseID: c.ID, Period: ranking.AllTime, UserID: mina, BestDurationSeconds: 300, AchievedAt: noon}, noon))
	ok(t, f.Store.DeleteCourse(ctx, c.ID))
	got, err := f.Store.Record(ctx, r.ID)
	ok(t, err)
	equal(t, "what is left of its run", got, r.Detached())
	s, err := f.Store.Session(ctx, r.SessionID)
	ok(t, err)
	equal(t, "its session's course", s.CourseID().IsZero(), true)
	_, total, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 5}})
	ok(t, err)
	equal(t, "its board", total, 0)
}

func boards(t *testing.T, f Fixture) {
	c := newCourse(t, f.Store, newUser(t, f.Store, "creator"), nil)
	seconds := []int{310, 300, 305, 305, 305, 400}
	var users []id.User
	for i, s := range seconds {
		uid := newUser(t, f.Store, fmt.Sprint("runner ", i))
		users = append(users, uid)
		ok(t, f.Store.PutRanking(ctx, ranking.Row{
			CourseID: c.ID, Period: ranking.AllTime, UserID: uid, BestDurationSeconds: s, BestPaceSecondsPerKM: s / 2, RunCount: i + 1, AchievedAt: noon.Add(-time.Duration(i) * time.Minute),
		}, noon))
	}
	ok(t, f.Store.CacheRanks(ctx, c.ID))
	rows, total, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 10}})
	ok(t, err)
	equal(t, "rows", total, 6)
	var order []id.User
	var ranks []int
	for _, r := range rows {
		order, ranks = append(order, r.UserID), append(ranks, r.Rank)
		equal(t, "person", r.Person.ID, r.UserID)
	}
	equal(t, "order", order, []id.User{users[1], users[4], users[3], users[2], users[0], users[5]})
	equal(t, "ranks", ranks, []int{1, 2, 2, 2, 5, 6})
	equal(t, "a row", rows[1].Row, ranking.Row{CourseID: c.ID, Period: ranking.AllTime, UserID: users[4], BestDurationSeconds: 305, BestPaceSecondsPerKM: 152, RunCount: 5, Rank: 2, AchievedAt: noon.Add(-4 * time.Minute)})

	// By cursor no row is skipped or repeated, though one arrives in between.
	first, _, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 2}})
	ok(t, err)
	fast := newUser(t, f.Store, "a fast one")
	ok(t, f.Store.PutRanking(ctx, ranking.Row{CourseID: c.ID, Period: ranking.AllTime, UserID: fast, BestDurationSeconds: 200, AchievedAt: noon}, noon))
	last := first[1]
	rest, _, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 10}, After: &ports.BoardKey{BestDurationSeconds: last.BestDurationSeconds, AchievedAt: last.AchievedAt, UserID: last.UserID}})
	ok(t, err)
	order = nil
	for _, r := range rest {
		order = append(order, r.UserID)
	}
	equal(t, "behind the cursor", order, []id.User{users[3], users[2], users[0], users[5]})

	around, total, err := f.Store.BoardAround(ctx, c.ID, ranking.AllTime, users[3], 2)
	ok(t, err)
	order = nil
	for _, r := range around {
		order = append(order, r.UserID)
	}
	equal(t, "around", order, []id.User{users[1], users[4], users[3], users[2], users[0]})
	equal(t, "in all", total, 7)
	nobody, _, err := f.Store.BoardAround(ctx, c.ID, ranking.AllTime, newUser(t, f.Store, "not ranked"), 2)
	ok(t, err)
	equal(t, "around one who is not ranked", len(nobody), 0)

	ok(t, f.Store.PutRanking(ctx, ranking.Row{CourseID: c.ID, Period: ranking.AllTime, UserID: users[5], BestDurationSeconds: 150, RunCount: 9, AchievedAt: noon}, noon))
	ok(t, f.Store.DropRanking(ctx, c.ID, users[1], ranking.AllTime))
	ok(t, f.Store.DropRanking(ctx, c.ID, users[1], ranking.AllTime))
	ok(t, f.Store.CacheRanks(ctx, c.ID))
	alone, _, err := f.Store.BoardAround(ctx, c.ID, ranking.AllTime, users[5], 0)
	ok(t, err)
	equal(t, "the improved one", []any{len(alone), alone[0].Rank, alone[0].RunCount}, []any{1, 1, 9})
	alone, _, err = f.Store.BoardAround(ctx, c.ID, ranking.AllTime, users[1], 0)
	ok(t, err)
	equal(t, "the dropped one", len(alone), 0)
}

func attempts(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	c := newCourse(t, f.Store, mina, func(c *course.Course) { c.DistanceMeters = 1000 })
	none, err := f.Store.Attempts(ctx, c.ID, mina)
	ok(t, err)
	equal(t, "without a run", len(none), 0)
	var want []ranking.Attempt
	for _, a := range []attempt{
		{seconds: 310, finished: noon, hour: 3}, {seconds: 300, finished: noon.Add(time.Hour)}, {seconds: 0, finished: noon}, {seconds: 100, finished: noon, pending: true},
	} {
		a.owner, a.course = mina, c.ID
		r := newRecord(t, f.Store, a)
		if !a.pending {
			want = append(want, ranking.Attempt{
				RecordID: r.ID, Completed: a.seconds > 0, DurationSeconds: a.seconds, FinishedAt: a.finished, LocalDate: r.LocalDate, LocalHour: a.hour,
			})
		}
	}
	newRecord(t, f.Store, attempt{owner: newUser(t, f.Store, "joon"), course: c.ID, seconds: 200})
	got, err := f.Store.Attempts(ctx, c.ID, mina)
	ok(t, err)
	for _, list := range [][]ranking.Attempt{got, want} {
		sort.Slice(list, func(i, j int) bool { return list[i].RecordID.Compare(list[j].RecordID) < 0 })
	}
	equal(t, "attempts", got, want)
	locked, err := f.Store.LockBoard(ctx, c.ID)
	ok(t, err)
	access, err := f.Store.CourseAccess(ctx, c.ID)
	ok(t, err)
	equal(t, "the course of the board", locked, access)
	if _, err := f.Store.LockBoard(ctx, id.New[id.CourseKind](ids{})); !fault.HasCode(err, "course_not_found") {
		t.Errorf("the board of no course: %v", err)
	}
}

func statistics(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	c := newCourse(t, f.Store, mina, nil)
	empty, err := f.Store.CourseStats(ctx, c.ID)
	ok(t, err)
	equal(t, "without a row", empty, stats.Course{CourseID: c.ID})
	for _, a := range []attempt{
		{owner: mina, seconds: 300, hour: 7}, {owner: mina, seconds: 400, hour: 7}, {owner: joon, seconds: 0, hour: 23}, {owner: joon, seconds: 1, hour: 5, pending: true},
	} {
		a.course = c.ID
		newRecord(t, f.Store, a)
	}
	totals, err := f.Store.CourseTotals(ctx, c.ID)
	ok(t, err)
	want := stats.CourseTotals{Runs: 3, Runners: 2, CompletedRuns: 2, SumDurationSeconds: 700, BestDuration: 300}
	want.ByHour[7], want.ByHour[23] = 2, 1
	equal(t, "totals", totals, want)
	row := stats.OfCourse(c.ID, c.DistanceMeters, totals, noon)
	for range 2 {
		ok(t, f.Store.PutCourseStats(context.Background(), row))
		got, err := f.Store.CourseStats(ctx, c.ID)
		ok(t, err)
		equal(t, "the row", got, row)
		row.TotalRuns++
	}
}
