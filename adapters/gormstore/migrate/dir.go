package migrate

import (
	"fmt"
	"io/fs"

	atlas "ariga.io/atlas/sql/migrate"

	"github.com/runvs/runvs/schema"
)

// readDir reads embedded migrations and checks them against atlas.sum.
func readDir(files fs.FS, folder string) (*atlas.MemDir, error) {
	dir := &atlas.MemDir{}
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, folder+"/"+e.Name())
		if err != nil {
			return nil, err
		}
		if err := dir.WriteFile(e.Name(), data); err != nil {
			return nil, err
		}
	}
	if err := atlas.Validate(dir); err != nil {
		return nil, fmt.Errorf("the migrations of this program were tampered with: %w; after a new one, run `make gen`", err)
	}
	return dir, nil
}

func postgresDir() (*atlas.MemDir, error) { return readDir(schema.Postgres, "postgres") }
func sqliteDir() (*atlas.MemDir, error)   { return readDir(schema.SQLite, "sqlite") }

// PostgresVersions returns the versions of this program's migrations of PostgreSQL.
func PostgresVersions() ([]string, error) { return versions(postgresDir()) }

// SQLiteVersions returns the versions of this program's migrations of SQLite.
func SQLiteVersions() ([]string, error) { return versions(sqliteDir()) }

func versions(dir *atlas.MemDir, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	files, err := dir.Files()
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = f.Version()
	}
	return out, err
}
