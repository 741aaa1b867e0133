package gormstore

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/adapters/mvt"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/ports/portstest"
)

func TestContractOnSQLite(t *testing.T) {
	portstest.RunStore(t, func(t *testing.T) portstest.Fixture {
		path := filepath.Join(t.TempDir(), "runvs.db")
		migrator, err := migrate.NewSQLite(path)
		must(t, err)
		_, err = migrator.Up(t.Context())
		must(t, err)
		must(t, migrator.Close())
		return fixture(t, func(o Options) (*Store, error) { return OpenSQLite(context.Background(), path, o) })
	})
}

func TestContractOnPostGIS(t *testing.T) {
	portstest.RunStore(t, func(t *testing.T) portstest.Fixture {
		address := migrated.Copy(t)
		return fixture(t, func(o Options) (*Store, error) { return OpenPostgres(context.Background(), address, o) })
	})
}

// fixture opens a migrated store whose queue is a table of the test's own.
func fixture(t *testing.T, open func(Options) (*Store, error)) portstest.Fixture {
	t.Helper()
	ctx := context.Background()
	var mu sync.Mutex
	s, err := open(Options{Tiles: mvt.New(), Enqueue: func(ctx context.Context, tx *sql.Tx, job ports.Job) error {
		mu.Lock()
		defer mu.Unlock()
		_, err := tx.ExecContext(ctx, "INSERT INTO test_jobs (kind, id) VALUES ($1, $2)", string(job.Kind), job.ID)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SQL().ExecContext(ctx, "CREATE TABLE test_jobs (kind text, id text)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return portstest.Fixture{Store: s, Jobs: func() []ports.Job {
		rows, err := s.SQL().Query("SELECT kind, id FROM test_jobs")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var jobs []ports.Job
		for rows.Next() {
			var j ports.Job
			if err := rows.Scan(&j.Kind, &j.ID); err != nil {
				t.Fatal(err)
			}
			jobs = append(jobs, j)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return jobs
	}}
}
