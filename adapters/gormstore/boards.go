package gormstore

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/ports"
)

type rankingRow struct {
	ID                   column.ID[id.RankingKind] `gorm:"column:id;primaryKey"`
	CourseID             column.ID[id.CourseKind]
	UserID               column.ID[id.UserKind]
	BestDurationSeconds  int
	BestPaceSecondsPerKM int `gorm:"column:best_pace_seconds_per_km"`
	RunCount             int
	Rank                 *int // CacheRanks
	AchievedAt           time.Time
	UpdatedAt            time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt            time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (rankingRow) TableName() string { return "rankings" }

// periodRankingRow is a ranking on the board of a year, month or week.
type periodRankingRow struct {
	CourseID             column.ID[id.CourseKind] `gorm:"column:course_id;primaryKey"`
	Period               string                   `gorm:"primaryKey"`
	StartsOn             string                   `gorm:"primaryKey"`
	UserID               column.ID[id.UserKind]   `gorm:"primaryKey"`
	BestDurationSeconds  int
	BestPaceSecondsPerKM int `gorm:"column:best_pace_seconds_per_km"`
	RunCount             int
	AchievedAt           time.Time
	UpdatedAt            time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt            time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (periodRankingRow) TableName() string { return "period_rankings" }

// boardCountRow is how many runners of a board have a best time in a bucket.
// The database's triggers keep it.
type boardCountRow struct {
	CourseID  column.ID[id.CourseKind] `gorm:"column:course_id;primaryKey"`
	Period    string                   `gorm:"primaryKey"`
	StartsOn  string                   `gorm:"primaryKey"`
	Width     int                      `gorm:"primaryKey"`
	Bucket    int                      `gorm:"primaryKey"`
	Runners   int
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (boardCountRow) TableName() string { return "board_counts" }

// LockBoard implements ports.Boards.
func (r *repo) LockBoard(ctx context.Context, cid id.Course) (ports.CourseAccess, error) {
	return accessOf(r.dialect.lock(r.db.WithContext(ctx)), cid)
}

// Attempts implements ports.Boards.
func (r *repo) Attempts(ctx context.Context, cid id.Course, uid id.User) ([]ranking.Attempt, error) {
	var rows []recordRow
	err := r.db.WithContext(ctx).Select("id", "course_completed", "course_duration_seconds", "finished_at", "local_date", "local_hour").
		Find(&rows, "course_id = ? AND user_id = ? AND "+ranked, column.IDOf(cid), column.IDOf(uid)).Error
	out := make([]ranking.Attempt, len(rows))
	for i, row := range rows {
		out[i] = ranking.Attempt{
			RecordID: row.ID.ID, Completed: column.Value(row.CourseCompleted) && row.CourseDurationSeconds != nil,
			DurationSeconds: column.Value(row.CourseDurationSeconds), FinishedAt: row.FinishedAt.UTC(),
			LocalDate: column.Value(row.LocalDate), LocalHour: row.LocalHour,
		}
	}
	return out, faultOf(err)
}

// PutRanking implements ports.Boards.
func (r *repo) PutRanking(ctx context.Context, row ranking.Row, now time.Time) error {
	upsert := clause.OnConflict{
		Columns:   []clause.Column{{Name: "course_id"}, {Name: "user_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"best_duration_seconds", "best_pace_seconds_per_km", "run_count", "achieved_at", "updated_at"}),
	}
	at := column.Stamp(now)
	if row.Period == ranking.AllTime {
		return faultOf(r.db.WithContext(ctx).Clauses(upsert).Create(&rankingRow{
			ID: column.NewID[id.RankingKind](), CourseID: column.IDOf(row.CourseID), UserID: column.IDOf(row.UserID),
			BestDurationSeconds: row.BestDurationSeconds, BestPaceSecondsPerKM: row.BestPaceSecondsPerKM,
			RunCount: row.RunCount, AchievedAt: column.Stamp(row.AchievedAt), UpdatedAt: at, CreatedAt: at,
		}).Error)
	}
	upsert.Columns = []clause.Column{{Name: "course_id"}, {Name: "period"}, {Name: "starts_on"}, {Name: "user_id"}}
	return faultOf(r.db.WithContext(ctx).Clauses(upsert).Create(&periodRankingRow{
		CourseID: column.IDOf(row.CourseID), Period: string(row.Period.Span), StartsOn: row.Period.StartsOn, UserID: column.IDOf(row.UserID),
		BestDurationSeconds: row.BestDurationSeconds, BestPaceSecondsPerKM: row.BestPaceSecondsPerKM,
		RunCount: row.RunCount, AchievedAt: column.Stamp(row.AchievedAt), UpdatedAt: at, CreatedAt: at,
	}).Error)
}

// DropRanking implements ports.Boards.
func (r *repo) DropRanking(ctx context.Context, cid id.Course, uid id.User, p ranking.Period) error {
	b := boardOf(cid, p)
	return faultOf(r.db.WithContext(ctx).Exec("DELETE FROM "+b.table+" AS b WHERE "+b.where+" AND b.user_id = ?", append(b.args, column.IDOf(uid))...).Error)
}

// cachedRanks is up to how many rows a board has the ranks written to its rows:
// with each finish some of them change.
const cachedRanks = 100

// CacheRanks implements ports.Boards. Only rows whose rank changes are written.
func (r *repo) CacheRanks(ctx context.Context, cid id.Course) error {
	var size int
	err := r.db.WithContext(ctx).Raw(`SELECT coalesce(sum(runners), 0) FROM board_counts
		WHERE course_id = ? AND period = 'all' AND starts_on = '' AND width = 128`, column.IDOf(cid)).Scan(&size).Error
	if err != nil {
		return faultOf(err)
	}
	if size > cachedRanks {
		return faultOf(r.db.WithContext(ctx).Exec("UPDATE rankings SET rank = NULL WHERE course_id = ? AND rank IS NOT NULL", column.IDOf(cid)).Error)
	}
	return faultOf(r.db.WithContext(ctx).Exec(`UPDATE rankings SET rank = r.place FROM (
			SELECT id, rank() OVER (ORDER BY best_duration_seconds) AS place FROM rankings WHERE course_id = ?
		) AS r WHERE rankings.id = r.id AND rankings.rank IS DISTINCT FROM r.place`, column.IDOf(cid)).Error)
}

// PaceBoards implements ports.Boards. The arithmetic is that of ranking.Pace.
func (r *repo) PaceBoards(ctx context.Context, cid id.Course, distanceMeters int, now time.Time) error {
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		for _, table := range []string{"rankings", "period_rankings"} {
			err := tx.db.WithContext(ctx).Exec("UPDATE "+table+` SET best_pace_seconds_per_km = round(best_duration_seconds * 1000.0 / ?), updated_at = ?
				WHERE course_id = ?`, distanceMeters, column.Stamp(now), column.IDOf(cid)).Error
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// UserRankings implements ports.Boards.
func (r *repo) UserRankings(ctx context.Context, uid id.User, after *ports.RankingKey, limit int) ([]ranking.Row, error) {
	var from ports.RankingKey
	if after != nil {
		from = *after
	}
	const columns = "course_id, best_duration_seconds, best_pace_seconds_per_km, run_count, achieved_at"
	var rows []periodRankingRow
	err := r.db.WithContext(ctx).Raw(`SELECT * FROM (
			SELECT 'all' AS period, '' AS starts_on, `+columns+` FROM rankings WHERE user_id = ? AND course_id >= ?
			UNION ALL SELECT period, starts_on, `+columns+` FROM period_rankings WHERE user_id = ? AND course_id >= ?
		) AS mine WHERE (course_id, period, starts_on) > (?, ?, ?) ORDER BY course_id, period, starts_on LIMIT ?`,
		column.IDOf(uid), behind(from.CourseID), column.IDOf(uid), behind(from.CourseID),
		behind(from.CourseID), string(from.Period.Span), from.Period.StartsOn, limit).Scan(&rows).Error
	out := make([]ranking.Row, len(rows))
	for i, row := range rows {
		out[i] = ranking.Row{
			CourseID: row.CourseID.ID, UserID: uid, Period: ranking.Period{Span: ranking.Span(row.Period), StartsOn: row.StartsOn},
			BestDurationSeconds: row.BestDurationSeconds, BestPaceSecondsPerKM: row.BestPaceSecondsPerKM, RunCount: row.RunCount, AchievedAt: row.AchievedAt.UTC(),
		}
	}
	return out, faultOf(err)
}
