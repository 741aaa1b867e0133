package jobs

import (
	"database/sql"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/runvs/runvs/adapters/pgtest"
	"github.com/runvs/runvs/adapters/sqlite"
)

// statements are all constants of river.go that are SQL, by name.
var statements = map[string]string{
	"liteJobWaits": liteJobWaits, "pgNoteTurn": pgNoteTurn, "liteNoteTurn": liteNoteTurn,
	"pgForgetPeriodic": pgForgetPeriodic, "liteForgetPeriodic": liteForgetPeriodic, "pgCounts": pgCounts, "liteCounts": liteCounts,
	"pgRetry": pgRetry, "liteRetry": liteRetry, "pgDrop": pgDrop, "liteDrop": liteDrop, "pgWorkingClients": pgWorkingClients,
	"pgOrphans": pgOrphans, "liteOrphans": liteOrphans, "pgRevive": pgRevive, "liteRevive": liteRevive,
	"pgForgetLeader": pgForgetLeader, "liteForgetLeaders": liteForgetLeaders,
	"pgList": pgList("'discarded'"), "liteList": liteList("'discarded'"),
}

// Who takes another version of River reads its changes of river_job and river_leader
// first, then writes the version into river.go.
func TestRiversTables(t *testing.T) {
	t.Run("the version is the one that was read", func(t *testing.T) {
		mod, err := os.ReadFile("../../go.mod")
		if err != nil {
			t.Fatal(err)
		}
		used := regexp.MustCompile(`github\.com/riverqueue/river(?:/\S+)? (v\S+)`).FindAllStringSubmatch(string(mod), -1)
		if len(used) == 0 {
			t.Fatal("go.mod has no River")
		}
		for _, u := range used {
			if u[1] != riverVersion {
				t.Errorf("go.mod has %s; the statements were read against %s", u[0], riverVersion)
			}
		}
	})
	t.Run("every statement is checked", func(t *testing.T) {
		file, err := parser.ParseFile(token.NewFileSet(), "river.go", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for name := range file.Scope.Objects {
			if _, checked := statements[name]; !checked && name != "riverVersion" {
				t.Errorf("%s is not among the statements of this test", name)
			}
		}
	})
	// Preparing a statement looks up its tables and columns in what River's own
	// migrations made.
	t.Run("SQLite", func(t *testing.T) {
		db, err := sql.Open(sqlite.Driver, filepath.Join(t.TempDir(), "queue.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := Migrate(t.Context(), SQLite(db)); err != nil {
			t.Fatal(err)
		}
		for name, statement := range statements {
			if !strings.HasPrefix(name, "lite") {
				continue
			}
			if err := prepare(db, statement); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		pool, err := pgxpool.New(t.Context(), pgtest.Empty(t))
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if err := Migrate(t.Context(), Postgres(pool)); err != nil {
			t.Fatal(err)
		}
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		for name, statement := range statements {
			if !strings.HasPrefix(name, "pg") {
				continue
			}
			if _, err := conn.Conn().Prepare(t.Context(), name, statement); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("no other file touches them", func(t *testing.T) {
		err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "river.go" {
				return err
			}
			text, err := os.ReadFile(path)
			if found := regexp.MustCompile(`\briver_(job|leader|queue|client|notification|migration)\w*`).Find(text); found != nil {
				t.Errorf("%s touches %s; what touches River's tables stands in adapters/jobs/river.go", path, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func prepare(db *sql.DB, statement string) error {
	s, err := db.Prepare(statement)
	if err != nil {
		return err
	}
	defer s.Close()
	return nil
}
