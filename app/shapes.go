package app

import (
	"context"
	"errors"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/ports"
)

// corridorWait is how long a request waits for a corridor that a job draws. Most
// are drawn within milliseconds of their course.
const corridorWait = 2 * time.Second

var errCorridorPending = fault.New(fault.Unavailable, "corridor_pending", "the corridor is being drawn; ask again after the time in Retry-After").
	With("retry_after", int(corridorWait/time.Second))

func corridorKey(cid id.Course) string { return "corridors/" + cid.String() + ".json" }

// sections returns a course's curve sections: as they are kept or, of a course
// from before they were, worked out of it. A course that is set aside has none.
func (c *Courses) sections(ctx context.Context, cid id.Course, prepare func() (*judge.Course, error)) ([]judge.Section, error) {
	s, err := c.store.CourseShape(ctx, cid)
	if err != nil || s.RuleVersion == c.rules.Version {
		return s.Sections, err
	}
	ready, err := prepare()
	if errors.Is(err, course.ErrSetAside) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return ready.Sections(), nil
}

// Corridor returns the area within which a runner is not warned, as GeoJSON. A
// job draws it once; a request that comes before waits a little. Faults:
// course_not_found, course_set_aside, corridor_pending.
func (c *Courses) Corridor(ctx context.Context, viewer id.User, cid id.Course) ([]byte, error) {
	found, err := visible(ctx, c.store, viewer, cid)
	if err != nil {
		return nil, err
	}
	drawn, err := c.drawn(ctx, cid)
	if err == nil && !drawn {
		if err := c.askForCorridor(ctx, found); err != nil {
			return nil, err
		}
		job := ports.Job{Kind: ports.JobPublishCourse, ID: cid.String()}
		drawn, err = await(ctx, c.ended, job, corridorWait, func() (bool, error) { return c.drawn(ctx, cid) })
	}
	if err != nil {
		return nil, err
	}
	if !drawn {
		return nil, errCorridorPending
	}
	geoJSON, _, err := c.blobs.Get(ctx, corridorKey(cid))
	return geoJSON, err
}

func (c *Courses) drawn(ctx context.Context, cid id.Course) (bool, error) {
	s, err := c.store.CourseShape(ctx, cid)
	return s.RuleVersion == c.rules.Version && s.Corridor == ports.CorridorDrawn, err
}

// askForCorridor enqueues the job of a corridor, unless somebody has asked before.
func (c *Courses) askForCorridor(ctx context.Context, of ports.CourseAccess) error {
	s, err := c.store.CourseShape(ctx, of.ID)
	if err != nil || s.RuleVersion == c.rules.Version && s.Corridor != ports.CorridorNone {
		return err
	}
	ready, err := c.prepared.stored(ctx, c.store, of)
	if err != nil {
		return err
	}
	return c.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if _, err := tx.LockBoard(ctx, of.ID); err != nil {
			return err
		}
		s, err := tx.CourseShape(ctx, of.ID)
		if err != nil || s.RuleVersion == c.rules.Version && s.Corridor != ports.CorridorNone {
			return err
		}
		asked := ports.CourseShape{CourseID: of.ID, RuleVersion: c.rules.Version, Sections: ready.Sections(), Corridor: ports.CorridorAsked}
		if err := tx.PutCourseShape(ctx, asked, c.clock.Now()); err != nil {
			return err
		}
		return tx.Enqueue(ctx, ports.Job{Kind: ports.JobPublishCourse, ID: of.ID.String()})
	})
}
