package gormstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

type userRow struct {
	ID                  column.ID[id.UserKind] `gorm:"column:id;primaryKey"`
	Email               *string
	Nickname            *string
	NicknameFolded      *string // unique; user.Nickname.Key
	AvatarID            column.ID[id.AvatarKind]
	TotalDistanceMeters int64
	TotalRuns           int
	WeightKG            *float32 `gorm:"column:weight_kg"`
	MaxHeartRate        *int
	BirthYear           *int
	TokensValidAfter    *time.Time
	TokensIssuedUntil   *time.Time
	CourseQuotaFrom     *time.Time // CountNewCourse
	CourseQuotaUsed     int
	UpdatedAt           time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt           time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (userRow) TableName() string { return "users" }

func userRowOf(u user.User) userRow {
	return userRow{
		ID: column.IDOf(u.ID), Email: column.Text(u.Email), Nickname: column.Text(u.Nickname.String()),
		NicknameFolded: column.Text(u.Nickname.Key()), AvatarID: column.IDOf(u.AvatarID),
		TotalDistanceMeters: u.TotalDistanceMeters, TotalRuns: u.TotalRuns, WeightKG: u.WeightKG, MaxHeartRate: u.MaxHeartRate, BirthYear: u.BirthYear,
		TokensValidAfter: column.Optional(u.TokensValidAfter), TokensIssuedUntil: column.Optional(u.TokensIssuedUntil), UpdatedAt: column.Stamp(u.UpdatedAt), CreatedAt: column.Stamp(u.CreatedAt),
	}
}

func (r userRow) user() user.User {
	return user.User{
		ID: r.ID.ID, Email: column.Value(r.Email), Nickname: user.RestoreNickname(column.Value(r.Nickname), column.Value(r.NicknameFolded)), AvatarID: r.AvatarID.ID,
		WeightKG: r.WeightKG, MaxHeartRate: r.MaxHeartRate, BirthYear: r.BirthYear, TotalDistanceMeters: r.TotalDistanceMeters, TotalRuns: r.TotalRuns,
		TokensValidAfter: column.Moment(r.TokensValidAfter), TokensIssuedUntil: column.Moment(r.TokensIssuedUntil), CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

type socialRow struct {
	ID            column.ID[id.UserKind] `gorm:"column:id;primaryKey"`
	UserID        column.ID[id.UserKind]
	Provider      string
	ProviderID    string
	ProviderEmail *string
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (socialRow) TableName() string { return "social_accounts" }

// FindOrCreateUser implements ports.Users. The unique pair of provider and
// provider id decides a race: the loser's insert waits for the winner's commit,
// does nothing, and the loser takes its own user back.
func (r *repo) FindOrCreateUser(ctx context.Context, account user.SocialAccount, fresh user.User) (u user.User, created bool, err error) {
	if u, err = r.userOf(ctx, account); !errors.Is(err, gorm.ErrRecordNotFound) {
		return u, false, faultOf(err)
	}
	err = r.inTx(ctx, func(tx *repo) error {
		row := userRowOf(fresh)
		err := tx.db.WithContext(ctx).Create(&row).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return user.ErrNicknameTaken.Because(err)
		}
		if err != nil {
			return err
		}
		res := tx.db.WithContext(ctx).Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "provider"}, {Name: "provider_id"}}, DoNothing: true,
		}).Create(&socialRow{
			ID: column.NewID[id.UserKind](), UserID: row.ID, Provider: account.Provider, ProviderID: account.ProviderID,
			ProviderEmail: column.Text(account.Email), CreatedAt: row.CreatedAt,
		})
		if created = res.RowsAffected == 1; created || res.Error != nil {
			u = row.user()
			return res.Error
		}
		if err := tx.db.WithContext(ctx).Exec("DELETE FROM users WHERE id = ?", row.ID).Error; err != nil {
			return err
		}
		u, err = tx.userOf(ctx, account)
		return err
	})
	if errors.Is(err, user.ErrNicknameTaken) {
		// Perhaps by this very person's other first login.
		if u, again := r.userOf(ctx, account); again == nil {
			return u, false, nil
		}
	}
	if err != nil {
		return user.User{}, false, faultOf(err)
	}
	return u, created, nil
}

// userOf returns the user of a social account, or gorm.ErrRecordNotFound.
func (r *repo) userOf(ctx context.Context, account user.SocialAccount) (user.User, error) {
	var row userRow
	err := r.db.WithContext(ctx).
		Joins("JOIN social_accounts s ON s.user_id = users.id").
		Where("s.provider = ? AND s.provider_id = ?", account.Provider, account.ProviderID).
		Take(&row).Error
	return row.user(), err
}

// UserOf implements ports.Users.
func (r *repo) UserOf(ctx context.Context, provider, providerID string) (id.User, error) {
	u, err := r.userOf(ctx, user.SocialAccount{Provider: provider, ProviderID: providerID})
	return u.ID, found(err, ports.ErrUserNotFound)
}

// SocialAccounts implements ports.Users.
func (r *repo) SocialAccounts(ctx context.Context, uid id.User) ([]user.SocialAccount, error) {
	var rows []socialRow
	err := r.db.WithContext(ctx).Order("provider, provider_id").Find(&rows, "user_id = ?", column.IDOf(uid)).Error
	out := make([]user.SocialAccount, len(rows))
	for i, row := range rows {
		out[i] = user.SocialAccount{Provider: row.Provider, ProviderID: row.ProviderID, Email: column.Value(row.ProviderEmail), LinkedAt: row.CreatedAt.UTC()}
	}
	return out, faultOf(err)
}

// User implements ports.Users.
func (r *repo) User(ctx context.Context, uid id.User) (user.User, error) {
	var row userRow
	err := r.db.WithContext(ctx).Take(&row, "id = ?", column.IDOf(uid)).Error
	return row.user(), found(err, ports.ErrUserNotFound)
}

// UsersCalled implements ports.Users.
func (r *repo) UsersCalled(ctx context.Context, nicknameKey, email string, limit int) ([]user.User, error) {
	var rows []userRow
	// An absent nickname or address is NULL, which equals nothing, "" neither.
	err := r.db.WithContext(ctx).
		Where("nickname_folded = ? OR lower(email) = ? OR id IN (SELECT user_id FROM social_accounts WHERE lower(provider_email) = ?)", nicknameKey, email, email).
		Order("id").Limit(limit).Find(&rows).Error
	users := make([]user.User, len(rows))
	for i, row := range rows {
		users[i] = row.user()
	}
	return users, faultOf(err)
}

// found turns "no row" into the fault that says so, and classifies the rest.
func found(err error, missing *fault.Error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return missing
	}
	return faultOf(err)
}

// Person implements ports.Users.
func (r *repo) Person(ctx context.Context, uid id.User) (user.Person, error) {
	if uid.IsZero() {
		return user.Person{}, nil
	}
	var row userRow
	err := r.db.WithContext(ctx).Select("id", "nickname", "avatar_id").Limit(1).Find(&row, "id = ?", column.IDOf(uid)).Error
	return user.Person{ID: row.ID.ID, Nickname: column.Value(row.Nickname), AvatarID: row.AvatarID.ID}, faultOf(err)
}

// SaveUser implements ports.Users. The unique key decides a race for a nickname.
func (r *repo) SaveUser(ctx context.Context, u user.User) error {
	row := userRowOf(u)
	err := r.db.WithContext(ctx).Select("nickname", "nickname_folded", "avatar_id", "weight_kg", "max_heart_rate", "birth_year", "updated_at").Updates(&row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return user.ErrNicknameTaken.Because(err)
	}
	return faultOf(err)
}

// DeleteUser implements ports.Users. Accounts, tokens, sessions, chunks, records,
// statistics and board rows go with the user (ON DELETE CASCADE).
func (r *repo) DeleteUser(ctx context.Context, uid id.User) error {
	return faultOf(r.db.WithContext(ctx).Exec("DELETE FROM users WHERE id = ?", column.IDOf(uid)).Error)
}

// UserCourses implements ports.Users.
func (r *repo) UserCourses(ctx context.Context, uid id.User) (made []ports.MadeCourse, ran []id.Course, err error) {
	var rows []struct {
		ID        column.ID[id.CourseKind]
		Completed bool
	}
	err = r.db.WithContext(ctx).Raw(`SELECT c.id, EXISTS (SELECT 1 FROM run_records r WHERE r.course_id = c.id AND r.user_id <> ? AND r.course_completed) AS completed
		FROM courses c WHERE c.creator_id = ? ORDER BY c.id`, column.IDOf(uid), column.IDOf(uid)).Scan(&rows).Error
	if err != nil {
		return nil, nil, faultOf(err)
	}
	for _, row := range rows {
		made = append(made, ports.MadeCourse{ID: row.ID.ID, CompletedByOthers: row.Completed})
	}
	var ids []column.ID[id.CourseKind]
	err = r.db.WithContext(ctx).Raw("SELECT DISTINCT course_id FROM run_records WHERE user_id = ? AND course_id IS NOT NULL ORDER BY course_id", column.IDOf(uid)).Scan(&ids).Error
	for _, cid := range ids {
		ran = append(ran, cid.ID)
	}
	return made, ran, faultOf(err)
}

// LockUser implements ports.Users.
func (r *repo) LockUser(ctx context.Context, uid id.User) error {
	var row userRow
	err := r.dialect.lock(r.db.WithContext(ctx)).Select("id").Take(&row, "id = ?", column.IDOf(uid)).Error
	return found(err, ports.ErrUserNotFound)
}
