package gormstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// postgresAppender stores a chunk in one round trip where it knows the session
// from before (appendKnown), else in two: the session's lock and its ledger go
// out with the BEGIN, the row with the COMMIT. GORM is left out, for this is the
// one path that every phone takes every minute.
type postgresAppender struct {
	pool  *pgxpool.Pool
	known knownSessions
}

// Close implements io.Closer; the pool is the store's to close.
func (*postgresAppender) Close() error { return nil }

func (a *postgresAppender) append(ctx context.Context, in appending) error {
	alone := in.final
	if session, ok := a.known.get(in.sid); ok && !in.final {
		stored, crowded, err := a.appendKnown(ctx, in, session)
		if stored || err != nil {
			return err
		}
		alone = crowded
	}
	return a.appendLocked(ctx, in, alone)
}

const (
	sqlLockSession = `SELECT user_id::text, course_id::text, status, started_at, body_digest, run_record_id::text, active_since, abandoned_at, created_at
		FROM run_sessions WHERE id = $1 `
	sqlLedger = `SELECT sequence, chunk_type, digest, fixes, bytes, created_at FROM run_chunks WHERE session_id = $1 ORDER BY sequence`
	sqlInsert = `INSERT INTO run_chunks (id, session_id, sequence, chunk_type, raw_gps_points, filtered_points, chunk_summary,
		cumulative, completed_splits, pause_intervals, digest, fixes, bytes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlSetFinal = `UPDATE run_sessions SET final_sequence = $2 WHERE id = $1`
)

// appendLocked decides under the session's lock, alone or with others. What only
// counts alone is decided again so.
func (a *postgresAppender) appendLocked(ctx context.Context, in appending, alone bool) error {
	conn, err := a.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// An intermediate chunk shares the session with others, unless it is crowded.
	// The final one, and whatever changes the session, waits for them and keeps new
	// ones out. The ledger is read by a statement after the lock, so it shows what
	// they stored.
	lock := "FOR SHARE"
	if alone {
		lock = "FOR UPDATE"
	}
	row := sessionRow{ID: column.IDOf(in.sid)}
	var l ledger
	found := false
	sid := in.sid.String()
	first := &pgx.Batch{}
	first.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
	first.Queue(sqlLockSession+lock, sid).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			found = true
			if err := rows.Scan(&row.UserID, &row.CourseID, &row.Status, &row.StartedAt, (*sliceDigest)(&row.BodyDigest),
				&row.RunRecordID, &row.ActiveSince, &row.AbandonedAt, &row.CreatedAt); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	first.Queue(sqlLedger, sid).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var e entryRow
			if err := rows.Scan(&e.Sequence, &e.ChunkType, (*sliceDigest)(&e.Digest), &e.Fixes, &e.Bytes, &e.CreatedAt); err != nil {
				return err
			}
			l.add(e)
		}
		return rows.Err()
	})
	if err := conn.SendBatch(ctx, first).Close(); err != nil {
		return a.rollback(ctx, conn, err)
	}
	if !found {
		return a.rollback(ctx, conn, run.ErrSessionNotFound)
	}
	decided, err := in.decide(row, l)
	if err != nil || !decided.store {
		return a.rollback(ctx, conn, err)
	}
	if decided.alone && !alone {
		if err := a.rollback(ctx, conn, nil); err != nil {
			return err
		}
		conn.Release()
		return a.appendLocked(ctx, in, true)
	}
	second := &pgx.Batch{}
	second.Queue(sqlInsert, insertArgs(in.sid, in.row)...)
	if in.final {
		second.Queue(sqlSetFinal, sid, in.row.Sequence)
	}
	second.Queue("COMMIT")
	if err := conn.SendBatch(ctx, second).Close(); err != nil {
		return a.rollback(ctx, conn, taken(err))
	}
	a.known.put(in.sid, knownSession{row: row, ledger: l.with(in.row)})
	return nil
}

// taken turns the violation of a unique key into errChunkTaken.
func taken(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "23505" {
		return errChunkTaken
	}
	return err
}

// insertArgs are the values of sqlInsert.
func insertArgs(sid id.Session, c *chunkRow) []any {
	return []any{
		c.ID.String(), sid.String(), c.Sequence, c.ChunkType, []byte(c.RawGPSPoints), bytesOrNull(c.FilteredPoints),
		bytesOrNull(c.ChunkSummary), bytesOrNull(c.Cumulative), []byte(c.CompletedSplits), []byte(c.PauseIntervals), c.Digest[:],
		c.Fixes, c.Bytes, c.CreatedAt,
	}
}

// rollback ends the transaction and returns cause; a failing rollback is added.
// A connection that is broken is dropped by the pool.
func (a *postgresAppender) rollback(ctx context.Context, conn *pgxpool.Conn, cause error) error {
	if conn.Conn().IsClosed() {
		return cause
	}
	if _, err := conn.Exec(context.WithoutCancel(ctx), "ROLLBACK"); err != nil {
		return errors.Join(cause, err, conn.Conn().Close(context.WithoutCancel(ctx)))
	}
	return cause
}

func bytesOrNull(d column.JSON) []byte {
	if d == nil {
		return nil
	}
	return d
}

// sliceDigest scans a digest natively.
type sliceDigest column.Digest

// ScanBytes implements pgtype.BytesScanner.
func (d *sliceDigest) ScanBytes(v []byte) error { return (*column.Digest)(d).Scan(v) }
