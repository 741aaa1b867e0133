package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
)

// CourseRequests remembers which courses came of requests with an Idempotency-Key. A
// person has no more of them than courses made within course.RequestKept, which a
// quota bounds. A request goes with its person, and with its course.
type CourseRequests interface {
	// PutCourseRequest stores what came of a request, in place of an older one of the
	// person's with this key. The caller holds the person's lock.
	PutCourseRequest(ctx context.Context, r CourseRequest) error
	// CourseRequest returns a person's request with a key, made no earlier than since;
	// found is false when there is none.
	CourseRequest(ctx context.Context, uid id.User, key course.RequestHash, since time.Time) (r CourseRequest, found bool, err error)
	// ForgetCourseRequests forgets who asked for a course.
	ForgetCourseRequests(ctx context.Context, cid id.Course) error
	// PurgeCourseRequests forgets requests made before a time, and returns how many
	// went.
	PurgeCourseRequests(ctx context.Context, before time.Time) (int, error)
}

// CourseRequest is a request that made a course.
type CourseRequest struct {
	course.Request
	UserID   id.User
	CourseID id.Course
	MadeAt   time.Time
}
