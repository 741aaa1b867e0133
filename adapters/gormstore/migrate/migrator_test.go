package migrate

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	atlas "ariga.io/atlas/sql/migrate"
	newid "github.com/google/uuid"

	"github.com/runvs/runvs/adapters/pgtest"
)

// eachDatabase runs a test on both databases, with the way to their migrators.
func eachDatabase(t *testing.T, test func(t *testing.T, migrator func() *Migrator)) {
	open := func(t *testing.T, m *Migrator, err error) *Migrator {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "runvs.db")
		test(t, func() *Migrator { m, err := NewSQLite(path); return open(t, m, err) })
	})
	t.Run("PostGIS", func(t *testing.T) {
		address := pgtest.Empty(t)
		test(t, func() *Migrator { m, err := NewPostgres(address); return open(t, m, err) })
	})
}

func TestProgramsThatMigrateAtOnceApplyEachMigrationOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		ctx := context.Background()
		var mu sync.Mutex
		var applied []string
		var wg sync.WaitGroup
		for range 4 {
			m := migrator()
			wg.Add(1)
			go func() {
				defer wg.Done()
				names, err := m.Up(ctx)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				applied = append(applied, names...)
				mu.Unlock()
			}()
		}
		wg.Wait()
		status, err := migrator().Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(applied) != len(status) {
			t.Errorf("applied %v, wanted each of %d once", applied, len(status))
		}
		if pending, err := migrator().Pending(ctx); err != nil || len(pending) > 0 {
			t.Errorf("still pending: %v, %v", pending, err)
		}
	})
}

func TestVerifyNamesWhatDriftedColumnByColumn(t *testing.T) {
	drifts := map[string][]string{ // statement: what must be named
		"ALTER TABLE users ADD COLUMN shoe_size integer":    {"column users.shoe_size"},
		"DROP INDEX rankings_board":                         {"index rankings_board"},
		"ALTER TABLE run_records DROP COLUMN max_speed_ms":  {"column run_records.max_speed_ms"},
		"CREATE TABLE leftovers (id integer)":               {"table leftovers", "column leftovers.id"},
		"ALTER TABLE courses RENAME COLUMN title TO header": {"column courses.title", "column courses.header"},
	}
	for statement, want := range drifts {
		t.Run(statement, func(t *testing.T) {
			eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
				ctx := context.Background()
				m := migrator()
				if _, err := m.Up(ctx); err != nil {
					t.Fatal(err)
				}
				if drift, err := m.Verify(ctx); err != nil || len(drift) > 0 {
					t.Fatalf("drift before anything changed: %v, %v", drift, err)
				}
				if _, err := m.db.ExecContext(ctx, statement); err != nil {
					t.Fatal(err)
				}
				drift, err := m.Verify(ctx)
				if err != nil {
					t.Fatal(err)
				}
				found := map[string]bool{}
				for _, d := range drift {
					found[d.What] = true
				}
				for _, w := range want {
					if !found[w] {
						t.Errorf("%q is not named in %v", w, drift)
					}
				}
			})
		})
	}
}

func TestVerifySeesAnotherKindOfGeography(t *testing.T) {
	ctx := context.Background()
	m, err := NewPostgres(pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	if _, err := m.Up(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := m.db.ExecContext(ctx, `ALTER TABLE run_records ALTER COLUMN route_geometry TYPE geography(MultiLineString, 4326)
		USING ST_Multi(route_geometry::geometry)::geography`); err != nil {
		t.Fatal(err)
	}
	drift, err := m.Verify(ctx)
	if err != nil || len(drift) != 1 || drift[0].What != "column run_records.route_geometry" {
		t.Errorf("drift %v, %v", drift, err)
	}
}

// asIfReleased returns a migrator of the same database whose migrations are these
// files after the real ones; sums are made anew.
func asIfReleased(t *testing.T, m *Migrator, files map[string]string) *Migrator {
	t.Helper()
	dir := copied(t, m, func(atlas.File) bool { return true })
	for name, text := range files {
		must(t, dir.WriteFile(name, []byte(text)))
	}
	return withDir(t, m, dir)
}

// copied returns those of a migrator's files that are kept.
func copied(t *testing.T, m *Migrator, keep func(atlas.File) bool) *atlas.MemDir {
	t.Helper()
	dir := &atlas.MemDir{}
	files, err := m.dir.Files()
	must(t, err)
	for _, f := range files {
		if keep(f) {
			must(t, dir.WriteFile(f.Name(), f.Bytes()))
		}
	}
	return dir
}

// withDir returns a migrator of the same database with other files.
func withDir(t *testing.T, m *Migrator, dir *atlas.MemDir) *Migrator {
	t.Helper()
	sum, err := dir.Checksum()
	must(t, err)
	must(t, atlas.WriteSumFile(dir, sum))
	return &Migrator{db: m.db, dir: dir, kind: m.kind}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAChangedMigrationIsRefusedByName(t *testing.T) {
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		ctx := t.Context()
		m := migrator()
		_, err := m.Up(ctx)
		must(t, err)
		later := asIfReleased(t, m, map[string]string{"20990101000000_later.sql": "CREATE TABLE later (id integer);\n"})
		if applied, err := later.Up(ctx); err != nil || len(applied) != 1 || applied[0] != "20990101000000_later.sql" {
			t.Fatalf("applied %v, %v", applied, err)
		}
		changed := asIfReleased(t, m, map[string]string{"20990101000000_later.sql": "CREATE TABLE later (id bigint);\n"})
		_, err = changed.Up(ctx)
		if !errors.Is(err, ErrHistoryChanged) || !strings.Contains(err.Error(), "20990101000000_later.sql") {
			t.Errorf("a changed migration: %v", err)
		}
		if _, err := changed.Status(ctx); !errors.Is(err, ErrHistoryChanged) {
			t.Errorf("its status: %v", err)
		}
		// A program that is older than the database has nothing to do.
		if applied, err := m.Up(ctx); err != nil || len(applied) > 0 {
			t.Errorf("an older program applied %v, %v", applied, err)
		}
	})
}

func TestAFailingMigrationLeavesNothingAndSaysWhich(t *testing.T) {
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		ctx := t.Context()
		m := migrator()
		_, err := m.Up(ctx)
		must(t, err)
		bad := asIfReleased(t, m, map[string]string{
			"20990101000000_good.sql": "CREATE TABLE good (id integer);\n",
			"20990102000000_bad.sql":  "CREATE TABLE half (id integer);\nINSERT INTO nowhere VALUES (1);\n",
		})
		applied, err := bad.Up(ctx)
		if err == nil || !strings.Contains(err.Error(), "20990102000000_bad.sql") || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("it failed with %v", err)
		}
		if err != nil && strings.Contains(err.Error(), "aborted") {
			t.Errorf("what came after the failure is told: %v", err)
		}
		if fmt.Sprint(applied) != "[20990101000000_good.sql]" {
			t.Errorf("applied %v", applied)
		}
		have, err := m.Facts(ctx)
		must(t, err)
		if _, half := have["table half"]; half || have["table good"] == "" {
			t.Error("half a migration stayed, or a whole one went")
		}
		pending, err := bad.Pending(ctx)
		if err != nil || fmt.Sprint(pending) != "[20990102000000_bad.sql]" {
			t.Errorf("pending %v, %v", pending, err)
		}
	})
}

func TestStatusChangesNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		m := migrator()
		status, err := m.Status(t.Context())
		must(t, err)
		if len(status) == 0 || !status[0].AppliedAt.IsZero() {
			t.Errorf("an empty database has %v", status)
		}
		if have, err := m.Facts(t.Context()); err != nil || len(have) > 0 {
			t.Errorf("it left %v, %v", have, err)
		}
		var started bool
		must(t, queryRow(t.Context(), m.db, &started, m.kind.hasTable, revisionTable))
		if started {
			t.Error("a history was begun")
		}
	})
}

func TestTheQueuesTablesAreNoDrift(t *testing.T) {
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		m := migrator()
		_, err := m.Up(t.Context())
		must(t, err)
		for _, statement := range []string{"CREATE TABLE river_job (id integer PRIMARY KEY)", "CREATE INDEX river_job_x ON river_job (id)"} {
			_, err = m.db.Exec(statement)
			must(t, err)
		}
		if drift, err := m.Verify(t.Context()); err != nil || len(drift) > 0 {
			t.Errorf("drift %v, %v", drift, err)
		}
	})
}

func TestVerifySeesWhatADiffOfTablesDoesNot(t *testing.T) {
	drifts := map[string]string{ // statement: what must be named
		"CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'":                                             "function f()",
		"CREATE VIEW v AS SELECT id FROM users":                                                                      "view v",
		"ALTER TABLE run_chunks ALTER COLUMN raw_gps_points SET COMPRESSION pglz":                                    "column run_chunks.raw_gps_points",
		"ALTER TABLE users ALTER COLUMN id DROP DEFAULT":                                                             "column users.id",
		"ALTER TABLE run_sessions DROP CONSTRAINT run_sessions_course_id_fkey":                                       "constraint run_sessions.run_sessions_course_id_fkey",
		"CREATE TRIGGER g BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()": "trigger users.g",
	}
	migrated := pgtest.Empty(t)
	m, err := NewPostgres(migrated)
	must(t, err)
	_, err = m.Up(t.Context())
	must(t, err)
	must(t, m.Close()) // nobody may be connected to what is copied
	for statement, want := range drifts {
		t.Run(want, func(t *testing.T) {
			m, err := NewPostgres(pgtest.Copy(t, migrated))
			must(t, err)
			t.Cleanup(func() { m.Close() })
			_, err = m.db.Exec(statement)
			must(t, err)
			if drift, err := m.Verify(t.Context()); err != nil || len(drift) != 1 || drift[0].What != want {
				t.Errorf("drift %v, %v", drift, err)
			}
		})
	}
}

func asAdmin(t testing.TB, address, statement string) {
	t.Helper()
	must(t, pgtest.Exec(context.Background(), address, statement)) // the test's own context may have ended
}

// A role that may not add PostGIS is told what to do.
func TestMissingRightsAreExplained(t *testing.T) {
	admin := pgtest.Admin(t)
	address := pgtest.Empty(t)
	role := "r_" + strings.ReplaceAll(newid.NewString(), "-", "")
	asAdmin(t, admin, "CREATE ROLE "+role+" LOGIN")
	t.Cleanup(func() { asAdmin(t, admin, "DROP ROLE "+role) })
	u, err := url.Parse(address)
	must(t, err)
	u.User = url.User(role)
	m, err := NewPostgres(u.String())
	must(t, err)
	t.Cleanup(func() { m.Close() })
	_, err = m.Up(t.Context())
	if err == nil || !strings.Contains(err.Error(), "GRANT CREATE ON SCHEMA public") {
		t.Errorf("without rights: %v", err)
	}
	asAdmin(t, address, "GRANT CREATE ON SCHEMA public TO "+role)
	t.Cleanup(func() { asAdmin(t, address, "DROP OWNED BY "+role) })
	_, err = m.Up(t.Context())
	if err == nil || !strings.Contains(err.Error(), "CREATE EXTENSION cube in this database") {
		t.Errorf("without PostGIS: %v", err)
	}
	asAdmin(t, address, "CREATE EXTENSION postgis")
	asAdmin(t, address, "CREATE EXTENSION cube")
	if _, err = m.Up(t.Context()); err != nil {
		t.Errorf("with both: %v", err)
	}
}
