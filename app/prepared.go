package app

import (
	"container/list"
	"context"
	"sync"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/ports"
)

// preparedBytes is how much memory prepared courses are kept in. A course of
// 500 vertices takes some 60 kB, the largest 3 MB.
const preparedBytes = 64 << 20

// prepared keeps courses ready for the judge: the ones that were needed last.
// Preparing takes milliseconds, and a popular course is judged on all day.
type prepared struct {
	rules  judge.Rules
	budget ports.Budget
	turns  turns[preparedKey]

	mu    sync.Mutex
	kept  map[preparedKey]*list.Element // of *preparedCourse
	order list.List                     // the last used first
	bytes int64
}

// preparedKey names a course as it was at a time: a line may change, when its
// maker leaves.
type preparedKey struct {
	id        id.Course
	updatedAt int64 // Unix microseconds, as stores keep times
}

type preparedCourse struct {
	key    preparedKey
	course *judge.Course
	bytes  int64
}

func newPrepared(rules judge.Rules, budget ports.Budget) *prepared {
	return &prepared{rules: rules, budget: budget, kept: map[preparedKey]*list.Element{}}
}

// of returns a course ready for the judge. Faults: course_set_aside for one that
// breaks a bound of today, server_busy.
func (p *prepared) of(ctx context.Context, c course.Course) (*judge.Course, error) {
	return p.once(ctx, c, c.Check)
}

// lineStore reads whole courses.
type lineStore interface {
	Course(ctx context.Context, cid id.Course) (course.Course, error)
}

// stored is of for a course that was looked up without its line. The line is read
// only when the course is not ready yet.
func (p *prepared) stored(ctx context.Context, store lineStore, a ports.CourseAccess) (*judge.Course, error) {
	if found := p.get(preparedKey{a.ID, a.UpdatedAt.UnixMicro()}); found != nil {
		return found, nil
	}
	c, err := store.Course(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	return p.of(ctx, c)
}

// made is of for a course that was just made, and so keeps today's bounds.
func (p *prepared) made(ctx context.Context, c course.Course) (*judge.Course, error) {
	return p.once(ctx, c, func() error { return nil })
}

func (p *prepared) once(ctx context.Context, c course.Course, check func() error) (*judge.Course, error) {
	key := preparedKey{c.ID, c.UpdatedAt.UnixMicro()}
	if found := p.get(key); found != nil {
		return found, nil
	}
	done, err := p.turns.take(ctx, key)
	if err != nil {
		return nil, err
	}
	defer done()
	if found := p.get(key); found != nil { // somebody prepared it meanwhile
		return found, nil
	}
	if err := check(); err != nil {
		return nil, err
	}
	release, err := p.budget.Take(ctx, judge.PrepareBytes(c.Route.Len(), float64(c.DistanceMeters)))
	if err != nil {
		return nil, err
	}
	defer release()
	made := judge.Prepare(c.Route, p.rules)
	p.put(&preparedCourse{key, made, made.Bytes()})
	return made, nil
}

func (p *prepared) get(key preparedKey) *judge.Course {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.kept[key]
	if e == nil {
		return nil
	}
	p.order.MoveToFront(e)
	return e.Value.(*preparedCourse).course
}

func (p *prepared) put(c *preparedCourse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[c.key] = p.order.PushFront(c)
	for p.bytes += c.bytes; p.bytes > preparedBytes && p.order.Len() > 1; {
		last := p.order.Remove(p.order.Back()).(*preparedCourse)
		delete(p.kept, last.key)
		p.bytes -= last.bytes
	}
}
