package app

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/ports"
)

// Hints say what a creator may want to know of a course just made. They refuse
// nothing.
type Hints struct {
	OverlapPercent float64 // of its length that lies along itself
	Alike          []Alike // public courses that go the same way, the most alike first
}

// Alike is a course that goes nearly the same way.
type Alike struct {
	ID          id.Course
	Title       string
	ApartMeters float64 // the Fréchet distance
}

const (
	// overlapMeters is how near two parts of a course are that are one way: both
	// sides of a street.
	overlapMeters = 12
	// alikeMeters is how far apart courses of one way may be: two receivers.
	alikeMeters = 30
	// alikeLength is by how much their lengths may differ.
	alikeLength = 0.05
	// alikeLooked is how many that start nearby are looked at, and alikeCompared how
	// many of them line by line: each is read whole for it.
	alikeLooked   = 20
	alikeCompared = 5
)

// hints compares a course with those that start where it does. What cannot be
// found out is left out: the course is made whatever it is.
func (c *Courses) hints(ctx context.Context, made course.Course, ready *judge.Course) Hints {
	h := Hints{OverlapPercent: math.Round(1000*ready.Overlap(overlapMeters)) / 10, Alike: []Alike{}}
	alike, err := c.alike(ctx, made)
	if err != nil {
		c.log.WarnContext(ctx, "courses alike could not be looked for", "course", made.ID, "error", err)
	}
	h.Alike = append(h.Alike, alike...)
	return h
}

func (c *Courses) alike(ctx context.Context, made course.Course) ([]Alike, error) {
	near, err := c.store.NearbyCourses(ctx, ports.NearbyQuery{Center: made.Route.Start(), RadiusMeters: alikeMeters, Limit: alikeLooked})
	if err != nil {
		return nil, err
	}
	near = slices.DeleteFunc(near, func(n ports.NearbyCourse) bool {
		differs := math.Abs(float64(n.DistanceMeters - made.DistanceMeters))
		return n.ID == made.ID || differs > alikeLength*float64(made.DistanceMeters)
	})
	near = near[:min(len(near), alikeCompared)]
	ids := make([]id.Course, len(near))
	for i, n := range near {
		ids[i] = n.ID
	}
	lines, err := c.store.CourseLines(ctx, ids)
	if err != nil {
		return nil, err
	}
	var found []Alike
	for _, n := range near {
		line, there := lines[n.ID]
		if !there || geo.Distance(line.End(), made.Route.End()) > alikeMeters { // cheaper to see than a leash
			continue
		}
		if apart := geo.Apart(made.Route, line); apart <= alikeMeters {
			found = append(found, Alike{ID: n.ID, Title: n.Title, ApartMeters: math.Round(10*apart) / 10})
		}
	}
	slices.SortStableFunc(found, func(a, b Alike) int { return cmp.Compare(a.ApartMeters, b.ApartMeters) })
	return found, nil
}
