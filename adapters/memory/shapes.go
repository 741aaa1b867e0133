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

// CountCourses implements ports.CourseShapes.
func (r *repo) CountCourses(ctx context.Context, creator id.User, since time.Time) (all, recent int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for _, c := range x.coursesOf.collect(&x.courses, creator) {
			all++
			if !c.CreatedAt.Before(stamp(since)) {
				recent++
			}
		}
		return nil
	})
	return all, recent, err
}
