package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

type sessionRow struct {
	ID              column.ID[id.SessionKind] `gorm:"column:id;primaryKey"`
	UserID          column.ID[id.UserKind]
	CourseID        column.ID[id.CourseKind]
	Status          string
	StartedAt       time.Time
	DeviceInfo      column.JSON
	ClientSessionID *string
	Imported        bool
	Activity        string
	Source          column.JSON // NULL of a phone's
	BodyDigest      column.Digest
	RunRecordID     column.ID[id.RecordKind]
	FinalSequence   *int // set with the final chunk
	ActiveSince     time.Time
	AbandonedAt     *time.Time
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (sessionRow) TableName() string { return "run_sessions" }

func sessionRowOf(s run.Session) (sessionRow, error) {
	x := s.Snapshot()
	var final *int
	if sequence, ok := x.Ledger.Final(); ok {
		final = &sequence
	}
	source, err := sourceColumn(x.Source)
	return sessionRow{
		ID: column.IDOf(x.ID), UserID: column.IDOf(x.UserID), CourseID: column.IDOf(x.CourseID), Status: string(x.Status),
		StartedAt: column.Stamp(x.StartedAt), DeviceInfo: column.JSON(x.DeviceInfo), ClientSessionID: column.Text(x.ClientSessionID),
		Imported: x.Imported, Activity: string(x.Activity), Source: source, BodyDigest: column.Digest(x.BodyDigest), RunRecordID: column.IDOf(x.RecordID), FinalSequence: final, ActiveSince: column.Stamp(x.ActiveSince),
		AbandonedAt: column.Optional(x.AbandonedAt), CreatedAt: column.Stamp(x.CreatedAt),
	}, err
}

func (r sessionRow) session(l ledger) (run.Session, error) {
	device, err := r.DeviceInfo.Canonical()
	var source sourceJSON
	err = errors.Join(err, r.Source.Decode(&source))
	return run.RestoreSession(run.SessionSnapshot{
		ID: r.ID.ID, UserID: r.UserID.ID, CourseID: r.CourseID.ID, Status: run.Status(r.Status),
		StartedAt: r.StartedAt.UTC(), DeviceInfo: device, ClientSessionID: column.Value(r.ClientSessionID),
		Activity: run.Activity(r.Activity), Imported: r.Imported, Source: source.source(), BodyDigest: run.Digest(r.BodyDigest), RecordID: r.RunRecordID.ID, ActiveSince: r.ActiveSince.UTC(),
		AbandonedAt: column.Moment(r.AbandonedAt), CreatedAt: r.CreatedAt.UTC(),
		Ledger: run.NewLedger(l.entries), LastChunkAt: l.last,
	}), err
}

// ledger is what the chunks of one session say, without their fixes.
type ledger struct {
	entries []run.Entry
	last    time.Time
}

// entryRow is a line of a ledger.
type entryRow struct {
	SessionID column.ID[id.SessionKind]
	Sequence  int
	ChunkType string
	Digest    column.Digest
	Fixes     int
	Bytes     int
	CreatedAt time.Time
}

func (l *ledger) add(e entryRow) {
	l.entries = append(l.entries, run.Entry{
		Sequence: e.Sequence, Digest: run.Digest(e.Digest), Final: e.ChunkType == string(run.Final), Fixes: e.Fixes, Bytes: e.Bytes,
	})
	if e.CreatedAt.After(l.last) {
		l.last = e.CreatedAt.UTC()
	}
}

// ledgers reads the ledgers of sessions in one query.
func (r *repo) ledgers(ctx context.Context, sessions ...sessionRow) (map[id.Session]ledger, error) {
	keys := make([]string, len(sessions))
	for i, s := range sessions {
		keys[i] = s.ID.String()
	}
	var rows []entryRow
	err := r.db.WithContext(ctx).Table("run_chunks").
		Select("session_id", "sequence", "chunk_type", "digest", "fixes", "bytes", "created_at").
		Where("session_id IN ?", keys).Order("session_id, sequence").Find(&rows).Error
	out := make(map[id.Session]ledger, len(sessions))
	for _, e := range rows {
		l := out[e.SessionID.ID]
		l.add(e)
		out[e.SessionID.ID] = l
	}
	return out, faultOf(err)
}

// InsertSession implements ports.Sessions.
func (r *repo) InsertSession(ctx context.Context, s run.Session) (run.Session, bool, error) {
	row, err := sessionRowOf(s)
	if err != nil {
		return s, false, err
	}
	res := r.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "user_id"}, {Name: "client_session_id"}}, DoNothing: true,
	}).Create(&row)
	if res.Error != nil {
		return s, false, faultOf(res.Error)
	}
	if res.RowsAffected == 1 {
		return s, true, nil
	}
	stored, err := r.SessionNamed(ctx, s.Owner(), s.Snapshot().ClientSessionID)
	return stored, false, err
}

// SessionNamed implements ports.Sessions.
func (r *repo) SessionNamed(ctx context.Context, owner id.User, clientSessionID string) (run.Session, error) {
	var row sessionRow
	err := r.db.WithContext(ctx).Take(&row, "user_id = ? AND client_session_id = ?", column.IDOf(owner), clientSessionID).Error
	if err != nil {
		return run.Session{}, found(err, run.ErrSessionNotFound)
	}
	return r.withLedger(ctx, row)
}

func (r *repo) withLedger(ctx context.Context, row sessionRow) (run.Session, error) {
	ledgers, err := r.ledgers(ctx, row)
	if err != nil {
		return run.Session{}, err
	}
	return row.session(ledgers[row.ID.ID])
}

// Session implements ports.Sessions.
func (r *repo) Session(ctx context.Context, sid id.Session) (run.Session, error) {
	return r.session(ctx, r.db.WithContext(ctx), sid)
}

// LockSession implements ports.Sessions.
func (r *repo) LockSession(ctx context.Context, sid id.Session) (run.Session, error) {
	return r.session(ctx, r.dialect.lock(r.db.WithContext(ctx)), sid)
}

func (r *repo) session(ctx context.Context, db *gorm.DB, sid id.Session) (run.Session, error) {
	var row sessionRow
	if err := db.Take(&row, "id = ?", column.IDOf(sid)).Error; err != nil {
		return run.Session{}, found(err, run.ErrSessionNotFound)
	}
	return r.withLedger(ctx, row)
}

// SaveSession implements ports.Sessions.
func (r *repo) SaveSession(ctx context.Context, s run.Session) error {
	row, err := sessionRowOf(s)
	if err != nil {
		return err
	}
	return faultOf(r.db.WithContext(ctx).Select("status", "run_record_id", "active_since", "abandoned_at").Updates(&row).Error)
}

// ListSessions implements ports.Sessions.
func (r *repo) ListSessions(ctx context.Context, owner id.User, status run.Status, page ports.Page) ([]run.Session, int, error) {
	mine := func() *gorm.DB {
		q := r.db.WithContext(ctx).Model(&sessionRow{}).Where("user_id = ?", column.IDOf(owner))
		if status != "" {
			q = q.Where("status = ?", string(status))
		}
		return q
	}
	var total int64
	if err := mine().Count(&total).Error; err != nil {
		return nil, 0, faultOf(err)
	}
	var rows []sessionRow
	if err := mine().Order("started_at DESC, id DESC").Offset(page.Offset).Limit(page.Limit).Find(&rows).Error; err != nil {
		return nil, 0, faultOf(err)
	}
	out, err := r.withLedgers(ctx, rows)
	return out, int(total), err
}

func (r *repo) withLedgers(ctx context.Context, rows []sessionRow) ([]run.Session, error) {
	ledgers, err := r.ledgers(ctx, rows...)
	if err != nil {
		return nil, err
	}
	out := make([]run.Session, len(rows))
	for i, row := range rows {
		if out[i], err = row.session(ledgers[row.ID.ID]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SessionsOf implements ports.Sessions.
func (r *repo) SessionsOf(ctx context.Context, owner id.User, after id.Session, limit int) ([]run.Session, error) {
	var rows []sessionRow
	err := r.db.WithContext(ctx).Order("id").Limit(limit).Find(&rows, "user_id = ? AND id > ?", column.IDOf(owner), behind(after)).Error
	if err != nil {
		return nil, faultOf(err)
	}
	return r.withLedgers(ctx, rows)
}

// ActiveSessions implements ports.Sessions.
func (r *repo) ActiveSessions(ctx context.Context, owner id.User, limit int) ([]id.Session, error) {
	var keys []column.ID[id.SessionKind]
	err := r.db.WithContext(ctx).Model(&sessionRow{}).Where("user_id = ? AND status = 'active' AND NOT imported", column.IDOf(owner)).
		Order("active_since, id").Limit(limit).Pluck("id", &keys).Error
	return column.IDs(keys), faultOf(err)
}

// NthImport implements ports.Sessions.
func (r *repo) NthImport(ctx context.Context, owner id.User, n int) (time.Time, error) {
	var at []time.Time
	err := r.db.WithContext(ctx).Model(&sessionRow{}).Where("user_id = ? AND imported", column.IDOf(owner)).
		Order("created_at DESC").Offset(n-1).Limit(1).Pluck("created_at", &at).Error
	if err != nil || len(at) == 0 {
		return time.Time{}, faultOf(err)
	}
	return at[0].UTC(), nil
}

// DropOpenSession implements ports.Sessions.
func (r *repo) DropOpenSession(ctx context.Context, sid id.Session) error {
	return faultOf(r.db.WithContext(ctx).Delete(&sessionRow{}, "id = ? AND status IN ('active', 'abandoned')", column.IDOf(sid)).Error)
}

// SilentSessions implements ports.Sessions.
func (r *repo) SilentSessions(ctx context.Context, since time.Time, after id.Session, limit int) ([]id.Session, error) {
	var keys []column.ID[id.SessionKind]
	// Materialized, so that the few active ones are found by their index, instead
	// of walking the ids of all that ever were.
	err := r.db.WithContext(ctx).Raw(`WITH silent AS MATERIALIZED (
			SELECT s.id,
				(SELECT max(c.created_at) FROM run_chunks c WHERE c.session_id = s.id) AS last_chunk
			FROM run_sessions s WHERE s.status = 'active' AND s.active_since <= @since AND s.id > @after
		) SELECT id FROM silent WHERE last_chunk IS NULL OR last_chunk <= @since
		ORDER BY id LIMIT @limit`,
		sql.Named("since", column.Stamp(since)), sql.Named("after", behind(after)), sql.Named("limit", limit)).Scan(&keys).Error
	return column.IDs(keys), faultOf(err)
}

// PurgeChunks implements ports.Sessions.
func (r *repo) PurgeChunks(ctx context.Context, abandonedBefore time.Time) (int, error) {
	res := r.db.WithContext(ctx).Exec(`DELETE FROM run_chunks WHERE session_id IN
		(SELECT id FROM run_sessions WHERE status = 'abandoned' AND abandoned_at < ?)`, column.Stamp(abandonedBefore))
	return int(res.RowsAffected), faultOf(res.Error)
}

// errChunkTaken says that a chunk of this sequence was stored in between.
var errChunkTaken = errors.New("a chunk of this sequence is stored")
