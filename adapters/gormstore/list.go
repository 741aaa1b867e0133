package gormstore

import (
	"context"
	"strings"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/ports"
)

// manyCourses is from how many matches on a list is walked in its order, asking
// each course whether it matches, instead of being sorted: with as many there
// are, the next that matches is never far.
const manyCourses = 2000

// listOrder is how an order of courses is written in SQL: by key, then by id.
type listOrder struct {
	key, direction string
	joins          string // to the table that has the key
	public         string // what the key's index has as its condition
}

func (r *repo) orderOf(sort ports.CourseSort) listOrder {
	switch sort {
	case ports.PopularFirst:
		return listOrder{"course_map.prominence", " DESC", " JOIN course_map ON " + r.dialect.mapped(), "course_map.is_public"}
	case ports.ByDistance:
		return listOrder{"courses.distance_meters", "", "", "courses.is_public"}
	}
	return listOrder{"courses.created_at", " DESC", "", "courses.is_public"}
}

// by is the order of columns.
func (o listOrder) by(key, id string) string { return key + o.direction + ", " + id + o.direction }

// place selects a course's place in the order.
func (o listOrder) place() string {
	return "SELECT courses.id AS course_id, " + o.key + " AS place FROM "
}

// behind is a condition that a course comes after a key.
func (o listOrder) behind(sort ports.CourseSort, after ports.CourseKey) (condition string, args []any) {
	compare := " > (?, ?)"
	if o.direction != "" {
		compare = " < (?, ?)"
	}
	condition = "(" + o.key + ", courses.id)" + compare
	switch sort {
	case ports.PopularFirst:
		return condition, []any{course.Prominence(after.TotalRuns, after.ID), column.IDOf(after.ID)}
	case ports.ByDistance:
		return condition, []any{after.DistanceMeters, column.IDOf(after.ID)}
	}
	return condition, []any{column.Stamp(after.CreatedAt), column.IDOf(after.ID)}
}

// matching is what a query asks of courses that are visible by a condition. With
// indexed, indexes find all of them; else each course is asked.
func (r *repo) matching(q ports.CourseQuery, indexed bool, visible string, args ...any) conditions {
	c := conditions{sql: []string{visible}, args: args}
	if !q.Creator.IsZero() {
		c.add("courses.creator_id = ?", column.IDOf(q.Creator))
	}
	if q.Tag != "" {
		condition, args := r.dialect.hasTag(q.Tag, indexed)
		c.add(condition, args...)
	}
	if q.TitleContains != "" {
		condition, args := r.dialect.titleContains(course.FoldTitle(q.TitleContains), indexed)
		c.add(condition, args...)
	}
	if q.MinDistanceMeters != nil {
		c.add("courses.distance_meters >= ?", *q.MinDistanceMeters)
	}
	if q.MaxDistanceMeters != nil {
		c.add("courses.distance_meters <= ?", *q.MaxDistanceMeters)
	}
	return c
}

// ownPrivate is what a query matches of the viewer's own private courses.
func (r *repo) ownPrivate(q ports.CourseQuery) conditions {
	return r.matching(q, false, "NOT courses.is_public AND courses.creator_id = ?", column.IDOf(q.Viewer))
}

// sorted selects the places of few matches: all are found, then sorted.
func (r *repo) sorted(q ports.CourseQuery, o listOrder) (sql string, args []any) {
	public := r.matching(q, true, "courses.is_public")
	sql, args = "SELECT id FROM courses WHERE "+public.all(), public.args
	if !q.Viewer.IsZero() {
		own := r.ownPrivate(q)
		sql, args = sql+" UNION ALL SELECT id FROM courses WHERE "+own.all(), append(args, own.args...)
	}
	return "WITH found AS MATERIALIZED (" + sql + ") " + o.place() + "found JOIN courses ON courses.id = found.id" + o.joins, args
}

// walked selects the places of up to n matches in their order, behind a key.
func (r *repo) walked(q ports.CourseQuery, o listOrder, after *ports.CourseKey, n int) (sql string, args []any) {
	var parts []string
	part := func(c conditions) {
		if after != nil {
			condition, args := o.behind(q.Sort, *after)
			c.add(condition, args...)
		}
		parts = append(parts, "SELECT * FROM ("+o.place()+"courses"+o.joins+" WHERE "+c.all()+" ORDER BY "+o.by(o.key, "courses.id")+" LIMIT ?) AS part")
		args = append(append(args, c.args...), n)
	}
	part(r.matching(q, false, o.public))
	if !q.Viewer.IsZero() {
		part(r.ownPrivate(q))
	}
	return strings.Join(parts, " UNION ALL "), args
}

// ListCourses implements ports.Courses. Few matches are found by the indexes of
// what is asked, and sorted; many are met by walking the index of the order.
func (r *repo) ListCourses(ctx context.Context, q ports.CourseQuery, page ports.Page, after *ports.CourseKey) (found []ports.CourseSummary, total int, err error) {
	err = r.dialect.searching(ctx, r, func(r *repo) error {
		found, total, err = r.listCourses(ctx, q, page, after)
		return err
	})
	return found, total, faultOf(err)
}

func (r *repo) listCourses(ctx context.Context, q ports.CourseQuery, page ports.Page, after *ports.CourseKey) ([]ports.CourseSummary, int, error) {
	total, err := r.countCourses(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	order, offset := r.orderOf(q.Sort), page.Offset
	if after != nil {
		offset = 0
	}
	var places string
	var args []any
	if total > manyCourses {
		places, args = r.walked(q, order, after, offset+page.Limit)
	} else {
		places, args = r.sorted(q, order)
		if after != nil {
			condition, key := order.behind(q.Sort, *after)
			places, args = places+" WHERE "+condition, append(args, key...)
		}
	}
	sql := "SELECT " + courseSummary + " FROM (SELECT * FROM (" + places + ") AS places ORDER BY " + order.by("place", "course_id") +
		" LIMIT ? OFFSET ?) AS page JOIN courses ON courses.id = page.course_id ORDER BY " + order.by("page.place", "page.course_id")
	var rows []summaryRow
	if err := r.db.WithContext(ctx).Raw(sql, append(args, page.Limit, offset)...).Scan(&rows).Error; err != nil {
		return nil, 0, err
	}
	out, err := summaries(rows)
	return out, total, err
}
