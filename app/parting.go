package app

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// parting is how courses and their maker part: the maker leaves, or deletes one.
type parting struct {
	names user.Names // of the maker
	leave func(course.Course, user.Names, time.Time) (course.Course, error)
	now   time.Time
}

// part leaves a course without its maker, or deletes it: one stays that is public,
// that others completed, and of which enough is left. The times of others stay, for
// they were run on the course as it was, and are all that a recount of the records
// would find; paces follow the length, which is what they are counted by. The caller
// holds the course, and settles the standing of the maker.
func (p parting) part(ctx context.Context, tx ports.Repo, c course.Course, completed bool) (left course.Course, stays bool, err error) {
	if c.IsPublic && completed {
		left, err = p.leave(c, p.names, p.now)
		stays = err == nil // what is left may be no course
	}
	if !stays {
		return left, false, dropCourse(ctx, tx, c)
	}
	if err := tx.SaveCourse(ctx, left); err != nil {
		return left, false, err
	}
	if err := tx.ReplaceRoute(ctx, left); err != nil {
		return left, false, err
	}
	if err := tx.PaceBoards(ctx, left.ID, left.DistanceMeters, p.now); err != nil {
		return left, false, err
	}
	return left, true, tx.Enqueue(ctx, ports.Job{Kind: ports.JobPublishCourse, ID: left.ID.String()})
}

// dropCourse deletes a course; a job removes what was drawn of it.
func dropCourse(ctx context.Context, tx ports.Repo, c course.Course) error {
	if err := tx.DeleteCourse(ctx, c.ID); err != nil {
		return err
	}
	return tx.Enqueue(ctx, ports.Job{Kind: ports.JobDropThumbnail, ID: c.ID.String()})
}
