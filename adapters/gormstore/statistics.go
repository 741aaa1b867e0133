package gormstore

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
)

// CourseTotals implements ports.Boards.
func (r *repo) CourseTotals(ctx context.Context, cid id.Course) (stats.CourseTotals, error) {
	var hours []struct {
		LocalHour int
		Runs      int
	}
	err := r.db.WithContext(ctx).Raw(`SELECT local_hour, count(*) AS runs FROM run_records
		WHERE course_id = ? AND `+ranked+` GROUP BY local_hour`, column.IDOf(cid)).Scan(&hours).Error
	if err != nil {
		return stats.CourseTotals{}, faultOf(err)
	}
	var sums struct {
		Runners, Completed, Best int
		Sum                      int64
	}
	err = r.db.WithContext(ctx).Raw(`SELECT count(DISTINCT user_id) AS runners,
		count(CASE WHEN course_completed AND course_duration_seconds IS NOT NULL THEN 1 END) AS completed,
		coalesce(sum(CASE WHEN course_completed THEN course_duration_seconds END), 0) AS sum,
		coalesce(min(CASE WHEN course_completed THEN course_duration_seconds END), 0) AS best
		FROM run_records WHERE course_id = ? AND `+ranked, column.IDOf(cid)).Scan(&sums).Error
	t := stats.CourseTotals{Runners: sums.Runners, CompletedRuns: sums.Completed, SumDurationSeconds: sums.Sum, BestDuration: sums.Best}
	for _, h := range hours {
		t.ByHour[h.LocalHour] = h.Runs
		t.Runs += h.Runs
	}
	return t, faultOf(err)
}

type statsRow struct {
	CourseID             column.ID[id.CourseKind] `gorm:"column:course_id;primaryKey"`
	TotalRuns            int
	UniqueRunners        int
	CompletedRuns        int
	SumDurationSeconds   int64
	AvgDurationSeconds   *int
	AvgPaceSecondsPerKM  *int `gorm:"column:avg_pace_seconds_per_km"`
	BestDurationSeconds  *int
	BestPaceSecondsPerKM *int `gorm:"column:best_pace_seconds_per_km"`
	CompletionRate       float32
	RunsByHour           column.JSON
	UpdatedAt            time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt            time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (statsRow) TableName() string { return "course_stats" }

// PutCourseStats implements ports.Boards.
func (r *repo) PutCourseStats(ctx context.Context, s stats.Course) error {
	hours := map[string]int{}
	for hour, runs := range s.RunsByHour {
		if runs > 0 {
			hours[strconv.Itoa(hour)] = runs
		}
	}
	doc, err := column.Encode(hours)
	if err != nil {
		return err
	}
	row := statsRow{
		CourseID: column.IDOf(s.CourseID), TotalRuns: s.TotalRuns, UniqueRunners: s.UniqueRunners,
		CompletedRuns: s.CompletedRuns, SumDurationSeconds: s.SumDurationSeconds,
		AvgDurationSeconds: s.AvgDurationSeconds, AvgPaceSecondsPerKM: s.AvgPaceSecondsPerKM,
		BestDurationSeconds: s.BestDurationSeconds, BestPaceSecondsPerKM: s.BestPaceSecondsPerKM,
		CompletionRate: s.CompletionRate, RunsByHour: doc, UpdatedAt: column.Stamp(s.UpdatedAt), CreatedAt: column.Stamp(s.UpdatedAt),
	}
	return faultOf(r.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "course_id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"total_runs", "unique_runners", "completed_runs", "sum_duration_seconds", "avg_duration_seconds", "avg_pace_seconds_per_km", "best_duration_seconds",
			"best_pace_seconds_per_km", "completion_rate", "runs_by_hour", "updated_at",
		}),
	}).Create(&row).Error)
}

// CourseStats implements ports.Boards.
func (r *repo) CourseStats(ctx context.Context, cid id.Course) (stats.Course, error) {
	var row statsRow
	err := r.db.WithContext(ctx).Take(&row, "course_id = ?", column.IDOf(cid)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return stats.Course{CourseID: cid}, nil
	}
	if err != nil {
		return stats.Course{}, faultOf(err)
	}
	s := stats.Course{
		CourseID: cid, TotalRuns: row.TotalRuns, UniqueRunners: row.UniqueRunners,
		CompletedRuns: row.CompletedRuns, SumDurationSeconds: row.SumDurationSeconds,
		AvgDurationSeconds: row.AvgDurationSeconds, AvgPaceSecondsPerKM: row.AvgPaceSecondsPerKM,
		BestDurationSeconds: row.BestDurationSeconds, BestPaceSecondsPerKM: row.BestPaceSecondsPerKM,
		CompletionRate: row.CompletionRate, UpdatedAt: row.UpdatedAt.UTC(),
	}
	hours := map[string]int{}
	if err := row.RunsByHour.Decode(&hours); err != nil {
		return s, err
	}
	for name, runs := range hours {
		hour, err := strconv.Atoi(name)
		if err != nil || hour < 0 || hour > 23 {
			return s, errors.New("course_stats.runs_by_hour has no hour " + name)
		}
		s.RunsByHour[hour] = runs
	}
	return s, nil
}
