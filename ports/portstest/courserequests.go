package portstest

import (
	"testing"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

func courseRequests(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	one, two := newCourse(t, f.Store, mina, nil), newCourse(t, f.Store, mina, nil)
	put := func(uid id.User, key byte, c course.Course, at time.Time) ports.CourseRequest {
		r := ports.CourseRequest{Request: course.Request{Key: course.RequestHash{key}, Body: course.RequestHash{key, 1}}, UserID: uid, CourseID: c.ID, MadeAt: at}
		ok(t, f.Store.PutCourseRequest(ctx, r))
		return r
	}
	of := func(uid id.User, key byte, since time.Time) (ports.CourseRequest, bool) {
		r, found, err := f.Store.CourseRequest(ctx, uid, course.RequestHash{key}, since)
		ok(t, err)
		return r, found
	}
	first := put(mina, 1, one, noon)
	got, found := of(mina, 1, noon)
	equal(t, "found", found, true)
	equal(t, "the request", got, first)
	for _, c := range []struct {
		uid   id.User
		key   byte
		since time.Time
	}{{joon, 1, noon}, {mina, 2, noon}, {mina, 1, noon.Add(time.Second)}} {
		if r, found := of(c.uid, c.key, c.since); found {
			t.Errorf("another request is found: %+v", r)
		}
	}
	put(joon, 1, one, noon) // keys are each person's own
	again := put(mina, 1, two, noon.Add(time.Hour))
	got, _ = of(mina, 1, noon)
	equal(t, "the later request of the key", got, again)

	n, err := f.Store.PurgeCourseRequests(ctx, noon.Add(time.Hour))
	ok(t, err)
	equal(t, "purged", n, 1) // joon's
	if _, found := of(joon, 1, noon); found {
		t.Error("an old request is kept")
	}
	put(mina, 2, one, noon)
	ok(t, f.Store.ForgetCourseRequests(ctx, one.ID))
	_, forgotten := of(mina, 2, noon)
	_, kept := of(mina, 1, noon)
	equal(t, "of the forgotten course, of the other", []bool{forgotten, kept}, []bool{false, true})
	ok(t, f.Store.DeleteCourse(ctx, two.ID))
	if _, found := of(mina, 1, noon); found {
		t.Error("a request is kept whose course is gone")
	}
	put(joon, 3, one, noon)
	ok(t, f.Store.DeleteUser(ctx, joon))
	if _, found := of(joon, 3, noon); found {
		t.Error("a request is kept whose person is gone")
	}
}
