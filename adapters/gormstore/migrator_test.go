package gormstore

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	newid "github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	gormschema "gorm.io/gorm/schema"
)

// postgresURL makes an empty database on the server of RUNVS_TEST_POSTGRES_URL
// and drops it after the test.
func postgresURL(t *testing.T) string {
	t.Helper()
	admin := os.Getenv("RUNVS_TEST_POSTGRES_URL")
	if admin == "" {
		if os.Getenv("RUNVS_REQUIRE_POSTGIS") != "" {
			t.Fatal("RUNVS_TEST_POSTGRES_URL is not set, and PostGIS is required here")
		}
		t.Skip("RUNVS_TEST_POSTGRES_URL is not set; make test starts a PostgreSQL")
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	name := "t_" + strings.ReplaceAll(newid.NewString(), "-", "")
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		conn.Close(ctx)
	})
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

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
		address := postgresURL(t)
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
	m, err := NewPostgresMigrator(postgresURL(t))
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

// TestWhatGORMMapsIsWhatTheMigrationsMake compares both ways, column by column.
func TestWhatGORMMapsIsWhatTheMigrationsMake(t *testing.T) {
	mapped := map[string]bool{}
	for _, model := range []any{userRow{}, socialRow{}, sessionRow{}, chunkRow{}, recordRow{}, courseRow{}, rankingRow{}, statsRow{}} {
		s, err := gormschema.Parse(model, &sync.Map{}, gormschema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Fields {
			mapped[s.Table+"."+f.DBName] = true
			if f.DBName == "" {
				t.Errorf("%s.%s is mapped to nothing", s.Table, f.Name)
			}
		}
	}
	eachDatabase(t, func(t *testing.T, migrator func() *Migrator) {
		ctx := context.Background()
		m := migrator()
		if _, err := m.Up(ctx); err != nil {
			t.Fatal(err)
		}
		have, err := m.kind.facts(ctx, m.db)
		if err != nil {
			t.Fatal(err)
		}
		made := map[string]bool{}
		for what := range have {
			column, ok := strings.CutPrefix(what, "column ")
			table, _, _ := strings.Cut(column, ".")
			switch {
			case !ok, table == "refresh_tokens", // not mapped before refresh tokens are issued
				strings.HasPrefix(table, "course_starts"), strings.HasPrefix(table, "course_routes"), column == "courses.spatial_key":
			default:
				made[column] = true
			}
		}
		if !reflect.DeepEqual(mapped, made) {
			t.Errorf("mapped and not made: %v\nmade and not mapped: %v", minus(mapped, made), minus(made, mapped))
		}
	})
}

func minus(a, b map[string]bool) string {
	var out []string
	for k := range a {
		if !b[k] {
			out = append(out, k)
		}
	}
	return fmt.Sprint(out)
}
