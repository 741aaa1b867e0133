package portstest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
)

// userStatistics counts runs of two runners at random and takes some out again;
// what is kept is compared with what the runs that are left give. Few different
// days, lengths, times and moments make many equal.
func userStatistics(t *testing.T, f Fixture) {
	r := rand.New(rand.NewPCG(8, 9)) // repeatable
	users := []id.User{newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")}
	runs := map[id.User][]stats.Run{}
	check := func(uid id.User) {
		t.Helper()
		want := stats.OfUser(runs[uid])
		got, err := f.Store.UserStats(ctx, uid)
		ok(t, err)
		equal(t, "statistics", got, want)
		u, err := f.Store.User(ctx, uid)
		ok(t, err)
		equal(t, "totals", stats.Sum{Runs: u.TotalRuns, DistanceMeters: u.TotalDistanceMeters},
			stats.Sum{Runs: want.Total.Runs, DistanceMeters: want.Total.DistanceMeters})
		equal(t, "updated_at", u.UpdatedAt, noon.Add(time.Minute))
	}
	count := func(uid id.User, sums []stats.PeriodSum) {
		t.Helper()
		ok(t, f.Store.CountRuns(ctx, uid, sums, noon.Add(time.Minute)))
	}
	for range 120 {
		uid := users[r.IntN(2)]
		if known := runs[uid]; len(known) > 8 || (len(known) > 0 && r.IntN(3) == 0) {
			at := r.IntN(len(known))
			gone := known[at]
			runs[uid] = slices.Delete(known, at, at+1)
			sums := gone.Sums()
			for i := range sums {
				sums[i].Sum = sums[i].Negative()
			}
			count(uid, sums)
			held := slices.ContainsFunc(stats.OfUser(append(slices.Clone(runs[uid]), gone)).Bests, func(b stats.Best) bool { return b.RunID == gone.ID })
			dropped, err := f.Store.DropBests(ctx, uid, gone.ID)
			ok(t, err)
			equal(t, "a best was dropped", dropped, held)
			ok(t, f.Store.OfferBests(ctx, uid, stats.OfUser(runs[uid]).Bests, noon))
		} else {
			one := stats.Run{
				ID: id.New[id.RecordKind](ids{}), FinishedAt: noon.Add(time.Duration(r.IntN(3)) * time.Hour),
				LocalDate:      []string{"", "2026-05-31", "2026-06-01", "2025-12-29", "2026-01-04"}[r.IntN(5)],
				DistanceMeters: 1000 * r.IntN(9), DurationSeconds: r.IntN(4000),
			}
			for _, meters := range run.EffortMeters[:r.IntN(4)] {
				one.Efforts = append(one.Efforts, run.Effort{DistanceMeters: meters, DurationSeconds: 240.125 + float64(r.IntN(3))})
			}
			runs[uid] = append(runs[uid], one)
			count(uid, one.Sums())
			ok(t, f.Store.OfferBests(ctx, uid, one.Bests(), noon))
		}
		check(uid)
	}
	if len(runs[users[0]]) == 0 || len(runs[users[1]]) == 0 {
		t.Fatal("too little is left")
	}
	ok(t, f.Store.DeleteUser(ctx, users[0]))
	check(users[1])
	for what, uid := range map[string]id.User{"who left": users[0], "an unknown user": id.New[id.UserKind](ids{})} {
		got, err := f.Store.UserStats(ctx, uid)
		ok(t, err)
		equal(t, what, got, stats.OfUser(nil))
	}
}
