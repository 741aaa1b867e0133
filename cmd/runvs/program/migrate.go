package program

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/runvs/runvs/adapters/gormstore"
	"github.com/runvs/runvs/cmd/runvs/config"
)

// OpenMigrator opens the migrator of the configured database. Close it.
func OpenMigrator(s config.Settings) (*gormstore.Migrator, error) {
	switch kind, path := s.Database(); kind {
	case config.Postgres:
		return gormstore.NewPostgresMigrator(s.DatabaseURL)
	case config.SQLite:
		return gormstore.NewSQLiteMigrator(path)
	}
	return nil, errors.New("memory: has nothing to migrate")
}

// migrate brings the database up to date, or refuses to go on when it is behind
// and may not be touched.
func migrate(ctx context.Context, s config.Settings) (err error) {
	m, err := OpenMigrator(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if s.Migrate == "auto" {
		_, err = m.Up(ctx)
		return err
	}
	pending, err := m.Pending(ctx)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return fmt.Errorf("the database is behind by %s; run `runvs migrate up`, or set RUNVS_MIGRATE=auto", strings.Join(pending, ", "))
	}
	return nil
}
