package memory

import (
	"context"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// PutCourseShape implements ports.CourseShapes.
func (r *repo) PutCourseShape(ctx context.Context, s ports.CourseShape, _ time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		if !x.courses.has(s.CourseID) {
			return course.ErrNotFound
		}
		s.Sections = slices.Clone(s.Sections)
		x.shapes.put(s.CourseID, s)
		return nil
	})
}

// CourseShape implements ports.CourseShapes.
func (r *repo) CourseShape(ctx context.Context, cid id.Course) (s ports.CourseShape, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		s, _ = x.shapes.get(cid)
		s.CourseID, s.Sections = cid, slices.Clone(s.Sections)
		return nil
	})
	return s, err
}

// CountCourses implements ports.Courses.
func (r *repo) CountCourses(ctx context.Context, creator id.User) (n int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		n = len(x.coursesOf.collect(&x.courses, creator))
		return nil
	})
	return n, err
}

// quotaRow is how many courses somebody has made since the beginning of their day.
type quotaRow struct {
	from time.Time
	used int
}

// CountNewCourse implements ports.Courses.
func (r *repo) CountNewCourse(ctx context.Context, creator id.User, now time.Time, day time.Duration) (n int, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		q, ok := x.quotas.get(creator)
		if !ok || !q.from.After(stamp(now.Add(-day))) {
			q = quotaRow{from: stamp(now)}
		}
		q.used++
		x.quotas.put(creator, q)
		n = q.used
		return nil
	})
	return n, err
}
