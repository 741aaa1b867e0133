package gormstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"ariga.io/atlas/sql/migrate"
	newid "github.com/google/uuid"
	gormschema "gorm.io/gorm/schema"

	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/domain/id"
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
		test(t, func() *Migrator { m, err := NewSQLiteMigrator(path); return open(t, m, err) })
	})
	t.Run("PostGIS", func(t *testing.T) {
		address := pgtest.Empty(t)
		test(t, func() *Migrator { m, err := NewPostgresMigrator(address); return open(t, m, err) })
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
	m, err := NewPostgresMigrator(pgtest.Empty(t))
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

// asIfReleased returns a migrator of the same database whose migrations are
// these files after the real ones; sums are made anew.
func asIfReleased(t *testing.T, m *Migrator, files map[string]string) *Migrator {
	t.Helper()
	dir := &migrate.MemDir{}
	real, err := m.dir.Files()
	must(t, err)
	for _, f := range real {
		must(t, dir.WriteFile(f.Name(), f.Bytes()))
	}
	for name, text := range files {
		must(t, dir.WriteFile(name, []byte(text)))
	}
	sum, err := dir.Checksum()
	must(t, err)
	must(t, migrate.WriteSumFile(dir, sum))
	return &Migrator{db: m.db, dir: dir, kind: m.kind}
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
		have, err := m.kind.facts(ctx, m.db)
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
		if have, err := m.kind.facts(t.Context(), m.db); err != nil || len(have) > 0 {
			t.Errorf("it left %v, %v", have, err)
		}
		var started bool
		must(t, queryRow(t.Context(), m.db, &started, m.kind.hasTable, revisionTable))
		if started {
			t.Error("a history was begun")
		}
	})
}

func TestAStoreThatIsBehindIsNotReady(t *testing.T) {
	eachStore(t, func(t *testing.T, s *Store) {
		must(t, s.Ping(t.Context()))
		s.versions = append(s.versions, "20990101000000")
		unavailable(t, s.Ping(t.Context()))
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
	for statement, want := range drifts {
		t.Run(want, func(t *testing.T) {
			m, err := NewPostgresMigrator(migratedPostgres(t))
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
	m, err := NewPostgresMigrator(u.String())
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

// sqlTypes says which columns may hold a field, on PostgreSQL and on SQLite.
var sqlTypes = map[reflect.Type][2]string{
	reflect.TypeFor[string]():               {"character varying|text|uuid", "varchar|text"},
	reflect.TypeFor[int]():                  {"integer|smallint", "integer|smallint"},
	reflect.TypeFor[int64]():                {"bigint", "bigint"},
	reflect.TypeFor[float32]():              {"real", "real"},
	reflect.TypeFor[float64]():              {"double precision", "real"},
	reflect.TypeFor[bool]():                 {"boolean", "boolean"},
	reflect.TypeFor[time.Time]():            {"timestamp with time zone", "timestamp"},
	reflect.TypeFor[document]():             {"jsonb", "text"},
	reflect.TypeFor[digest]():               {"bytea", "blob"},
	reflect.TypeFor[path]():                 {"geography(LineString,4326)", "blob"},
	reflect.TypeFor[spot]():                 {"geography(Point,4326)", "blob"},
	reflect.TypeFor[tagList]():              {"text[]", "text"},
	reflect.TypeFor[uuid[id.UserKind]]():    {"uuid", "text"},
	reflect.TypeFor[uuid[id.SessionKind]](): {"uuid", "text"},
	reflect.TypeFor[uuid[id.ChunkKind]]():   {"uuid", "text"},
	reflect.TypeFor[uuid[id.RecordKind]]():  {"uuid", "text"},
	reflect.TypeFor[uuid[id.CourseKind]]():  {"uuid", "text"},
	reflect.TypeFor[uuid[id.RankingKind]](): {"uuid", "text"},
	reflect.TypeFor[uuid[id.FamilyKind]]():  {"uuid", "text"},
	reflect.TypeFor[uuid[id.RefreshKind]](): {"uuid", "text"},
	reflect.TypeFor[uuid[id.AvatarKind]]():  {"uuid", "text"},
	reflect.TypeFor[[]byte]():               {"bytea", "blob"},
}

// models are the rows of all tables that GORM maps.
var models = []any{
	userRow{}, socialRow{}, refreshRow{}, usedTokenRow{}, sessionRow{}, chunkRow{}, recordRow{}, courseRow{}, rankingRow{}, periodRankingRow{},
	boardCountRow{}, statsRow{}, courseCellRow{}, outlineRow{}, userPeriodRow{}, userBestRow{}, shapeRow{},
}

// TestWhatGORMMapsIsWhatTheMigrationsMake compares both ways, column by column.
func TestWhatGORMMapsIsWhatTheMigrationsMake(t *testing.T) {
	mapped := map[string]*gormschema.Field{}
	for _, model := range models {
		s, err := gormschema.Parse(model, &sync.Map{}, gormschema.NamingStrategy{})
		must(t, err)
		if len(s.Relationships.Relations) > 0 {
			t.Errorf("%s has relations, which are loaded in ways nobody wrote down", s.Table)
		}
		for _, f := range s.Fields {
			if f.DBName == "" {
				t.Errorf("%s.%s is mapped to nothing", s.Table, f.Name)
			}
			mapped[s.Table+"."+f.DBName] = f
		}
	}
	dialects := map[string]int{"PostGIS": 0, "SQLite": 1}
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		ctx := t.Context()
		m := migrator()
		_, err := m.Up(ctx)
		must(t, err)
		have, err := m.kind.facts(ctx, m.db)
		must(t, err)
		dialect := dialects[t.Name()[strings.LastIndex(t.Name(), "/")+1:]]
		made := map[string]bool{}
		for what, definition := range have {
			column, ok := strings.CutPrefix(what, "column ")
			table, _, _ := strings.Cut(column, ".")
			switch {
			case !ok,
				table == "course_starts", table == "course_routes", table == "course_words", table == "course_map", table == "mapped_courses", column == "courses.spatial_key":
				continue
			}
			made[column] = true
			f := mapped[column]
			if f == nil {
				t.Errorf("%s is made and not mapped", column)
				continue
			}
			checkColumn(t, column, f, definition, dialect)
		}
		for column := range mapped {
			if !made[column] {
				t.Errorf("%s is mapped and not made", column)
			}
		}
	})
}

func checkColumn(t *testing.T, column string, f *gormschema.Field, definition string, dialect int) {
	t.Helper()
	goType := f.FieldType
	optional := goType.Kind() == reflect.Pointer
	if optional {
		goType = goType.Elem()
	}
	allowed, known := sqlTypes[goType]
	if !known {
		t.Errorf("%s: nobody said which columns may hold a %s", column, goType)
		return
	}
	fits := false
	definition = strings.ToLower(definition) // SQLite writes some names so, some so
	for _, sqlType := range strings.Split(strings.ToLower(allowed[dialect]), "|") {
		fits = fits || definition == sqlType || strings.HasPrefix(definition, sqlType+" ") || strings.HasPrefix(definition, sqlType+"(")
	}
	if !fits {
		t.Errorf("%s: a %s does not fit %q", column, goType, definition)
	}
	// Ids, documents and bytes are NULL for "none" by themselves.
	self := strings.HasPrefix(goType.Name(), "uuid[") || goType == reflect.TypeFor[document]() || goType == reflect.TypeFor[[]byte]()
	if nullable := !strings.Contains(definition, "not null"); nullable != optional && !self {
		t.Errorf("%s: a %s, and the column is %q", column, f.FieldType, definition)
	}
}
