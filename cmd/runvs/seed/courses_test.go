package seed

import (
	"reflect"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
)

// counting makes ids that differ.
type counting struct{ n *byte }

func (c counting) NewUUID() (b [16]byte) {
	*c.n++
	b[15] = *c.n
	return b
}

var today = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func TestEqualSeedsGiveEqualCoursesAndRuns(t *testing.T) {
	make := func(seed uint64) (all []any) {
		g := New(Source{Seed: seed, IDs: counting{new(byte)}, Now: today})
		for range 3 {
			c, err := g.Course(id.User{})
			if err != nil {
				t.Fatal(err)
			}
			at, chunk := g.Run(c.Route)
			for i := range chunk.Fixes { // NaN is not equal to itself
				chunk.Fixes[i] = run.Fix{Point: chunk.Fixes[i].Point, Timestamp: chunk.Fixes[i].Timestamp}
			}
			all = append(all, c, at, chunk)
		}
		return all
	}
	if !reflect.DeepEqual(make(7), make(7)) {
		t.Error("equal seeds give different ones")
	}
	if reflect.DeepEqual(make(7), make(8)) {
		t.Error("different seeds give equal ones")
	}
}

func TestCoursesAndRunsAreThoseOfPeople(t *testing.T) {
	for _, dense := range []bool{false, true} {
		g := New(Source{Seed: 1, Dense: dense, IDs: counting{new(byte)}, Now: today})
		for range 400 {
			c, err := g.Course(id.User{})
			if err != nil {
				t.Fatal(err)
			}
			if c.DistanceMeters < 500 || c.DistanceMeters > 31_000 || c.CreatedAt.After(today) {
				t.Errorf("%d m, made on %v", c.DistanceMeters, c.CreatedAt)
			}
			if dense && geo.Distance(c.Route.Start(), geo.MustPoint(seoul.lat, seoul.lng)) > seoul.radiusMeters+1 {
				t.Errorf("%v is in another city", c.Route.Start())
			}
			at, in := g.Run(c.Route)
			if _, err := run.NewChunk(in); err != nil {
				t.Fatalf("%d m: %v", c.DistanceMeters, err)
			}
			last := time.UnixMilli(in.Fixes[len(in.Fixes)-1].Timestamp)
			if last.After(today) || at.Before(today.AddDate(0, 0, -92)) {
				t.Errorf("a run from %v to %v", at, last)
			}
		}
	}
}
