package gormstore

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
)

// userPeriodRow is what a user's processed runs of a period add up to.
type userPeriodRow struct {
	UserID          column.ID[id.UserKind] `gorm:"column:user_id;primaryKey"`
	Period          string                 `gorm:"primaryKey"`
	StartsOn        string                 `gorm:"primaryKey"`
	Runs            int
	DistanceMeters  int64
	DurationSeconds int64
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (userPeriodRow) TableName() string { return "user_periods" }

// userBestRow is a user's fastest stretch of a length.
type userBestRow struct {
	UserID          column.ID[id.UserKind] `gorm:"column:user_id;primaryKey"`
	DistanceMeters  float64                `gorm:"primaryKey"`
	DurationSeconds float64
	RunRecordID     column.ID[id.RecordKind]
	AchievedAt      time.Time
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (userBestRow) TableName() string { return "user_bests" }

// UserStats implements ports.UserStatistics: one statement sees one moment. Of a
// best the period is empty.
func (r *repo) UserStats(ctx context.Context, uid id.User) (stats.User, error) {
	var rows []struct {
		Period, StartsOn                string
		Runs                            int
		DistanceMeters, DurationSeconds int64
		EffortMeters, EffortSeconds     float64
		RunRecordID                     column.ID[id.RecordKind]
		AchievedAt                      time.Time
	}
	err := r.db.WithContext(ctx).Raw(`SELECT '' AS period, '' AS starts_on, 0 AS runs, 0 AS distance_meters, 0 AS duration_seconds,
			distance_meters AS effort_meters, duration_seconds AS effort_seconds, run_record_id, achieved_at FROM user_bests WHERE user_id = ?
		UNION ALL SELECT period, starts_on, runs, distance_meters, duration_seconds, 0, 0, NULL, NULL FROM user_periods WHERE user_id = ?`,
		column.IDOf(uid), column.IDOf(uid)).Scan(&rows).Error
	var sums []stats.PeriodSum
	var bests []stats.Best
	for _, row := range rows {
		if row.Period == "" {
			bests = append(bests, stats.Best{
				Effort: run.Effort{DistanceMeters: row.EffortMeters, DurationSeconds: row.EffortSeconds},
				RunID:  row.RunRecordID.ID, AchievedAt: row.AchievedAt.UTC(),
			})
			continue
		}
		sums = append(sums, stats.PeriodSum{
			Period: ranking.Period{Span: ranking.Span(row.Period), StartsOn: row.StartsOn},
			Sum:    stats.Sum{Runs: row.Runs, DistanceMeters: row.DistanceMeters, DurationSeconds: row.DurationSeconds},
		})
	}
	return stats.Restore(sums, bests), faultOf(err)
}

// CountRuns implements ports.UserStatistics.
func (r *repo) CountRuns(ctx context.Context, uid id.User, sums []stats.PeriodSum, now time.Time) error {
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		db, at := tx.db.WithContext(ctx), column.Stamp(now)
		rows := make([]userPeriodRow, len(sums))
		var total stats.Sum
		for i, s := range sums {
			rows[i] = userPeriodRow{
				UserID: column.IDOf(uid), Period: string(s.Period.Span), StartsOn: s.Period.StartsOn, Runs: s.Runs,
				DistanceMeters: s.DistanceMeters, DurationSeconds: s.DurationSeconds, UpdatedAt: at, CreatedAt: at,
			}
			if s.Period == ranking.AllTime {
				total = s.Sum
			}
		}
		err := db.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "user_id"}, {Name: "period"}, {Name: "starts_on"}},
			DoUpdates: clause.Assignments(map[string]any{
				"runs":             gorm.Expr("user_periods.runs + excluded.runs"),
				"distance_meters":  gorm.Expr("user_periods.distance_meters + excluded.distance_meters"),
				"duration_seconds": gorm.Expr("user_periods.duration_seconds + excluded.duration_seconds"),
				"updated_at":       gorm.Expr("excluded.updated_at"),
			}),
		}).Create(&rows).Error
		if err != nil {
			return err
		}
		for _, s := range sums {
			if s.Runs > 0 {
				continue
			}
			err := db.Exec("DELETE FROM user_periods WHERE user_id = ? AND period = ? AND starts_on = ? AND runs = 0",
				column.IDOf(uid), string(s.Period.Span), s.Period.StartsOn).Error
			if err != nil {
				return err
			}
		}
		return db.Exec("UPDATE users SET total_runs = total_runs + ?, total_distance_meters = total_distance_meters + ?, updated_at = ? WHERE id = ?",
			total.Runs, total.DistanceMeters, at, column.IDOf(uid)).Error
	}))
}

// OfferBests implements ports.UserStatistics.
func (r *repo) OfferBests(ctx context.Context, uid id.User, bests []stats.Best, now time.Time) error {
	if len(bests) == 0 {
		return nil
	}
	at := column.Stamp(now)
	rows := make([]userBestRow, len(bests))
	for i, b := range bests {
		rows[i] = userBestRow{
			UserID: column.IDOf(uid), DistanceMeters: b.DistanceMeters, DurationSeconds: b.DurationSeconds,
			RunRecordID: column.IDOf(b.RunID), AchievedAt: column.Stamp(b.AchievedAt), UpdatedAt: at, CreatedAt: at,
		}
	}
	return faultOf(r.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "user_id"}, {Name: "distance_meters"}},
		DoUpdates: clause.AssignmentColumns([]string{"duration_seconds", "run_record_id", "achieved_at", "updated_at"}),
		Where: clause.Where{Exprs: []clause.Expression{gorm.Expr(
			"(excluded.duration_seconds, excluded.achieved_at, excluded.run_record_id) < (user_bests.duration_seconds, user_bests.achieved_at, user_bests.run_record_id)")}},
	}).Create(&rows).Error)
}

// DropBests implements ports.UserStatistics.
func (r *repo) DropBests(ctx context.Context, uid id.User, rid id.Record) (bool, error) {
	res := r.db.WithContext(ctx).Exec("DELETE FROM user_bests WHERE user_id = ? AND run_record_id = ?", column.IDOf(uid), column.IDOf(rid))
	return res.RowsAffected > 0, faultOf(res.Error)
}

// UserRuns implements ports.UserStatistics.
func (r *repo) UserRuns(ctx context.Context, owner id.User) ([]stats.Run, error) {
	var rows []recordRow
	err := r.db.WithContext(ctx).Select("id", "local_date", "finished_at", "distance_meters", "duration_seconds", "best_efforts").
		Order("finished_at DESC, id DESC").Find(&rows, "user_id = ? AND "+counted, column.IDOf(owner)).Error
	if err != nil {
		return nil, faultOf(err)
	}
	out := make([]stats.Run, len(rows))
	for i, row := range rows {
		out[i] = stats.Run{
			ID: row.ID.ID, LocalDate: column.Value(row.LocalDate), FinishedAt: row.FinishedAt.UTC(),
			DistanceMeters: row.DistanceMeters, DurationSeconds: row.DurationSeconds,
		}
		if err := decodeAs(row.BestEfforts, listOf(effortJSON.effort), &out[i].Efforts); err != nil {
			return nil, err
		}
	}
	return out, nil
}
