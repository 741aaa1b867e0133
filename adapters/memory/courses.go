package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

var (
	errNoCourse = errors.New("memory: a row refers to a course that is not there")
	errNoLine   = errors.New("memory: a course has no line")
	errNobodys  = errors.New("memory: a private course must be somebody's, and a retired one nobody's")
)

// InsertCourse implements ports.Courses.
func (r *repo) InsertCourse(ctx context.Context, c course.Course) error {
	return r.InsertCourses(ctx, []course.Course{c})
}

// InsertCourses implements ports.Courses.
func (r *repo) InsertCourses(ctx context.Context, courses []course.Course) error {
	return r.write(ctx, func(x *snapshot) error {
		for _, c := range courses {
			switch {
			case x.courses.has(c.ID):
				return errTaken
			case c.Route.IsZero():
				return errNoLine
			case !c.Access().Whole():
				return errNobodys
			case !c.CreatorID.IsZero() && !x.users.has(c.CreatorID):
				return errNoUser
			case !c.RunRecordID.IsZero() && !x.records.has(c.RunRecordID):
				return errNoRecord
			}
			x.courses.put(c.ID, courseRowOf(cloneCourse(c)))
		}
		return nil
	})
}

// Course implements ports.Courses.
func (r *repo) Course(ctx context.Context, cid id.Course) (c course.Course, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		row, ok := x.courses.get(cid)
		if !ok {
			return course.ErrNotFound
		}
		c = cloneCourse(row.Course)
		return nil
	})
	return c, err
}

// LockCourse implements ports.Courses. Every transaction is alone already.
func (r *repo) LockCourse(ctx context.Context, cid id.Course) (course.Course, error) {
	return r.Course(ctx, cid)
}

// SaveCourse implements ports.Courses.
func (r *repo) SaveCourse(ctx context.Context, c course.Course) error {
	return r.write(ctx, func(x *snapshot) error {
		row, ok := x.courses.get(c.ID)
		if !ok {
			return nil
		}
		saved := cloneCourse(c)
		switch {
		case !saved.Access().Whole():
			return errNobodys
		case !saved.CreatorID.IsZero() && !x.users.has(saved.CreatorID):
			return errNoUser
		}
		row.Title, row.folded = saved.Title, course.FoldTitle(saved.Title)
		row.CreatorID, row.IsPublic, row.Retired = saved.CreatorID, saved.IsPublic, saved.Retired
		row.Description, row.Tags = saved.Description, saved.Tags
		row.ThumbnailDrawn, row.UpdatedAt = saved.ThumbnailDrawn, saved.UpdatedAt
		x.courses.put(row.ID, row)
		return nil
	})
}

// ReplaceRoute implements ports.Courses.
func (r *repo) ReplaceRoute(ctx context.Context, c course.Course) error {
	return r.write(ctx, func(x *snapshot) error {
		row, ok := x.courses.get(c.ID)
		if !ok {
			return nil
		}
		saved, next := cloneCourse(c), row.Course
		next.RunRecordID, next.Route, next.DistanceMeters, next.EstimatedDurationSeconds = saved.RunRecordID, saved.Route, saved.DistanceMeters, saved.EstimatedDurationSeconds
		next.ElevationGainMeters, next.ElevationProfile = saved.ElevationGainMeters, saved.ElevationProfile
		next.ThumbnailDrawn, next.UpdatedAt = saved.ThumbnailDrawn, saved.UpdatedAt
		x.courses.put(row.ID, courseRowOf(next))
		x.shapes.delete(row.ID)
		return nil
	})
}

// DeleteCourse implements ports.Courses.
func (r *repo) DeleteCourse(ctx context.Context, cid id.Course) error {
	return r.write(ctx, func(x *snapshot) error {
		if !x.courses.has(cid) {
			return nil
		}
		for _, rec := range x.recordsOn.collect(&x.records, cid) {
			x.records.put(rec.ID, rec.Detached())
		}
		for _, s := range x.sessionsOn.collect(&x.sessions, cid) {
			s.CourseID = id.Course{}
			x.sessions.put(s.ID, s)
		}
		for _, row := range x.placesOn.collect(&x.rankings, cid) {
			x.rankings.delete(placeKey{boardKey{cid, row.Period}, row.UserID})
		}
		x.stats.delete(cid)
		x.shapes.delete(cid)
		x.dropRequests(x.requestsFor.collect(&x.requests, cid))
		x.courses.delete(cid)
		return nil
	})
}

// CompletedByOthers implements ports.Courses.
func (r *repo) CompletedByOthers(ctx context.Context, cid id.Course, maker id.User) (completed bool, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		completed = x.completedByOthers(cid, maker)
		return nil
	})
	return completed, err
}

func (x *snapshot) completedByOthers(cid id.Course, maker id.User) bool {
	for rec := range x.recordsOn.of(&x.records, cid) {
		if rec.UserID != maker && rec.Result != nil && rec.Result.Completed {
			return true
		}
	}
	return false
}

// totalRuns returns what a course's statistics say.
func (x *snapshot) totalRuns(cid id.Course) int {
	s, _ := x.stats.get(cid)
	return s.TotalRuns
}

// summary makes a summary of a row, which it shares nothing with.
func (x *snapshot) summary(row courseRow) ports.CourseSummary {
	return ports.CourseSummary{
		ID: row.ID, Creator: x.person(row.CreatorID), RunRecordID: row.RunRecordID, Title: row.Title, Description: row.Description,
		Start: row.Route.Start(), DistanceMeters: row.DistanceMeters, EstimatedDurationSeconds: pointer(row.EstimatedDurationSeconds),
		ElevationGainMeters: row.ElevationGainMeters, ThumbnailDrawn: row.ThumbnailDrawn, IsPublic: row.IsPublic,
		Tags: slices.Clone(row.Tags), TotalRuns: x.totalRuns(row.ID), CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
	}
}

// CourseAccess implements ports.Courses.
func (r *repo) CourseAccess(ctx context.Context, cid id.Course) (a ports.CourseAccess, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		row, ok := x.courses.get(cid)
		if !ok {
			return course.ErrNotFound
		}
		a = ports.CourseAccess{
			Access: row.Access(), ID: row.ID, Start: row.Route.Start(), DistanceMeters: row.DistanceMeters,
			ThumbnailDrawn: row.ThumbnailDrawn, UpdatedAt: row.UpdatedAt,
		}
		return nil
	})
	return a, err
}

// CourseLines implements ports.Courses.
func (r *repo) CourseLines(ctx context.Context, ids []id.Course) (map[id.Course]geo.Line, error) {
	lines := map[id.Course]geo.Line{}
	err := r.read(ctx, func(x *snapshot) error {
		for _, cid := range ids {
			if row, ok := x.courses.get(cid); ok {
				lines[cid] = row.Route
			}
		}
		return nil
	})
	return lines, err
}

// listed is a course of a list before it is a summary.
type listed struct {
	courseRow
	runs int
}

// ListCourses implements ports.Courses.
func (r *repo) ListCourses(ctx context.Context, q ports.CourseQuery, page ports.Page, after *ports.CourseKey) (list []ports.CourseSummary, total int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var rows []listed
		title := course.FoldTitle(q.TitleContains)
		for _, row := range x.courses.all() {
			if row.Access().ListedFor(q.Viewer) && matches(row, q, title) {
				rows = append(rows, listed{row, x.totalRuns(row.ID)})
			}
		}
		slices.SortFunc(rows, order(q.Sort))
		total = len(rows)
		if after != nil {
			key := listed{runs: after.TotalRuns}
			key.ID, key.CreatedAt, key.DistanceMeters = after.ID, stamp(after.CreatedAt), after.DistanceMeters
			at, found := slices.BinarySearchFunc(rows, key, order(q.Sort))
			if found {
				at++
			}
			rows, page.Offset = rows[at:], 0
		}
		for _, row := range stretch(rows, page) {
			list = append(list, x.summary(row.courseRow))
		}
		return nil
	})
	return list, total, err
}

func matches(c courseRow, q ports.CourseQuery, title string) bool {
	switch {
	case !q.Creator.IsZero() && c.CreatorID != q.Creator,
		q.Tag != "" && !slices.Contains(c.Tags, q.Tag),
		title != "" && !strings.Contains(c.folded, title),
		q.MinDistanceMeters != nil && c.DistanceMeters < *q.MinDistanceMeters,
		q.MaxDistanceMeters != nil && c.DistanceMeters > *q.MaxDistanceMeters:
		return false
	}
	return true
}

func order(sort ports.CourseSort) func(a, b listed) int {
	switch sort {
	case ports.PopularFirst:
		return func(a, b listed) int {
			return cmp.Or(cmp.Compare(course.Prominence(b.runs, b.ID), course.Prominence(a.runs, a.ID)), b.ID.Compare(a.ID))
		}
	case ports.ByDistance:
		return func(a, b listed) int {
			return cmp.Or(cmp.Compare(a.DistanceMeters, b.DistanceMeters), a.ID.Compare(b.ID))
		}
	}
	return func(a, b listed) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID)) }
}
