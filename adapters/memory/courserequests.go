package memory

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

type requestKey struct {
	user id.User
	key  course.RequestHash
}

// PutCourseRequest implements ports.CourseRequests.
func (r *repo) PutCourseRequest(ctx context.Context, q ports.CourseRequest) error {
	return r.write(ctx, func(x *snapshot) error {
		switch {
		case !x.users.has(q.UserID):
			return errNoUser
		case !x.courses.has(q.CourseID):
			return errNoCourse
		}
		q.MadeAt = stamp(q.MadeAt)
		x.requests.put(requestKey{q.UserID, q.Key}, q)
		return nil
	})
}

// CourseRequest implements ports.CourseRequests.
func (r *repo) CourseRequest(ctx context.Context, uid id.User, key course.RequestHash, since time.Time) (q ports.CourseRequest, found bool, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		q, found = x.requests.get(requestKey{uid, key})
		if found && q.MadeAt.Before(stamp(since)) {
			q, found = ports.CourseRequest{}, false
		}
		return nil
	})
	return q, found, err
}

// ForgetCourseRequests implements ports.CourseRequests.
func (r *repo) ForgetCourseRequests(ctx context.Context, cid id.Course) error {
	return r.write(ctx, func(x *snapshot) error {
		x.dropRequests(x.requestsFor.collect(&x.requests, cid))
		return nil
	})
}

// PurgeCourseRequests implements ports.CourseRequests.
func (r *repo) PurgeCourseRequests(ctx context.Context, before time.Time) (purged int, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		var old []ports.CourseRequest
		for _, q := range x.requests.all() {
			if q.MadeAt.Before(stamp(before)) {
				old = append(old, q)
			}
		}
		x.dropRequests(old)
		purged = len(old)
		return nil
	})
	return purged, err
}

func (x *snapshot) dropRequests(old []ports.CourseRequest) {
	for _, q := range old {
		x.requests.delete(requestKey{q.UserID, q.Key})
	}
}
