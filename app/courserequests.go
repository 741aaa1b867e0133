package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// requestFor is a request to make a course of a run or of a file, as a repeat of it is
// known.
func requestFor(in NewCourse, of string) (r course.Request, err error) {
	if in.Key == "" {
		return r, nil
	}
	said := in
	said.Key = ""
	body, err := json.Marshal(struct {
		Of string
		NewCourse
	}{of, said})
	return course.Request{Key: sha256.Sum256([]byte(in.Key)), Body: sha256.Sum256(body)}, err
}

// requestStore looks up what came of requests.
type requestStore interface {
	CourseRequest(ctx context.Context, uid id.User, key course.RequestHash, since time.Time) (ports.CourseRequest, bool, error)
}

// madeOf returns which course came of a request that is repeated; zero for a new one.
// Fault: idempotency_key_conflict.
func (c *Courses) madeOf(ctx context.Context, store requestStore, uid id.User, r course.Request) (id.Course, error) {
	if !r.Named() {
		return id.Course{}, nil
	}
	before, found, err := store.CourseRequest(ctx, uid, r.Key, c.clock.Now().Add(-course.RequestKept))
	if err != nil || !found {
		return id.Course{}, err
	}
	return before.CourseID, r.CheckRepeat(before.Request)
}

// once makes a course of a run or of a file, unless an earlier request did.
func (c *Courses) once(ctx context.Context, uid id.User, in NewCourse, of string, make func(course.Request) (CourseView, error)) (CourseView, error) {
	asked, err := requestFor(in, of)
	if err != nil {
		return CourseView{}, err
	}
	before, err := c.madeOf(ctx, c.store, uid, asked)
	if err != nil {
		return CourseView{}, err
	}
	if !before.IsZero() {
		return c.repeated(ctx, uid, before)
	}
	return make(asked)
}

// repeated answers a request once more.
func (c *Courses) repeated(ctx context.Context, uid id.User, cid id.Course) (CourseView, error) {
	view, err := c.Get(ctx, uid, cid)
	if err != nil {
		return view, err
	}
	ready, err := c.prepared.of(ctx, view.Course)
	if err != nil {
		return view, err
	}
	hints := c.hints(ctx, view.Course, ready)
	view.Hints, view.Repeated = &hints, true
	return view, nil
}
