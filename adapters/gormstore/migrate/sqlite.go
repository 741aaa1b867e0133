package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	atlassqlite "ariga.io/atlas/sql/sqlite"
)

func sqliteKind() kind {
	return kind{
		open: atlassqlite.Open, lock: lockSQLite, explain: func(err error) error { return err }, facts: sqliteFacts, scratch: scratchSQLite,
		hasTable: "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)",
		revision: `CREATE TABLE IF NOT EXISTS ` + revisionTable + ` (version text PRIMARY KEY, name text NOT NULL,
		hash text NOT NULL, partial_hashes text NOT NULL, applied integer NOT NULL, total integer NOT NULL,
		executed_at timestamp NOT NULL, operator text NOT NULL)`,
	}
}

// lockSQLite needs no lock of its own: a transaction is the only writer from
// its beginning on, and waits for others.
func lockSQLite(context.Context, *sql.Conn) (func() error, error) {
	return func() error { return nil }, nil
}

// sqliteFacts reads the schema table, leaving out what is the queue's, the
// history's, or SQLite's own (the shadow tables of an R*Tree or a
// full-text index).
func sqliteFacts(ctx context.Context, q querier) (Facts, error) {
	out, err := collect(ctx, q, `SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master
		WHERE name NOT LIKE 'river%' AND tbl_name NOT LIKE 'river%' AND name NOT LIKE 'sqlite_%' AND type <> 'table'
		AND tbl_name <> '`+revisionTable+`'`)
	if err != nil {
		return nil, err
	}
	const tables = `FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'river%' AND m.name NOT LIKE 'sqlite_%'
		AND m.name <> '` + revisionTable + `' AND m.name NOT LIKE '%\_node' ESCAPE '\' AND m.name NOT LIKE '%\_rowid' ESCAPE '\'
		AND m.name NOT LIKE '%\_parent' ESCAPE '\' AND m.name NOT LIKE 'course\_words\_%' ESCAPE '\'`
	columns, err := collect(ctx, q, `SELECT 'column ' || t.name || '.' || c.name, c.type || CASE c."notnull" WHEN 1 THEN ' NOT NULL' ELSE '' END
		|| coalesce(' DEFAULT ' || c.dflt_value, '') || CASE c.pk WHEN 0 THEN '' ELSE ' PRIMARY KEY' END
		FROM (SELECT m.name `+tables+`) t, pragma_table_info(t.name) c`)
	if err != nil {
		return nil, err
	}
	definitions, err := collect(ctx, q, "SELECT 'table ' || m.name, m.sql "+tables)
	if err != nil {
		return nil, err
	}
	for _, more := range []Facts{columns, definitions} {
		for what, definition := range more {
			out[what] = definition
		}
	}
	return out, nil
}

// scratchSQLite runs the migrations in a file of its own.
func scratchSQLite(ctx context.Context, _ *Migrator) (out Facts, err error) {
	dir, err := os.MkdirTemp("", "runvs-verify")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	scratch, err := NewSQLite(filepath.Join(dir, "scratch.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, scratch.Close()) }()
	if _, err := scratch.Up(ctx); err != nil {
		return nil, fmt.Errorf("the migrations do not run from nothing: %w", err)
	}
	return sqliteFacts(ctx, scratch.db)
}
