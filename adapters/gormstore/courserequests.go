package gormstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

type courseRequestRow struct {
	UserID    column.ID[id.UserKind] `gorm:"primaryKey"`
	KeyHash   column.Digest          `gorm:"primaryKey"`
	BodyHash  column.Digest
	CourseID  column.ID[id.CourseKind]
	CreatedAt time.Time
}

// TableName implements gorm's Tabler.
func (courseRequestRow) TableName() string { return "course_requests" }

// PutCourseRequest implements ports.CourseRequests.
func (r *repo) PutCourseRequest(ctx context.Context, q ports.CourseRequest) error {
	row := courseRequestRow{
		UserID: column.IDOf(q.UserID), KeyHash: column.Digest(q.Key), BodyHash: column.Digest(q.Body), CourseID: column.IDOf(q.CourseID), CreatedAt: column.Stamp(q.MadeAt),
	}
	return faultOf(r.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "user_id"}, {Name: "key_hash"}}, DoUpdates: clause.AssignmentColumns([]string{"body_hash", "course_id", "created_at"}),
	}).Create(&row).Error)
}

// CourseRequest implements ports.CourseRequests.
func (r *repo) CourseRequest(ctx context.Context, uid id.User, key course.RequestHash, since time.Time) (q ports.CourseRequest, found bool, err error) {
	var row courseRequestRow
	err = r.db.WithContext(ctx).Take(&row, "user_id = ? AND key_hash = ? AND created_at >= ?", column.IDOf(uid), column.Digest(key), column.Stamp(since)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return q, false, nil
	}
	return ports.CourseRequest{
		Request: course.Request{Key: course.RequestHash(row.KeyHash), Body: course.RequestHash(row.BodyHash)},
		UserID:  row.UserID.ID, CourseID: row.CourseID.ID, MadeAt: row.CreatedAt.UTC(),
	}, err == nil, faultOf(err)
}

// ForgetCourseRequests implements ports.CourseRequests.
func (r *repo) ForgetCourseRequests(ctx context.Context, cid id.Course) error {
	return faultOf(r.db.WithContext(ctx).Exec("DELETE FROM course_requests WHERE course_id = ?", column.IDOf(cid)).Error)
}

// PurgeCourseRequests implements ports.CourseRequests.
func (r *repo) PurgeCourseRequests(ctx context.Context, before time.Time) (int, error) {
	gone := r.db.WithContext(ctx).Exec("DELETE FROM course_requests WHERE created_at < ?", column.Stamp(before))
	return int(gone.RowsAffected), faultOf(gone.Error)
}
