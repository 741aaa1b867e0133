package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// migrationLock is the key of the advisory lock: the bytes of "runvs".
const migrationLock = 0x72756e7673

func lockPostgres(ctx context.Context, conn *sql.Conn) (func() error, error) {
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return nil, err
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
		return err
	}, nil
}

// postgresFacts reads the catalogue of the current schema, leaving out what is
// PostGIS', the queue's or the history's.
func postgresFacts(ctx context.Context, q querier) (facts, error) {
	return collect(ctx, q, `
WITH tables AS (
  SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
  AND c.relname NOT LIKE 'river%' AND c.relname NOT IN ('spatial_ref_sys', 'schema_revisions')
)
SELECT 'table ' || relname, 'table' FROM tables
UNION ALL
SELECT 'column ' || t.relname || '.' || a.attname,
  format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
  || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') || CASE a.attcompression WHEN 'l' THEN ' lz4' ELSE '' END
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL
SELECT 'index ' || i.relname, replace(pg_get_indexdef(i.oid), ' ' || quote_ident(current_schema()) || '.', ' ')
FROM tables t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
UNION ALL
SELECT 'constraint ' || t.relname || '.' || k.conname, replace(pg_get_constraintdef(k.oid), ' ' || quote_ident(current_schema()) || '.', ' ')
FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid
UNION ALL
SELECT 'trigger ' || t.relname || '.' || g.tgname, pg_get_triggerdef(g.oid) FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT 'function ' || p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind = 'f' AND p.proname NOT LIKE 'river%'
AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')`)
}

// scratchPostgres runs the migrations in a schema of their own within a
// transaction that is rolled back: it needs no second database and leaves nothing.
func scratchPostgres(ctx context.Context, m *Migrator) (out facts, err error) {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	for _, statement := range []string{
		"CREATE SCHEMA runvs_verify", "SET LOCAL search_path TO runvs_verify, public",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("a scratch schema is needed to verify (GRANT CREATE ON DATABASE): %w", err)
		}
	}
	files, err := m.dir.Files()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		statements, err := f.StmtDecls()
		if err != nil {
			return nil, err
		}
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s.Text); err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name(), err)
			}
		}
	}
	if out, err = postgresFacts(ctx, tx); err != nil {
		return nil, err
	}
	// Names of other tables in a definition carry the schema when it is not the first.
	for what, definition := range out {
		out[what] = strings.ReplaceAll(definition, "runvs_verify.", "")
	}
	return out, nil
}
