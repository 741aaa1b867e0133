package gormstore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/schema"
)

// counting returns the part of a migration that counts what exists already. It is
// run on today's tables: a store knows no others.
func counting(t *testing.T, s *Store, name string) string {
	t.Helper()
	files, folder := schema.Postgres, "postgres"
	if onSQLite(s) {
		files, folder = schema.SQLite, "sqlite"
	}
	text, err := files.ReadFile(folder + "/" + name)
	must(t, err)
	_, sql, found := strings.Cut(string(text), "-- What exists already is counted.")
	if !found {
		t.Fatalf("%s counts nothing", name)
	}
	return sql
}

// Who ran before statistics were kept has them from the migration on.
func TestTheMigrationCountsWhatWasRunBefore(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		r := rand.New(rand.NewPCG(3, 4)) // repeatable
		users := []id.User{newUser(t, s), newUser(t, s)}
		for i := range 40 {
			newRecord(t, s, users[i%2], id.Course{}, func(rec *run.Record) {
				rec.Processing = run.ProcessingDone
				if r.IntN(8) == 0 {
					rec.Processing = run.ProcessingPending
				}
				rec.LocalDate = []string{"", "2026-05-31", "2026-06-01", "2025-12-29", "2026-01-04", "2028-02-29"}[r.IntN(6)]
				rec.DistanceMeters, rec.DurationSeconds = 1000+r.IntN(9000), 300+r.IntN(3000)
				rec.FinishedAt = noon.Add(time.Duration(r.IntN(3)) * time.Hour)
				rec.BestEfforts = nil // JSON's null
				for _, meters := range run.EffortMeters[:r.IntN(5)] {
					rec.BestEfforts = append(rec.BestEfforts, run.Effort{DistanceMeters: meters, DurationSeconds: 240 + float64(r.IntN(9))/8})
				}
			})
		}
		_, err := s.sql.Exec("UPDATE run_records SET best_efforts = NULL WHERE distance_meters % 7 = 0") // as of before they were looked for
		must(t, err)
		_, err = s.sql.Exec(counting(t, s, "20261126000006_user_stats.sql"))
		must(t, err)
		for _, uid := range users {
			runs, err := s.UserRuns(t.Context(), uid)
			must(t, err)
			want := stats.OfUser(runs)
			got, err := s.UserStats(t.Context(), uid)
			must(t, err)
			if !reflect.DeepEqual(got, want) || len(want.Bests) < 3 || len(want.Weeks) < 3 {
				t.Errorf("kept\n%+v, want\n%+v", got, want)
			}
		}
	})
}

// BenchmarkUserStats is a runner with 5,000 runs over 14 years, on two courses:
// what is kept of them, beside adding them up each time as was done before.
func BenchmarkUserStats(b *testing.B) {
	const runs = 5000
	for _, store := range []struct {
		name string
		open func(testing.TB) *Store
	}{{"SQLite", newSQLiteStore}, {"PostGIS", newPostgresStore}} {
		s := store.open(b)
		ctx := context.Background()
		owner := newUser(b, s)
		courses := []id.Course{newCourse(b, s, owner, seoul()).ID, newCourse(b, s, owner, seoul()).ID}
		pattern := newRecord(b, s, owner, courses[0])
		count := func(i int) error {
			r := pattern
			r.ID, r.CourseID, r.Processing = column.NewID[id.RecordKind]().ID, courses[i%2], run.ProcessingDone
			r.FinishedAt = noon.AddDate(0, 0, -i)
			r.LocalDate = r.FinishedAt.Format(time.DateOnly)
			r.BestEfforts = []run.Effort{{DistanceMeters: 1000, DurationSeconds: 300 - float64(i)/1000}}
			r.SessionID = newSession(b, s, owner, id.Course{}).ID()
			return s.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
				if err := tx.InsertRecord(ctx, r); err != nil {
					return err
				}
				if err := tx.CountRuns(ctx, owner, stats.RunOf(r).Sums(), noon); err != nil {
					return err
				}
				return tx.OfferBests(ctx, owner, stats.RunOf(r).Bests(), noon)
			})
		}
		for i := range runs {
			must(b, count(i))
		}
		_, err := s.sql.Exec("ANALYZE")
		must(b, err)
		one := stats.Run{ID: column.NewID[id.RecordKind]().ID, LocalDate: "2026-05-01", DistanceMeters: 1, Efforts: []run.Effort{{DistanceMeters: 1000, DurationSeconds: 999}}}
		for _, c := range []struct {
			name string
			work func() error
		}{
			{"kept", func() error { _, err := s.UserStats(ctx, owner); return err }},
			{"added up", func() error { all, err := s.UserRuns(ctx, owner); stats.OfUser(all); return err }},
			{"a run more", func() error {
				return s.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
					if err := tx.CountRuns(ctx, owner, one.Sums(), noon); err != nil {
						return err
					}
					return tx.OfferBests(ctx, owner, one.Bests(), noon)
				})
			}},
			{"all counted", func() error {
				return s.db.Exec(`UPDATE users SET (total_runs, total_distance_meters) = (SELECT count(*), coalesce(sum(distance_meters), 0)
					FROM run_records WHERE user_id = ? AND processing = 'done') WHERE id = ?`, column.IDOf(owner), column.IDOf(owner)).Error
			}},
			{"history on a course", func() error {
				_, _, err := s.ListRecords(ctx, ports.RecordQuery{Owner: owner, CourseID: courses[1], Page: ports.Page{Limit: 20}})
				return err
			}},
		} {
			b.Run(fmt.Sprintf("%s/%s", store.name, c.name), func(b *testing.B) {
				for b.Loop() {
					must(b, c.work())
				}
			})
		}
	}
}
