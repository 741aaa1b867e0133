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

// get returns a number that is remembered, or counts.
func (c *counts) get(what string, counted func() (int, error)) (int, error) {
	now := c.time()
	c.mu.Lock()
	known, ok := c.of[what]
	c.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.courses, nil
	}
	n, err := counted()
	if err != nil || n <= manyCourses {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.of) >= maxCounts {
		clear(c.of)
	}
	c.of[what] = count{n, now.Add(countLifetime)}
	return n, nil
}

// countCourses returns how many courses a query matches: exactly up to
// manyCourses, and for all that are public.
func (r *repo) countCourses(ctx context.Context, q ports.CourseQuery) (int, error) {
	db := r.db.WithContext(ctx)
	number := func(sql string, args ...any) (n int, err error) { return n, db.Raw(sql, args...).Scan(&n).Error }
	public := r.matching(q, true, "courses.is_public")
	var total int
	var err error
	if len(public.sql) == 1 {
		total, err = number("SELECT coalesce(sum(courses), 0) FROM course_cells WHERE level = ?", maptile.RootLevel)
	} else {
		total, err = number("SELECT count(*) FROM (SELECT 1 FROM courses WHERE "+public.all()+" LIMIT ?) AS matches", append(public.args, manyCourses+1)...)
		if err == nil && total > manyCourses {
			total, err = r.counts.get(fmt.Sprint(public), func() (int, error) {
				return number("SELECT count(*) FROM courses WHERE "+public.all(), public.args...)
			})
		}
	}
	if err != nil || q.Viewer.IsZero() {
		return total, err
	}
	own := r.ownPrivate(q)
	private, err := number("SELECT count(*) FROM courses WHERE "+own.all(), own.args...)
	return total + private, err
}
