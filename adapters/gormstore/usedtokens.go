package gormstore

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/auth"
)

type usedTokenRow struct {
	TokenHash column.Digest `gorm:"primaryKey"`
	ExpiresAt time.Time
	CreatedAt time.Time `gorm:"autoCreateTime:false"` // the database's
}

// TableName implements gorm's Tabler.
func (usedTokenRow) TableName() string { return "used_tokens" }

// UseToken implements ports.UsedTokens. Who is second waits for the first to
// commit, or to give up.
func (r *repo) UseToken(ctx context.Context, token auth.TokenHash, until time.Time) (first bool, err error) {
	res := r.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Select("token_hash", "expires_at").
		Create(&usedTokenRow{TokenHash: column.Digest(token), ExpiresAt: column.Stamp(until)})
	return res.RowsAffected == 1, faultOf(res.Error)
}

// PurgeUsedTokens implements ports.UsedTokens.
func (r *repo) PurgeUsedTokens(ctx context.Context, before time.Time) (int, error) {
	gone := r.db.WithContext(ctx).Exec("DELETE FROM used_tokens WHERE expires_at < ?", column.Stamp(before))
	return int(gone.RowsAffected), faultOf(gone.Error)
}
