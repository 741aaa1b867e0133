package app

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/budget"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
)

func road(t *testing.T, n byte, vertices int) course.Course {
	t.Helper()
	points := make([]geo.Point, vertices)
	for i := range points {
		points[i] = geo.MustPoint(37.5, 127+float64(i)*1e-4)
	}
	line, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return course.Course{ID: id.FromBytes[id.CourseKind]([16]byte{n, 1}), Route: line, DistanceMeters: int(line.LengthMeters())}
}

func TestACourseIsPreparedOnce(t *testing.T) {
	p := newPrepared(judge.CurrentRules(), budget.New(1<<30))
	c := road(t, 1, 20)
	first, err := p.of(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if again, err := p.of(t.Context(), c); again != first || err != nil {
				t.Errorf("it was prepared again: %v", err)
			}
		})
	}
	wg.Wait()
	c.UpdatedAt = c.UpdatedAt.Add(time.Second) // its line may be another now
	if changed, err := p.of(t.Context(), c); changed == first || err != nil {
		t.Errorf("a changed course is as it was: %v", err)
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	p := newPrepared(judge.CurrentRules(), budget.New(1<<30))
	for n := range 250 {
		if _, err := p.of(t.Context(), road(t, byte(n), 5_000)); err != nil {
			t.Fatal(err)
		}
		if p.bytes > preparedBytes || p.order.Len() != len(p.kept) {
			t.Fatalf("%d bytes of %d, %d in order of %d", p.bytes, preparedBytes, p.order.Len(), len(p.kept))
		}
	}
	key := func(n byte) preparedKey { c := road(t, n, 2); return preparedKey{c.ID, c.UpdatedAt.UnixMicro()} }
	if p.get(key(249)) == nil || p.get(key(0)) != nil {
		t.Error("the last used is not the one that is kept")
	}
}

// counting is a budget that counts who came.
type counting struct{ came atomic.Int64 }

func (c *counting) Take(context.Context, int64) (func(), error) {
	c.came.Add(1)
	time.Sleep(20 * time.Millisecond) // all others come meanwhile
	return func() {}, nil
}

// Of many who need a course that nobody has prepared, one does, within the budget.
func TestOfManyOnePreparesACourse(t *testing.T) {
	b := &counting{}
	p := newPrepared(judge.CurrentRules(), b)
	c := road(t, 1, 200)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := p.of(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := b.came.Load(); n != 1 || p.order.Len() != 1 {
		t.Errorf("it was prepared %d times, and is kept %d times", n, p.order.Len())
	}
}
