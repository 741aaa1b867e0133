package gormstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

type shapeRow struct {
	CourseID      column.ID[id.CourseKind] `gorm:"column:course_id;primaryKey"`
	RuleVersion   string
	CurveSections column.JSON
	Corridor      string
	UpdatedAt     time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (shapeRow) TableName() string { return "course_shapes" }

// PutCourseShape implements ports.CourseShapes.
func (r *repo) PutCourseShape(ctx context.Context, s ports.CourseShape, now time.Time) error {
	row := shapeRow{CourseID: column.IDOf(s.CourseID), RuleVersion: s.RuleVersion, Corridor: string(s.Corridor), UpdatedAt: column.Stamp(now), CreatedAt: column.Stamp(now)}
	var err error
	if row.CurveSections, err = column.Encode(listOf(sectionJSONOf)(s.Sections)); err != nil {
		return err
	}
	err = faultOf(r.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "course_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"rule_version", "curve_sections", "corridor", "updated_at"}),
	}).Create(&row).Error)
	if errors.Is(err, gorm.ErrForeignKeyViolated) {
		return course.ErrNotFound
	}
	return err
}

// CourseShape implements ports.CourseShapes.
func (r *repo) CourseShape(ctx context.Context, cid id.Course) (ports.CourseShape, error) {
	s := ports.CourseShape{CourseID: cid}
	var row shapeRow
	err := r.db.WithContext(ctx).Take(&row, "course_id = ?", column.IDOf(cid)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return s, nil
	}
	if err != nil {
		return s, faultOf(err)
	}
	s.RuleVersion, s.Corridor = row.RuleVersion, ports.CorridorState(row.Corridor)
	return s, decodeAs(row.CurveSections, listOf(sectionJSON.section), &s.Sections)
}

// CountCourses implements ports.Courses.
func (r *repo) CountCourses(ctx context.Context, creator id.User) (n int, err error) {
	err = r.db.WithContext(ctx).Raw("SELECT count(*) FROM courses WHERE creator_id = ?", column.IDOf(creator)).Scan(&n).Error
	return n, faultOf(err)
}

// CountNewCourse implements ports.Courses.
func (r *repo) CountNewCourse(ctx context.Context, creator id.User, now time.Time, day time.Duration) (n int, err error) {
	err = r.inTx(ctx, func(tx *repo) error { // it writes, though it reads like a query
		return tx.db.WithContext(ctx).Raw(`UPDATE users SET
			course_quota_used = CASE WHEN course_quota_from > @begun THEN course_quota_used + 1 ELSE 1 END,
			course_quota_from = CASE WHEN course_quota_from > @begun THEN course_quota_from ELSE @now END
			WHERE id = @id RETURNING course_quota_used`,
			sql.Named("begun", column.Stamp(now.Add(-day))), sql.Named("now", column.Stamp(now)), sql.Named("id", column.IDOf(creator))).Scan(&n).Error
	})
	return n, faultOf(err)
}
