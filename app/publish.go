package app

import (
	"context"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// Publish does what follows a new course: its thumbnail and its first
// statistics row.
type Publish struct {
	Deps
	settings Settings
}

// Run publishes a course; of one that is gone it removes the picture. Running
// twice gives the same picture under the same key.
func (p *Publish) Run(ctx context.Context, cid id.Course) error {
	c, err := p.Store.Course(ctx, cid)
	if notFound(err) {
		return p.Blobs.Delete(ctx, thumbnailKey(cid))
	}
	if err != nil {
		return err
	}
	png, err := p.Images.Render(ctx, c.Route)
	if err != nil {
		return err
	}
	// The picture first, then the row that points to it: a crash between leaves a
	// file nobody sees, never a link to nothing.
	if err := p.Blobs.Put(ctx, thumbnailKey(cid), "image/png", png); err != nil {
		return err
	}
	drawn, stale := c.Route, false
	err = p.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		c, err := tx.LockCourse(ctx, cid)
		if notFound(err) {
			stale = true
			return nil
		}
		if err != nil {
			return err
		}
		if stale = !c.Route.Equal(drawn); stale {
			return nil
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
	if err == nil && stale { // its maker left meanwhile: this picture must not stay
		return p.Run(ctx, cid)
	}
	return err
}
