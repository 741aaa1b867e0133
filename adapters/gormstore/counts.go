package gormstore

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/ports"
)

// counts remembers how many courses match what is asked often: counting a third
// of a million takes longer than showing the first of them.
type counts struct {
	mu   sync.Mutex
	of   map[string]count
	time func() time.Time
}

type count struct {
	courses int
	until   time.Time
}

const (
	countLifetime = 10 * time.Second
	maxCounts     = 1000 // then all are forgotten
)

func newCounts() *counts { return &counts{of: map[string]count{}, time: time.Now} }

// get returns a number that is remembered.
func (c *counts) get(what string) (courses int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.of[what]
	return known.courses, ok && c.time().Before(known.until)
}

// put remembers a number.
func (c *counts) put(what string, courses int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.of) >= maxCounts {
		clear(c.of)
	}
	c.of[what] = count{courses, c.time().Add(countLifetime)}
}

// countCourses returns how many courses a query matches: exactly up to
// manyCourses, and for all that are public.
func (r *repo) countCourses(ctx context.Context, q ports.CourseQuery) (int, error) {
	total, err := r.countPublic(ctx, q)
	if err != nil || q.Viewer.IsZero() {
		return total, err
	}
	own := r.ownPrivate(q)
	private, err := r.number(ctx, "SELECT count(*) FROM courses WHERE "+own.all(), own.args...)
	return total + private, err
}

func (r *repo) countPublic(ctx context.Context, q ports.CourseQuery) (int, error) {
	c := r.matching(q, true, "courses.is_public")
	if len(c.sql) == 1 {
		return r.number(ctx, "SELECT coalesce(sum(courses), 0) FROM course_cells WHERE level = ?", maptile.RootLevel)
	}
	what := fmt.Sprint(c)
	if known, ok := r.counts.get(what); ok {
		return known, nil
	}
	n, err := r.number(ctx, "SELECT count(*) FROM (SELECT 1 FROM courses WHERE "+c.all()+" LIMIT ?) AS matches", append(c.args[:len(c.args):len(c.args)], manyCourses+1)...)
	if err != nil || n <= manyCourses {
		return n, err
	}
	if n, err = r.number(ctx, "SELECT count(*) FROM courses WHERE "+c.all(), c.args...); err == nil {
		r.counts.put(what, n)
	}
	return n, err
}

func (r *repo) number(ctx context.Context, sql string, args ...any) (n int, err error) {
	err = r.db.WithContext(ctx).Raw(sql, args...).Scan(&n).Error
	return n, err
}
