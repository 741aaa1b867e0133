package portstest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// named stores a runner who has a nickname and a picture, and returns what others
// see of them.
func named(t *testing.T, s ports.Store, account, nickname string) user.Person {
	t.Helper()
	u, err := s.User(ctx, newUser(t, s, account))
	ok(t, err)
	u.Nickname, u.AvatarID = user.RestoreNickname(nickname, strings.ToLower(nickname)), id.New[id.AvatarKind](ids{})
	ok(t, s.SaveUser(ctx, u))
	return user.Person{ID: u.ID, Nickname: nickname, AvatarID: u.AvatarID}
}

func courseAccess(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	hide := func(c *course.Course) { c.IsPublic = false }
	draw := func(c *course.Course) { c.ThumbnailDrawn, c.UpdatedAt = true, noon.Add(time.Hour) }
	for _, c := range []struct {
		name                    string
		course                  course.Course
		owner, another, anybody bool // may see it
	}{
		{"a public course", newCourse(t, f.Store, mina, draw), true, true, true},
		{"a private course", newCourse(t, f.Store, mina, hide), true, false, false},
		{"nobody's course", newCourse(t, f.Store, id.User{}, nil), true, true, true},
	} {
		got, err := f.Store.CourseAccess(ctx, c.course.ID)
		ok(t, err)
		equal(t, c.name, got, ports.CourseAccess{
			Access: course.Access{Owner: c.course.CreatorID, Public: c.course.IsPublic}, ID: c.course.ID, Start: c.course.Route.Start(),
			DistanceMeters: c.course.DistanceMeters, ThumbnailDrawn: c.course.ThumbnailDrawn, UpdatedAt: c.course.UpdatedAt,
		})
		equal(t, c.name+" is seen by", []bool{got.VisibleTo(mina), got.VisibleTo(joon), got.VisibleTo(id.User{})}, []bool{c.owner, c.another, c.anybody})
		equal(t, c.name+" is owned by", []bool{got.OwnedBy(mina), got.OwnedBy(joon), got.OwnedBy(id.User{})}, []bool{c.course.CreatorID == mina, false, false})
	}
	if got, err := f.Store.CourseAccess(ctx, id.New[id.CourseKind](ids{})); !errors.Is(err, course.ErrNotFound) {
		t.Errorf("an unknown course: %+v, %v", got, err)
	}
}

func courseLines(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	a := newCourse(t, f.Store, mina, nil)
	b := newCourse(t, f.Store, mina, nil, geo.MustPoint(1, 1), geo.MustPoint(1, 1.01))
	newCourse(t, f.Store, mina, nil)
	got, err := f.Store.CourseLines(ctx, []id.Course{b.ID, id.New[id.CourseKind](ids{}), a.ID})
	ok(t, err)
	if len(got) != 2 || !got[a.ID].Equal(a.Route) || !got[b.ID].Equal(b.Route) {
		t.Errorf("got %v", got)
	}
	got, err = f.Store.CourseLines(ctx, nil)
	ok(t, err)
	equal(t, "of none", len(got), 0)
}

func courseSummaries(t *testing.T, f Fixture) {
	mina := named(t, f.Store, "mina", "민아")
	plain := user.Person{ID: newUser(t, f.Store, "joon")}
	rec := newRecord(t, f.Store, attempt{owner: mina.ID})
	made := func(creator id.User, change func(*course.Course)) course.Course {
		return newCourse(t, f.Store, creator, change)
	}
	want := map[id.Course]ports.CourseSummary{}
	for i, c := range []struct {
		course  course.Course
		creator user.Person
	}{
		{made(mina.ID, func(c *course.Course) {
			c.RunRecordID, c.ThumbnailDrawn, c.UpdatedAt = rec.ID, true, noon.Add(time.Hour)
		}), mina},
		{made(plain.ID, func(c *course.Course) { c.EstimatedDurationSeconds, c.Description, c.Tags = nil, "", []string{} }), plain},
		{made(id.User{}, nil), user.Person{}},
	} {
		ok(t, f.Store.PutCourseStats(ctx, stats.Course{CourseID: c.course.ID, TotalRuns: i, UpdatedAt: noon}))
		want[c.course.ID] = ports.CourseSummary{
			ID: c.course.ID, Creator: c.creator, RunRecordID: c.course.RunRecordID, Title: c.course.Title, Description: c.course.Description,
			Start: c.course.Route.Start(), DistanceMeters: c.course.DistanceMeters, EstimatedDurationSeconds: c.course.EstimatedDurationSeconds,
			ElevationGainMeters: c.course.ElevationGainMeters, ThumbnailDrawn: c.course.ThumbnailDrawn, IsPublic: true, Tags: c.course.Tags,
			TotalRuns: i, CreatedAt: c.course.CreatedAt, UpdatedAt: c.course.UpdatedAt,
		}
	}
	for _, sort := range []ports.CourseSort{ports.NewestFirst, ports.PopularFirst, ports.ByDistance} {
		listed, _, err := f.Store.ListCourses(ctx, ports.CourseQuery{Sort: sort}, ports.Page{Limit: 10}, nil)
		ok(t, err)
		equal(t, "listed", len(listed), len(want))
		for _, got := range listed {
			equal(t, "a listed course", got, want[got.ID])
		}
	}
	for _, wholeRoute := range []bool{false, true} {
		near, err := f.Store.NearbyCourses(ctx, ports.NearbyQuery{Center: geo.MustPoint(37.5, 127), RadiusMeters: 100, Limit: 10, WholeRoute: wholeRoute})
		ok(t, err)
		equal(t, "nearby", len(near), len(want))
		for _, got := range near {
			equal(t, "a course nearby", got.CourseSummary, want[got.ID])
		}
	}
}

func runSummaries(t *testing.T, f Fixture) {
	mina := named(t, f.Store, "mina", "민아")
	plain := user.Person{ID: newUser(t, f.Store, "joon")}
	c := newCourse(t, f.Store, mina.ID, nil)
	for _, runner := range []user.Person{mina, plain} {
		for name, a := range map[string]attempt{
			"a free run": {meters: 1}, "a judged run": {course: c.ID, seconds: 300, meters: 2}, "a pending run": {course: c.ID, pending: true},
		} {
			a.owner = runner.ID
			rec := newRecord(t, f.Store, a)
			listed, _, err := f.Store.ListRecords(ctx, ports.RecordQuery{Owner: runner.ID, Page: ports.Page{Limit: 1}})
			ok(t, err)
			equal(t, name, listed, []ports.RunSummary{ports.SummaryOf(rec, runner)})
			ok(t, f.Store.DeleteRecord(ctx, rec.ID))
		}
	}
}
