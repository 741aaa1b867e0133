package portstest

import (
	"testing"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/ports"
)

func courseShapes(t *testing.T, f Fixture) {
	c := newCourse(t, f.Store, newUser(t, f.Store, "mina"), nil)
	got, err := f.Store.CourseShape(ctx, c.ID)
	ok(t, err)
	equal(t, "of a course without one", got, ports.CourseShape{CourseID: c.ID})
	want := ports.CourseShape{CourseID: c.ID, RuleVersion: "test-1", Sections: []judge.Section{{FromMeters: 1.25, ToMeters: 70}, {FromMeters: 100, ToMeters: 200}}}
	ok(t, f.Store.PutCourseShape(ctx, want, noon))
	got, err = f.Store.CourseShape(ctx, c.ID)
	ok(t, err)
	equal(t, "the first", got, want)
	want = ports.CourseShape{CourseID: c.ID, RuleVersion: "test-2", Sections: []judge.Section{}, Corridor: ports.CorridorDrawn}
	ok(t, f.Store.PutCourseShape(ctx, want, noon.Add(time.Hour)))
	got, err = f.Store.CourseShape(ctx, c.ID)
	ok(t, err)
	if len(got.Sections) != 0 || got.RuleVersion != want.RuleVersion || got.Corridor != want.Corridor {
		t.Errorf("a replaced shape is %+v", got)
	}
	stranger := id.New[id.CourseKind](ids{})
	if err := f.Store.PutCourseShape(ctx, ports.CourseShape{CourseID: stranger, RuleVersion: "x"}, noon); !fault.HasCode(err, course.ErrNotFound.Code) {
		t.Errorf("a shape of no course: %v", err)
	}
	ok(t, f.Store.DeleteCourse(ctx, c.ID))
	got, err = f.Store.CourseShape(ctx, c.ID)
	ok(t, err)
	equal(t, "of a deleted course", got, ports.CourseShape{CourseID: c.ID})
}

func courseCounts(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	var made []id.Course
	for range 3 {
		made = append(made, newCourse(t, f.Store, mina, nil).ID)
	}
	newCourse(t, f.Store, joon, nil)
	ok(t, f.Store.DeleteCourse(ctx, made[0]))
	for uid, want := range map[id.User]int{mina: 2, joon: 1, newUser(t, f.Store, "none"): 0} {
		n, err := f.Store.CountCourses(ctx, uid)
		ok(t, err)
		equal(t, "courses", n, want)
	}
	const day = 24 * time.Hour
	for _, c := range []struct {
		who   id.User
		after time.Duration
		want  int
	}{{mina, 0, 1}, {mina, time.Hour, 2}, {joon, time.Hour, 1}, {mina, day - time.Second, 3}, {mina, day, 1}, {mina, day + time.Hour, 2}, {mina, 3 * day, 1}} {
		n, err := f.Store.CountNewCourse(ctx, c.who, noon.Add(c.after), day)
		ok(t, err)
		equal(t, "made in a day, after "+c.after.String(), n, c.want)
	}
}
