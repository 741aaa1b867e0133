package migrate

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	atlas "ariga.io/atlas/sql/migrate"
)

// revisionTable holds the history of applied migrations.
const revisionTable = "schema_revisions"

// reader is a connection, a transaction, or what stands for them.
type reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Applied returns the versions that were applied to a database. It fails when none
// ever was.
func Applied(ctx context.Context, db reader) (versions []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT version FROM "+revisionTable)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var version string
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		versions = append(versions, version)
	}
	return versions, rows.Err()
}

// revisions keeps atlas' history of applied migrations.
type revisions struct{ querier }

// Ident implements atlas.RevisionReadWriter.
func (revisions) Ident() *atlas.TableIdent { return &atlas.TableIdent{Name: revisionTable} }

// ReadRevisions implements atlas.RevisionReadWriter.
func (r revisions) ReadRevisions(ctx context.Context) ([]*atlas.Revision, error) {
	rows, err := r.QueryContext(ctx, "SELECT version, name, hash, partial_hashes, applied, total, executed_at, operator FROM "+revisionTable+" ORDER BY version")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	var out []*atlas.Revision
	for rows.Next() {
		var v atlas.Revision
		var partial string
		if err := rows.Scan(&v.Version, &v.Description, &v.Hash, &partial, &v.Applied, &v.Total, &v.ExecutedAt, &v.OperatorVersion); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(partial), &v.PartialHashes); err != nil {
			return nil, err
		}
		v.Type = atlas.RevisionTypeExecute
		out = append(out, &v)
	}
	return out, rows.Err()
}

// ReadRevision implements atlas.RevisionReadWriter.
func (r revisions) ReadRevision(ctx context.Context, version string) (*atlas.Revision, error) {
	all, err := r.ReadRevisions(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range all {
		if v.Version == version {
			return v, nil
		}
	}
	return nil, atlas.ErrRevisionNotExist
}

// WriteRevision implements atlas.RevisionReadWriter.
func (r revisions) WriteRevision(ctx context.Context, v *atlas.Revision) error {
	partial, err := json.Marshal(v.PartialHashes)
	if err != nil {
		return err
	}
	_, err = r.ExecContext(ctx, `INSERT INTO `+revisionTable+` (version, name, hash, partial_hashes, applied, total, executed_at, operator)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (version) DO UPDATE SET name = excluded.name, hash = excluded.hash,
		partial_hashes = excluded.partial_hashes, applied = excluded.applied, total = excluded.total,
		executed_at = excluded.executed_at, operator = excluded.operator`,
		v.Version, v.Description, v.Hash, string(partial), v.Applied, v.Total, v.ExecutedAt.UTC().Truncate(time.Microsecond), v.OperatorVersion)
	return err
}

// DeleteRevision implements atlas.RevisionReadWriter.
func (r revisions) DeleteRevision(ctx context.Context, version string) error {
	_, err := r.ExecContext(ctx, "DELETE FROM "+revisionTable+" WHERE version = $1", version)
	return err
}
