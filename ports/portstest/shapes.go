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
	for i := range 5 {
		newCourse(t, f.Store, mina, func(c *course.Course) { c.CreatedAt = noon.Add(-time.Duration(i) * time.Hour) })
	}
	newCourse(t, f.Store, joon, nil)
	for _, c := range []struct {
		who         id.User
		since       time.Duration
		all, recent int
	}{{mina, 2 * time.Hour, 5, 3}, {mina, 24 * time.Hour, 5, 5}, {mina, -time.Hour, 5, 0}, {joon, time.Hour, 1, 1}, {newUser(t, f.Store, "none"), time.Hour, 0, 0}} {
		all, recent, err := f.Store.CountCourses(ctx, c.who, noon.Add(-c.since))
		if err != nil || all != c.all || recent != c.recent {
			t.Errorf("since %s before: %d, %d of late, %v; want %d, %d", c.since, all, recent, err, c.all, c.recent)
		}
	}
}
