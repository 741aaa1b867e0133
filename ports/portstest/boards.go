package portstest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/ports"
)

// boardPages changes boards of several periods at random, and compares every way
// of reading them with a list that is sorted here.
func boardPages(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(5, 6)) // repeatable
	c := newCourse(t, f.Store, newUser(t, f.Store, "creator"), nil)
	other := newCourse(t, f.Store, newUser(t, f.Store, "another"), nil)
	var users []id.User
	for i := range 420 {
		users = append(users, newUser(t, f.Store, fmt.Sprint("runner ", i)))
	}
	periods := append(ranking.PeriodsOf("2026-05-01"), ranking.PeriodsOf("2026-04-30")[3], ranking.PeriodsOf("2026-04-01")[2])
	want := map[ranking.Period]map[id.User]ranking.Row{}
	put := func(uid id.User, p ranking.Period) {
		row := ranking.Row{
			CourseID: c.ID, UserID: uid, Period: p, RunCount: 1 + r.IntN(5), BestPaceSecondsPerKM: r.IntN(500),
			BestDurationSeconds: 250 + r.IntN(90), AchievedAt: noon.Add(time.Duration(r.IntN(20)) * time.Second),
		}
		if r.IntN(4) == 0 { // many buckets, and many of one time
			row.BestDurationSeconds = []int{1, 127, 128, 129, 300, 300, 300, 40_000}[r.IntN(8)]
		}
		ok(t, f.Store.PutRanking(ctx, row, noon))
		if want[p] == nil {
			want[p] = map[id.User]ranking.Row{}
		}
		want[p][uid] = row
	}
	for _, p := range periods {
		for i, uid := range users {
			if p == ranking.AllTime || i%7 == 0 {
				put(uid, p)
			}
		}
	}
	noise := ranking.Row{CourseID: other.ID, UserID: users[0], Period: ranking.AllTime, BestDurationSeconds: 270, AchievedAt: noon}
	ok(t, f.Store.PutRanking(ctx, noise, noon))
	for range 150 {
		uid, p := users[r.IntN(len(users))], periods[r.IntN(len(periods))]
		if r.IntN(3) > 0 {
			put(uid, p)
			continue
		}
		ok(t, f.Store.DropRanking(ctx, c.ID, uid, p))
		delete(want[p], uid)
	}
	leaver := users[14]
	ok(t, f.Store.DeleteUser(ctx, leaver))
	for _, p := range periods {
		delete(want[p], leaver)
	}
	ok(t, f.Store.CacheRanks(ctx, c.ID))
	for _, p := range periods {
		var rows []ranking.Row
		for _, row := range want[p] {
			rows = append(rows, row)
		}
		slices.SortFunc(rows, ranking.Compare)
		for i := range rows {
			faster := 0
			for _, row := range rows {
				if row.BestDurationSeconds < rows[i].BestDurationSeconds {
					faster++
				}
			}
			rows[i].Rank = 1 + faster
		}
		same := func(what string, got []ports.BoardRow, total int, err error, wanted []ranking.Row) {
			t.Helper()
			ok(t, err)
			plain := make([]ranking.Row, len(got))
			for i, g := range got {
				plain[i] = g.Row
			}
			if what = fmt.Sprint(p, ", ", what); total != len(rows) {
				t.Fatalf("%s: %d in all, want %d", what, total, len(rows))
			}
			equal(t, what, plain, append([]ranking.Row{}, wanted...))
		}
		for _, offset := range []int{0, 1, 7, 60, 199, 200, 201, 202, 250, 333, 400, len(rows) - 1, len(rows), len(rows) + 9, 5000} {
			limit := 1 + r.IntN(40)
			got, total, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: p, Page: ports.Page{Offset: offset, Limit: limit}})
			from := min(offset, len(rows))
			same(fmt.Sprintf("%d rows behind %d", limit, offset), got, total, err, rows[from:min(from+limit, len(rows))])
		}
		for _, at := range []int{0, 3, 30, len(rows) - 1} {
			last, n := rows[at], 1+r.IntN(30)
			got, total, err := f.Store.Board(ctx, ports.BoardQuery{
				CourseID: c.ID, Period: p, Page: ports.Page{Limit: n},
				After: &ports.BoardKey{BestDurationSeconds: last.BestDurationSeconds, AchievedAt: last.AchievedAt, UserID: last.UserID},
			})
			same(fmt.Sprintf("%d rows behind a key", n), got, total, err, rows[at+1:min(at+1+n, len(rows))])
			n = r.IntN(6)
			got, total, err = f.Store.BoardAround(ctx, c.ID, p, last.UserID, n)
			same(fmt.Sprintf("%d around", n), got, total, err, rows[max(0, at-n):min(at+n+1, len(rows))])
		}
		for _, sort := range []ranking.Sort{ranking.Fastest, ranking.Latest, ranking.MostRuns} {
			sorted := slices.Clone(rows)
			slices.SortFunc(sorted, sort.Compare)
			for _, offset := range []int{0, 1, 33, len(rows) - 1, len(rows), 5000} {
				n, from := 1+r.IntN(40), min(offset, len(rows))
				got, total, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: p, Sort: sort, Page: ports.Page{Offset: offset, Limit: n}})
				same(fmt.Sprintf("%d rows behind %d by %s", n, offset, sort), got, total, err, sorted[from:min(from+n, len(rows))])
			}
			for at := 0; at < len(sorted); { // from the first row to the last
				last, n := sorted[at], 1+r.IntN(40)
				got, total, err := f.Store.Board(ctx, ports.BoardQuery{
					CourseID: c.ID, Period: p, Sort: sort, Page: ports.Page{Limit: n}, After: &ports.BoardKey{
						RunCount: last.RunCount, BestDurationSeconds: last.BestDurationSeconds, AchievedAt: last.AchievedAt, UserID: last.UserID,
					},
				})
				same(fmt.Sprintf("%d rows behind a key by %s", n, sort), got, total, err, sorted[at+1:min(at+1+n, len(sorted))])
				at += n
			}
		}
	}
	empty, total, err := f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: ranking.PeriodsOf("1999-01-01")[1], Page: ports.Page{Limit: 5}})
	ok(t, err)
	equal(t, "the board of a year nobody ran in", []int{len(empty), total}, []int{0, 0})
	empty, total, err = f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: ranking.PeriodsOf("1999-01-01")[1], Sort: ranking.Latest, Page: ports.Page{Limit: 5}})
	ok(t, err)
	equal(t, "its latest", []int{len(empty), total}, []int{0, 0})
	ok(t, f.Store.DeleteCourse(ctx, c.ID))
	_, total, err = f.Store.Board(ctx, ports.BoardQuery{CourseID: c.ID, Period: periods[2], Page: ports.Page{Limit: 5}})
	ok(t, err)
	equal(t, "the board of a course that is gone", total, 0)
	_, total, err = f.Store.Board(ctx, ports.BoardQuery{CourseID: other.ID, Period: ranking.AllTime, Page: ports.Page{Limit: 5}})
	ok(t, err)
	equal(t, "another board", total, 1)
}
