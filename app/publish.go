package app

import (
	"context"
	"errors"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// Publish does what follows a new course: its thumbnail, its first statistics
// row and its corridor.
type Publish struct {
	Deps
	settings Settings
	prepared *prepared
}

// Run publishes a course; of one that is gone it removes picture and corridor.
// Running twice gives the same files under the same keys.
func (p *Publish) Run(ctx context.Context, cid id.Course) error {
	c, err := p.Store.Course(ctx, cid)
	if notFound(err) {
		return errors.Join(p.Blobs.Delete(ctx, thumbnailKey(cid)), p.Blobs.Delete(ctx, corridorKey(cid)))
	}
	if err != nil {
		return err
	}
	if err := p.picture(ctx, c); err != nil {
		return err
	}
	return p.corridor(ctx, c)
}

// picture draws the thumbnail.
func (p *Publish) picture(ctx context.Context, c course.Course) error {
	cid := c.ID
	png, err := p.Images.Render(ctx, c.Route)
	if err != nil {
		return err
	}
	// The picture first, then the row that points to it: a crash between leaves a
	// file nobody sees, never a link to nothing.
	if err := p.Blobs.Put(ctx, thumbnailKey(cid), "image/png", png); err != nil {
		return err
	}
	return p.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		c, err := tx.LockCourse(ctx, cid)
		if notFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		c.ThumbnailURL = p.settings.PublicURL + "/api/v1/courses/" + cid.String() + "/thumbnail.png"
		if err := tx.SaveCourse(ctx, c); err != nil {
			return err
		}
		totals, err := tx.CourseTotals(ctx, cid)
		if err != nil {
			return err
		}
		return tx.PutCourseStats(ctx, stats.OfCourse(cid, c.DistanceMeters, totals, p.Clock.Now()))
	})
}

// corridor draws the area in which a runner is not warned. A course that is set
// aside has none.
func (p *Publish) corridor(ctx context.Context, c course.Course) error {
	ready, err := p.prepared.of(ctx, c)
	if fault.HasCode(err, course.ErrSetAside.Code) {
		return nil
	}
	if err != nil {
		return err
	}
	rules, sections := p.prepared.rules, ready.Sections()
	geoJSON, err := p.Geometry.Corridor(ctx, c.Route, sections, rules.Straight.WarnMeters, rules.Curve.WarnMeters)
	if err != nil {
		return err
	}
	if err := p.Blobs.Put(ctx, corridorKey(c.ID), "application/geo+json", geoJSON); err != nil {
		return err
	}
	drawn := ports.CourseShape{CourseID: c.ID, RuleVersion: rules.Version, Sections: sections, Corridor: ports.CorridorDrawn}
	if err := p.Store.PutCourseShape(ctx, drawn, p.Clock.Now()); !notFound(err) {
		return err
	}
	return p.Blobs.Delete(ctx, corridorKey(c.ID)) // it was deleted meanwhile
}
