package gormstore

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/adapters/mvt"
	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// noon is when everything in these tests happens.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// eachStore runs a test on a new store of each database.
func eachStore(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newSQLiteStore(t)) })
	t.Run("PostGIS", func(t *testing.T) { test(t, newPostgresStore(t)) })
}

func newSQLiteStore(t testing.TB) *Store {
	t.Helper()
	return migratedSQLite(t, filepath.Join(t.TempDir(), "runvs.db"))
}

// migratedSQLite brings a file up to date and opens it.
func migratedSQLite(t testing.TB, path string) *Store {
	t.Helper()
	m, err := migrate.NewSQLite(path)
	must(t, err)
	_, err = m.Up(t.Context())
	must(t, err)
	must(t, m.Close())
	s, err := OpenSQLite(t.Context(), path, testOptions())
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	_, err = s.sql.Exec(makeJobs)
	must(t, err)
	return s
}

func onSQLite(s *Store) bool { return s.readers != nil }

func newPostgresStore(t testing.TB) *Store {
	t.Helper()
	s, err := OpenPostgres(t.Context(), migrated.Copy(t), testOptions())
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// testOptions stand in for the queue with a table, named so that it is no drift.
func testOptions() Options {
	return Options{Tiles: mvt.New(), Enqueue: func(ctx context.Context, tx *sql.Tx, job ports.Job) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO river_test_jobs (kind, id) VALUES ($1, $2)", string(job.Kind), job.ID)
		return err
	}}
}

const makeJobs = "CREATE TABLE river_test_jobs (kind text NOT NULL, id text NOT NULL)"

// migrated is a database that is up to date, with a table that stands in for the queue.
var migrated = pgtest.Template{Make: func(t testing.TB, address string) {
	m, err := migrate.NewPostgres(address)
	must(t, err)
	_, err = m.Up(t.Context())
	must(t, err)
	must(t, m.Close())
	must(t, pgtest.Exec(t.Context(), address, makeJobs))
}}

func TestMain(m *testing.M) { os.Exit(migrated.Run(m)) }

func asAdmin(t testing.TB, address, statement string) {
	t.Helper()
	must(t, pgtest.Exec(context.Background(), address, statement)) // the test's own context may have ended
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newUser(t testing.TB, s *Store) id.User {
	t.Helper()
	uid := column.NewID[id.UserKind]().ID
	_, created, err := s.FindOrCreateUser(t.Context(),
		user.SocialAccount{Provider: "dev", ProviderID: uid.String()}, user.User{ID: uid, CreatedAt: noon, UpdatedAt: noon})
	must(t, err)
	if !created {
		t.Fatal("a new person was known")
	}
	return uid
}

func newSession(t testing.TB, s *Store, owner id.User, cid id.Course) run.Session {
	t.Helper()
	session, err := run.NewSession(run.NewSessionInput{
		ID: column.NewID[id.SessionKind]().ID, UserID: owner, CourseID: cid, StartedAt: noon,
	}, noon)
	must(t, err)
	_, inserted, err := s.InsertSession(t.Context(), session)
	must(t, err)
	if !inserted {
		t.Fatal("a new session was there already")
	}
	return session
}

// newChunk makes a chunk of n fixes, one a second, that differs by the variant.
func newChunk(t testing.TB, sequence int, kind run.ChunkType, n, variant int) run.Chunk {
	t.Helper()
	fixes := make([]run.Fix, n)
	for i := range fixes {
		at := sequence*60 + i
		fixes[i] = run.Fix{
			Point: geo.MustPoint(37.5+float64(at)*2.7e-5, 127+float64(variant)*1e-5), Timestamp: noon.UnixMilli() + int64(at)*1000,
			Altitude: 20.5, Accuracy: 4, Speed: 3.1, Heading: run.Absent, HeartRate: 151, Cadence: run.Absent,
		}
	}
	claim := run.Claim{DistanceMeters: 180, DurationSeconds: 60, Document: []byte(`{"distance_meters":180,"duration_seconds":60}`)}
	c, err := run.NewChunk(run.ChunkInput{Sequence: sequence, Type: kind, Fixes: fixes, Summary: claim, Cumulative: claim})
	must(t, err)
	return c
}

func accept(c run.Chunk, owner id.User, now time.Time) func(run.Session) (run.Session, run.Acceptance, error) {
	return func(s run.Session) (run.Session, run.Acceptance, error) { return s.Accept(owner, c, now) }
}

// newRecord makes a session and the record of it, not judged.
func newRecord(t testing.TB, s *Store, owner id.User, cid id.Course, change ...func(*run.Record)) run.Record {
	t.Helper()
	session := newSession(t, s, owner, cid)
	rid := column.NewID[id.RecordKind]().ID
	closed, err := session.Recover(rid)
	must(t, err)
	rec, err := run.NewRecord(t.Context(), run.RecordInput{
		ID: rid, Session: closed, Chunks: []run.Chunk{newChunk(t, 0, run.Final, 400, 0)}, Filter: run.DefaultFilter(), Now: noon.Add(time.Hour),
	})
	must(t, err)
	rec.LocalHour, rec.CreatedAt = 21, noon
	for _, c := range change {
		c(&rec)
	}
	must(t, s.InTx(t.Context(), func(ctx context.Context, tx ports.Repo) error {
		if err := tx.InsertRecord(ctx, rec); err != nil {
			return err
		}
		return tx.SaveSession(ctx, closed)
	}))
	return rec
}

func newCourse(t testing.TB, s *Store, creator id.User, line []geo.Point, change ...func(*course.Course)) course.Course {
	t.Helper()
	route, err := geo.NewLine(line)
	must(t, err)
	c := course.Course{
		ID: column.NewID[id.CourseKind]().ID, CreatorID: creator, Title: "한강 Run", Route: route, IsPublic: true, Tags: []string{},
		DistanceMeters: int(route.LengthMeters()), CreatedAt: noon, UpdatedAt: noon,
		ElevationProfile: []run.ProfileSample{},
	}
	for _, f := range change {
		f(&c)
	}
	must(t, s.InsertCourse(t.Context(), c))
	return c
}

// seoul is a short line in Seoul.
func seoul() []geo.Point {
	return []geo.Point{geo.MustPoint(37.51, 127.0), geo.MustPoint(37.515, 127.001), geo.MustPoint(37.52, 127.004)}
}
