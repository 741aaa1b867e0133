package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	atlaspostgres "ariga.io/atlas/sql/postgres"
	"github.com/jackc/pgx/v5/pgconn"
)

func postgresKind() kind {
	return kind{
		open: atlaspostgres.Open, lock: lockPostgres, explain: explainPostgres, facts: postgresFacts, scratch: scratchPostgres,
		hasTable: "SELECT to_regclass($1) IS NOT NULL",
		revision: `CREATE TABLE IF NOT EXISTS ` + revisionTable + ` (version text PRIMARY KEY, name text NOT NULL,
		hash text NOT NULL, partial_hashes text NOT NULL, applied integer NOT NULL, total integer NOT NULL,
		executed_at timestamptz NOT NULL, operator text NOT NULL)`,
	}
}

// explainPostgres says what to do when PostGIS cannot be had: the usual reason
// why the very first migration fails.
func explainPostgres(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Code == "0A000" && strings.Contains(e.Message, "postgis"), e.Code == "58P01":
		return fmt.Errorf("the server has no PostGIS, or none of the extensions that come with PostgreSQL (postgresql-contrib); install the package beside PostgreSQL: %w", err)
	case e.Code == "42501" && strings.Contains(e.Message, "extension"):
		return fmt.Errorf("this user may not add extensions; have an administrator run CREATE EXTENSION postgis; CREATE EXTENSION cube in this database: %w", err)
	case e.Code == "42501":
		return fmt.Errorf("this user may not make tables; have an administrator run GRANT CREATE ON SCHEMA public: %w", err)
	}
	return err
}

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
func postgresFacts(ctx context.Context, q querier) (Facts, error) {
	out, err := collect(ctx, q, `
WITH relations AS (
  SELECT c.oid, c.relname, c.relkind FROM pg_class c
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND c.relname NOT LIKE 'river%' AND c.relname <> '`+revisionTable+`'
  AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
  -- A sequence of a column of the queue's goes with the queue.
  AND NOT EXISTS (SELECT 1 FROM pg_depend e JOIN pg_class o ON o.oid = e.refobjid
    WHERE e.objid = c.oid AND c.relkind = 'S' AND o.relname LIKE 'river%')
), tables AS (SELECT * FROM relations WHERE relkind IN ('r', 'p'))
SELECT CASE relkind WHEN 'r' THEN 'table ' WHEN 'p' THEN 'table ' WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view '
  WHEN 'S' THEN 'sequence ' ELSE 'foreign table ' END || relname,
  CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) ELSE 'present' END FROM relations
UNION ALL
SELECT 'column ' || t.relname || '.' || a.attname,
  format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
  || coalesce(CASE WHEN a.attgenerated <> '' THEN ' GENERATED ' ELSE ' DEFAULT ' END || pg_get_expr(d.adbin, d.adrelid), '')
  || CASE a.attcompression WHEN 'l' THEN ' lz4' WHEN 'p' THEN ' pglz' ELSE '' END
FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
UNION ALL
SELECT 'index ' || i.relname, pg_get_indexdef(i.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
FROM tables t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
UNION ALL
SELECT 'constraint ' || t.relname || '.' || k.conname, pg_get_constraintdef(k.oid) FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid
UNION ALL
SELECT 'trigger ' || t.relname || '.' || g.tgname, pg_get_triggerdef(g.oid) FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT 'function ' || p.oid::regprocedure, pg_get_functiondef(p.oid) FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind IN ('f', 'p') AND p.proname NOT LIKE 'river%'
AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')`)
	if err != nil {
		return nil, err
	}
	var name string
	if err := queryRow(ctx, q, &name, "SELECT quote_ident(current_schema())"); err != nil {
		return nil, err
	}
	// A definition carries the schema's name or not, as the search path has it.
	for what, definition := range out {
		out[what] = strings.ReplaceAll(definition, name+".", "")
	}
	return out, nil
}

// scratchPostgres runs the migrations in a schema of their own within a
// transaction that is rolled back: it needs no second database and leaves nothing.
func scratchPostgres(ctx context.Context, m *Migrator) (out Facts, err error) {
	tx, err := m.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	for _, statement := range []string{
		// PostGIS must stay in reach, wherever it is.
		"CREATE SCHEMA runvs_verify", "SELECT set_config('search_path', 'runvs_verify, ' || current_setting('search_path'), true)",
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
	return postgresFacts(ctx, tx)
}
