package gormstore

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

type rankingRow struct {
	ID                   uuid[id.RankingKind] `gorm:"column:id;primaryKey"`
	CourseID             uuid[id.CourseKind]
	UserID               uuid[id.UserKind]
	BestDurationSeconds  int
	BestPaceSecondsPerKM int `gorm:"column:best_pace_seconds_per_km"`
	RunCount             int
	Rank                 *int
	AchievedAt           time.Time
	UpdatedAt            time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt            time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (rankingRow) TableName() string { return "rankings" }

// boardRow is a ranking with the person.
type boardRow struct {
	Ranking   rankingRow `gorm:"embedded"`
	Nickname  *string
	AvatarURL *string
}

func (r boardRow) row() ports.BoardRow {
	return ports.BoardRow{
		Row: ranking.Row{
			CourseID: r.Ranking.CourseID.ID, UserID: r.Ranking.UserID.ID, BestDurationSeconds: r.Ranking.BestDurationSeconds,
			BestPaceSecondsPerKM: r.Ranking.BestPaceSecondsPerKM, RunCount: r.Ranking.RunCount, Rank: value(r.Ranking.Rank),
			AchievedAt: r.Ranking.AchievedAt.UTC(),
		},
		Person: user.Person{ID: r.Ranking.UserID.ID, Nickname: value(r.Nickname), AvatarURL: value(r.AvatarURL)},
	}
}

const completedRuns = "course_id = ? AND user_id = ? AND processing = 'done' AND course_completed AND course_duration_seconds IS NOT NULL"

// BestAttempt implements ports.Boards.
func (r *repo) BestAttempt(ctx context.Context, c course.Course, uid id.User) (ranking.Row, bool, error) {
	var best recordRow
	err := r.db.WithContext(ctx).Select("id", "course_duration_seconds", "finished_at").
		Where(completedRuns, key(c.ID), key(uid)).Order("course_duration_seconds, finished_at, id").Take(&best).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ranking.Row{}, false, nil
	}
	if err != nil {
		return ranking.Row{}, false, faultOf(err)
	}
	var count int64
	if err := r.db.WithContext(ctx).Model(&recordRow{}).Where(completedRuns, key(c.ID), key(uid)).Count(&count).Error; err != nil {
		return ranking.Row{}, false, faultOf(err)
	}
	seconds := *best.CourseDurationSeconds
	return ranking.Row{
		CourseID: c.ID, UserID: uid, BestDurationSeconds: seconds,
		BestPaceSecondsPerKM: ranking.Pace(seconds, c.DistanceMeters),
		RunCount:             int(count), AchievedAt: best.FinishedAt.UTC(),
	}, true, nil
}

// PutRanking implements ports.Boards.
func (r *repo) PutRanking(ctx context.Context, row ranking.Row, now time.Time) error {
	return faultOf(r.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "course_id"}, {Name: "user_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"best_duration_seconds", "best_pace_seconds_per_km", "run_count", "achieved_at", "updated_at"}),
	}).Create(&rankingRow{
		ID: newKey[id.RankingKind](), CourseID: key(row.CourseID), UserID: key(row.UserID),
		BestDurationSeconds: row.BestDurationSeconds, BestPaceSecondsPerKM: row.BestPaceSecondsPerKM,
		RunCount: row.RunCount, AchievedAt: stamp(row.AchievedAt), UpdatedAt: stamp(now), CreatedAt: stamp(now),
	}).Error)
}

// DropRanking implements ports.Boards.
func (r *repo) DropRanking(ctx context.Context, cid id.Course, uid id.User) error {
	return faultOf(r.db.WithContext(ctx).Exec("DELETE FROM rankings WHERE course_id = ? AND user_id = ?", key(cid), key(uid)).Error)
}

// Rerank implements ports.Boards. Only rows whose rank changes are written.
func (r *repo) Rerank(ctx context.Context, cid id.Course) error {
	return faultOf(r.db.WithContext(ctx).Exec(`UPDATE rankings SET rank = r.place FROM (
			SELECT id, rank() OVER (ORDER BY best_duration_seconds) AS place FROM rankings WHERE course_id = ?
		) AS r WHERE rankings.id = r.id AND rankings.rank IS DISTINCT FROM r.place`, key(cid)).Error)
}

func (r *repo) board(ctx context.Context, cid id.Course) *gorm.DB {
	return r.db.WithContext(ctx).Table("rankings").Select("rankings.*, users.nickname, users.avatar_url").
		Joins("JOIN users ON users.id = rankings.user_id").Where("rankings.course_id = ?", key(cid))
}

func (r *repo) boardSize(ctx context.Context, cid id.Course) (int, error) {
	var total int64
	err := r.db.WithContext(ctx).Model(&rankingRow{}).Where("course_id = ?", key(cid)).Count(&total).Error
	return int(total), faultOf(err)
}

const (
	boardOrder   = "rankings.best_duration_seconds, rankings.achieved_at, rankings.user_id"
	boardReverse = "rankings.best_duration_seconds DESC, rankings.achieved_at DESC, rankings.user_id DESC"
	behindKey    = "(rankings.best_duration_seconds, rankings.achieved_at, rankings.user_id) > (?, ?, ?)"
	beforeKey    = "(rankings.best_duration_seconds, rankings.achieved_at, rankings.user_id) < (?, ?, ?)"
)

func rowsOf(rows []boardRow) []ports.BoardRow {
	out := make([]ports.BoardRow, len(rows))
	for i, row := range rows {
		out[i] = row.row()
	}
	return out
}

// Board implements ports.Boards.
func (r *repo) Board(ctx context.Context, cid id.Course, page ports.Page, after *ports.BoardKey) ([]ports.BoardRow, int, error) {
	total, err := r.boardSize(ctx, cid)
	if err != nil {
		return nil, 0, err
	}
	q := r.board(ctx, cid).Order(boardOrder).Limit(page.Limit)
	if after != nil {
		q = q.Where(behindKey, after.BestDurationSeconds, stamp(after.AchievedAt), key(after.UserID))
	} else {
		q = q.Offset(page.Offset)
	}
	var rows []boardRow
	err = q.Find(&rows).Error
	return rowsOf(rows), total, faultOf(err)
}

// BoardRow implements ports.Boards.
func (r *repo) BoardRow(ctx context.Context, cid id.Course, uid id.User) (ports.BoardRow, bool, error) {
	var row boardRow
	err := r.board(ctx, cid).Where("rankings.user_id = ?", key(uid)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ports.BoardRow{}, false, nil
	}
	return row.row(), err == nil, faultOf(err)
}

// BoardAround implements ports.Boards.
func (r *repo) BoardAround(ctx context.Context, cid id.Course, uid id.User, n int) ([]ports.BoardRow, int, error) {
	total, err := r.boardSize(ctx, cid)
	if err != nil {
		return nil, 0, err
	}
	me, ok, err := r.BoardRow(ctx, cid, uid)
	if err != nil || !ok {
		return []ports.BoardRow{}, total, err
	}
	var before, behind []boardRow
	at := []any{me.BestDurationSeconds, stamp(me.AchievedAt), key(uid)}
	if n > 0 {
		if err := r.board(ctx, cid).Where(beforeKey, at...).Order(boardReverse).Limit(n).Find(&before).Error; err != nil {
			return nil, 0, faultOf(err)
		}
		if err := r.board(ctx, cid).Where(behindKey, at...).Order(boardOrder).Limit(n).Find(&behind).Error; err != nil {
			return nil, 0, faultOf(err)
		}
	}
	out := make([]ports.BoardRow, 0, len(before)+1+len(behind))
	for i := len(before) - 1; i >= 0; i-- {
		out = append(out, before[i].row())
	}
	out = append(out, me)
	return append(out, rowsOf(behind)...), total, nil
}

// CourseTotals implements ports.Boards.
func (r *repo) CourseTotals(ctx context.Context, cid id.Course) (stats.CourseTotals, error) {
	var hours []struct {
		LocalHour int
		Runs      int
	}
	err := r.db.WithContext(ctx).Raw(`SELECT local_hour, count(*) AS runs FROM run_records
		WHERE course_id = ? AND processing = 'done' GROUP BY local_hour`, key(cid)).Scan(&hours).Error
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
		FROM run_records WHERE course_id = ? AND processing = 'done'`, key(cid)).Scan(&sums).Error
	t := stats.CourseTotals{Runners: sums.Runners, CompletedRuns: sums.Completed, SumDurationSeconds: sums.Sum, BestDuration: sums.Best}
	for _, h := range hours {
		t.ByHour[h.LocalHour] = h.Runs
		t.Runs += h.Runs
	}
	return t, faultOf(err)
}

type statsRow struct {
	CourseID             uuid[id.CourseKind] `gorm:"column:course_id;primaryKey"`
	TotalRuns            int
	UniqueRunners        int
	AvgDurationSeconds   *int
	AvgPaceSecondsPerKM  *int `gorm:"column:avg_pace_seconds_per_km"`
	BestDurationSeconds  *int
	BestPaceSecondsPerKM *int `gorm:"column:best_pace_seconds_per_km"`
	CompletionRate       float32
	RunsByHour           document
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
	doc, err := encode(hours)
	if err != nil {
		return err
	}
	row := statsRow{
		CourseID: key(s.CourseID), TotalRuns: s.TotalRuns, UniqueRunners: s.UniqueRunners,
		AvgDurationSeconds: s.AvgDurationSeconds, AvgPaceSecondsPerKM: s.AvgPaceSecondsPerKM,
		BestDurationSeconds: s.BestDurationSeconds, BestPaceSecondsPerKM: s.BestPaceSecondsPerKM,
		CompletionRate: s.CompletionRate, RunsByHour: doc, UpdatedAt: stamp(s.UpdatedAt), CreatedAt: stamp(s.UpdatedAt),
	}
	return faultOf(r.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "course_id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"total_runs", "unique_runners", "avg_duration_seconds", "avg_pace_seconds_per_km", "best_duration_seconds",
			"best_pace_seconds_per_km", "completion_rate", "runs_by_hour", "updated_at",
		}),
	}).Create(&row).Error)
}

// CourseStats implements ports.Boards.
func (r *repo) CourseStats(ctx context.Context, cid id.Course) (stats.Course, error) {
	var row statsRow
	err := r.db.WithContext(ctx).Take(&row, "course_id = ?", key(cid)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return stats.Course{CourseID: cid}, nil
	}
	if err != nil {
		return stats.Course{}, faultOf(err)
	}
	s := stats.Course{
		CourseID: cid, TotalRuns: row.TotalRuns, UniqueRunners: row.UniqueRunners,
		AvgDurationSeconds: row.AvgDurationSeconds, AvgPaceSecondsPerKM: row.AvgPaceSecondsPerKM,
		BestDurationSeconds: row.BestDurationSeconds, BestPaceSecondsPerKM: row.BestPaceSecondsPerKM,
		CompletionRate: row.CompletionRate, UpdatedAt: row.UpdatedAt.UTC(),
	}
	hours := map[string]int{}
	if err := row.RunsByHour.decode(&hours); err != nil {
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
