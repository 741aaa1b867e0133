package app

import (
	"context"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// accessStore looks courses up without their lines.
type accessStore interface {
	CourseAccess(ctx context.Context, cid id.Course) (ports.CourseAccess, error)
}

// visible looks up a course that the viewer (zero = not signed in) may see; else
// course_not_found.
func visible(ctx context.Context, store accessStore, viewer id.User, cid id.Course) (ports.CourseAccess, error) {
	found, err := store.CourseAccess(ctx, cid)
	if err == nil && !found.VisibleTo(viewer) {
		err = course.ErrNotFound
	}
	return found, err
}
