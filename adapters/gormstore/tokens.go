package gormstore

import (
	"context"
	"fmt"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/id"
)

type refreshRow struct {
	ID                 column.ID[id.RefreshKind] `gorm:"column:id;primaryKey"`
	UserID             column.ID[id.UserKind]
	TokenHash          string
	ExpiresAt          time.Time
	IsRevoked          bool
	FamilyID           column.ID[id.FamilyKind]
	FamilyStartedAt    time.Time
	UsedAt             *time.Time
	SuccessorID        column.ID[id.RefreshKind]
	SealedSuccessor    []byte
	IdempotencyKeyHash []byte
	RevokedAt          *time.Time
	CreatedAt          time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (refreshRow) TableName() string { return "refresh_tokens" }

func refreshRowOf(t auth.Refresh) refreshRow {
	row := refreshRow{
		ID: column.IDOf(t.ID), UserID: column.IDOf(t.UserID), TokenHash: t.Hash, ExpiresAt: column.Stamp(t.ExpiresAt), IsRevoked: !t.RevokedAt.IsZero(),
		FamilyID: column.IDOf(t.Family), FamilyStartedAt: column.Stamp(t.FamilyStartedAt), UsedAt: column.Optional(t.UsedAt), SuccessorID: column.IDOf(t.SuccessorID),
		SealedSuccessor: t.Sealed, RevokedAt: column.Optional(t.RevokedAt), CreatedAt: column.Stamp(t.CreatedAt),
	}
	if t.KeyHash != (auth.KeyHash{}) {
		row.IdempotencyKeyHash = t.KeyHash[:]
	}
	return row
}

func (r refreshRow) token() (auth.Refresh, error) {
	t := auth.Refresh{
		ID: r.ID.ID, UserID: r.UserID.ID, Family: r.FamilyID.ID, FamilyStartedAt: r.FamilyStartedAt.UTC(), Hash: r.TokenHash,
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), UsedAt: column.Moment(r.UsedAt), SuccessorID: r.SuccessorID.ID,
		Sealed: r.SealedSuccessor, RevokedAt: column.Moment(r.RevokedAt),
	}
	if r.IdempotencyKeyHash != nil && copy(t.KeyHash[:], r.IdempotencyKeyHash) != len(r.IdempotencyKeyHash) {
		return t, fmt.Errorf("refresh_tokens.idempotency_key_hash has %d bytes", len(r.IdempotencyKeyHash))
	}
	return t, nil
}

// InsertRefreshToken implements ports.RefreshTokens.
func (r *repo) InsertRefreshToken(ctx context.Context, t auth.Refresh) error {
	row := refreshRowOf(t)
	return faultOf(r.db.WithContext(ctx).Create(&row).Error)
}

// RefreshToken implements ports.RefreshTokens.
func (r *repo) RefreshToken(ctx context.Context, row id.Refresh) (auth.Refresh, error) {
	var have refreshRow
	if err := r.db.WithContext(ctx).Take(&have, "id = ?", column.IDOf(row)).Error; err != nil {
		return auth.Refresh{}, found(err, auth.ErrInvalid)
	}
	return have.token()
}

// UseRefreshToken implements ports.RefreshTokens.
func (r *repo) UseRefreshToken(ctx context.Context, used auth.Refresh) error {
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		row := refreshRowOf(used)
		err := tx.db.WithContext(ctx).Select("used_at", "successor_id", "sealed_successor", "idempotency_key_hash").Updates(&row).Error
		if err != nil {
			return err
		}
		return tx.db.WithContext(ctx).Exec(
			"UPDATE refresh_tokens SET sealed_successor = NULL WHERE family_id = ? AND successor_id = ? AND sealed_successor IS NOT NULL",
			column.IDOf(used.Family), column.IDOf(used.ID)).Error
	}))
}

const revoke = "UPDATE refresh_tokens SET is_revoked = ?, revoked_at = ?, sealed_successor = NULL WHERE NOT is_revoked AND "

// RevokeFamily implements ports.RefreshTokens.
func (r *repo) RevokeFamily(ctx context.Context, family id.Family, now time.Time) error {
	return faultOf(r.db.WithContext(ctx).Exec(revoke+"family_id = ?", true, column.Stamp(now), column.IDOf(family)).Error)
}

// RevokeUser implements ports.RefreshTokens.
func (r *repo) RevokeUser(ctx context.Context, uid id.User, now time.Time) error {
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		if err := tx.db.WithContext(ctx).Exec(revoke+"user_id = ?", true, column.Stamp(now), column.IDOf(uid)).Error; err != nil {
			return err
		}
		return tx.db.WithContext(ctx).Exec("UPDATE users SET tokens_valid_after = ? WHERE id = ?", column.Stamp(now), column.IDOf(uid)).Error
	}))
}

// NoteIssued implements ports.RefreshTokens.
func (r *repo) NoteIssued(ctx context.Context, uid id.User, at time.Time) error {
	return faultOf(r.db.WithContext(ctx).Exec(
		"UPDATE users SET tokens_issued_until = ? WHERE id = ? AND (tokens_issued_until IS NULL OR tokens_issued_until < ?)",
		column.Stamp(at), column.IDOf(uid), column.Stamp(at)).Error)
}

// SignIns implements ports.RefreshTokens. The token of a family that was not used
// is its last one, and tells all of it.
func (r *repo) SignIns(ctx context.Context, uid id.User, after id.Family, limit int) ([]auth.SignIn, error) {
	var rows []refreshRow
	err := r.db.WithContext(ctx).Select("family_id", "family_started_at", "created_at", "expires_at", "revoked_at").
		Where("user_id = ? AND used_at IS NULL AND family_id > ?", column.IDOf(uid), behind(after)).Order("family_id").Limit(limit).Find(&rows).Error
	out := make([]auth.SignIn, len(rows))
	for i, row := range rows {
		out[i] = auth.SignIn{
			Family: row.FamilyID.ID, StartedAt: row.FamilyStartedAt.UTC(), LastUsedAt: row.CreatedAt.UTC(),
			ExpiresAt: row.ExpiresAt.UTC(), RevokedAt: column.Moment(row.RevokedAt),
		}
	}
	return out, faultOf(err)
}

// PurgeRefreshTokens implements ports.RefreshTokens.
func (r *repo) PurgeRefreshTokens(ctx context.Context, expiredBefore, usedBefore time.Time) (int, error) {
	err := r.db.WithContext(ctx).Exec(
		"UPDATE refresh_tokens SET sealed_successor = NULL WHERE sealed_successor IS NOT NULL AND used_at < ?", column.Stamp(usedBefore)).Error
	if err != nil {
		return 0, faultOf(err)
	}
	gone := r.db.WithContext(ctx).Exec("DELETE FROM refresh_tokens WHERE expires_at < ?", column.Stamp(expiredBefore))
	return int(gone.RowsAffected), faultOf(gone.Error)
}
