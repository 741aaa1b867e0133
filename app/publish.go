package app

import (
	"context"
	"errors"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// Publish does what follows a new course: its thumbnail, its first statistics
// row and its corridor.
type Publish struct {
	store    publishStore
	clock    ports.Clock
	blobs    ports.Blobs
	images   ports.RouteImages
	geometry ports.Geometry
	prepared *prepared
}

// publishStore is what publishing asks of the store.
type publishStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	Course(ctx context.Context, cid id.Course) (course.Course, error)
}

// Run publishes a course. Of one that is gone it removes what was drawn: Drop may
// have come while this drew. Running twice gives the same files under the same keys.
func (p *Publish) Run(ctx context.Context, cid id.Course) error {
	for {
		c, err := p.store.Course(ctx, cid)
		if notFound(err) {
			return p.Drop(ctx, cid)
		}
		if err != nil {
			return err
		}
		for _, draw := range []func(context.Context, course.Course) error{p.picture, p.corridor} {
			if err = draw(ctx, c); err != nil {
				break
			}
		}
		// Its maker left meanwhile: what was drawn of the old line must not stay.
		if !errors.Is(err, errChanged) {
			return err
		}
	}
}

// Drop removes what was drawn of a course that is deleted: its thumbnail and its
// corridor. What is not there is no error.
func (p *Publish) Drop(ctx context.Context, cid id.Course) error {
	return errors.Join(p.blobs.Delete(ctx, thumbnailKey(cid)), p.blobs.Delete(ctx, corridorKey(cid)))
}

var errChanged = errors.New("the course or the run is another by now, or gone")

// keep stores what points to a file that was drawn of a course, if the course
// still has the line that it was drawn of. The file first, then the row: a crash
// between leaves a file nobody sees, never a link to nothing.
func (p *Publish) keep(ctx context.Context, drawn course.Course, write func(ctx context.Context, tx ports.Repo, now course.Course) error) error {
	return p.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		c, err := tx.LockCourse(ctx, drawn.ID)
		if notFound(err) || err == nil && !c.Route.Equal(drawn.Route) {
			return errChanged
		}
		if err != nil {
			return err
		}
		return write(ctx, tx, c)
	})
}

// picture draws the thumbnail, and makes the first statistics row.
func (p *Publish) picture(ctx context.Context, c course.Course) error {
	png, err := p.images.Render(ctx, c.Route)
	if err != nil {
		return err
	}
	if err := p.blobs.Put(ctx, thumbnailKey(c.ID), "image/png", png); err != nil {
		return err
	}
	return p.keep(ctx, c, func(ctx context.Context, tx ports.Repo, c course.Course) error {
		c.ThumbnailDrawn = true
		if err := tx.SaveCourse(ctx, c); err != nil || c.Retired { // its statistics stay as they are
			return err
		}
		totals, err := tx.CourseTotals(ctx, c.ID)
		if err != nil {
			return err
		}
		return tx.PutCourseStats(ctx, stats.OfCourse(c.ID, c.DistanceMeters, totals, p.clock.Now()))
	})
}

// corridor draws the area in which a runner is not warned. A course that is set
// aside has none.
func (p *Publish) corridor(ctx context.Context, c course.Course) error {
	ready, err := p.prepared.of(ctx, c)
	if errors.Is(err, course.ErrSetAside) {
		return p.blobs.Delete(ctx, corridorKey(c.ID))
	}
	if err != nil {
		return err
	}
	rules, sections := p.prepared.rules, ready.Sections()
	geoJSON, err := p.geometry.Corridor(ctx, c.Route, sections, rules.Straight.WarnMeters, rules.Curve.WarnMeters)
	if err != nil {
		return err
	}
	if err := p.blobs.Put(ctx, corridorKey(c.ID), "application/geo+json", geoJSON); err != nil {
		return err
	}
	return p.keep(ctx, c, func(ctx context.Context, tx ports.Repo, c course.Course) error {
		drawn := ports.CourseShape{CourseID: c.ID, RuleVersion: rules.Version, Sections: sections, Corridor: ports.CorridorDrawn}
		return tx.PutCourseShape(ctx, drawn, p.clock.Now())
	})
}
