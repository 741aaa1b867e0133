package gormstore

import (
	"context"
	"encoding/json"

	"ariga.io/atlas/sql/migrate"
)

// revisionTable holds the history of applied migrations.
const revisionTable = "schema_revisions"

// revisions keeps atlas' history of applied migrations.
type revisions struct{ querier }

// Ident implements migrate.RevisionReadWriter.
func (revisions) Ident() *migrate.TableIdent { return &migrate.TableIdent{Name: revisionTable} }

// ReadRevisions implements migrate.RevisionReadWriter.
func (r revisions) ReadRevisions(ctx context.Context) ([]*migrate.Revision, error) {
	rows, err := r.QueryContext(ctx, "SELECT version, name, hash, partial_hashes, applied, total, executed_at, operator FROM "+revisionTable+" ORDER BY version")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var out []*migrate.Revision
	for rows.Next() {
		var v migrate.Revision
		var partial string
		if err := rows.Scan(&v.Version, &v.Description, &v.Hash, &partial, &v.Applied, &v.Total, &v.ExecutedAt, &v.OperatorVersion); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(partial), &v.PartialHashes); err != nil {
			return nil, err
		}
		v.Type = migrate.RevisionTypeExecute
		out = append(out, &v)
	}
	return out, rows.Err()
}

// ReadRevision implements migrate.RevisionReadWriter.
func (r revisions) ReadRevision(ctx context.Context, version string) (*migrate.Revision, error) {
	all, err := r.ReadRevisions(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range all {
		if v.Version == version {
			return v, nil
		}
	}
	return nil, migrate.ErrRevisionNotExist
}

// WriteRevision implements migrate.RevisionReadWriter.
func (r revisions) WriteRevision(ctx context.Context, v *migrate.Revision) error {
	partial, err := json.Marshal(v.PartialHashes)
	if err != nil {
		return err
	}
	_, err = r.ExecContext(ctx, `INSERT INTO `+revisionTable+` (version, name, hash, partial_hashes, applied, total, executed_at, operator)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (version) DO UPDATE SET name = excluded.name, hash = excluded.hash,
		partial_hashes = excluded.partial_hashes, applied = excluded.applied, total = excluded.total,
		executed_at = excluded.executed_at, operator = excluded.operator`,
		v.Version, v.Description, v.Hash, string(partial), v.Applied, v.Total, stamp(v.ExecutedAt), v.OperatorVersion)
	return err
}

// DeleteRevision implements migrate.RevisionReadWriter.
func (r revisions) DeleteRevision(ctx context.Context, version string) error {
	_, err := r.ExecContext(ctx, "DELETE FROM "+revisionTable+" WHERE version = $1", version)
	return err
}
