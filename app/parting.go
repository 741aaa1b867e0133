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
	names  user.Names // of the maker
	leaves bool       // the maker leaves, and what is public stays open to all
	now    time.Time
}

// part leaves a course without its maker, or deletes it: one stays that others
// completed. A public one stays open when its maker leaves, and then all that was run
// on it is judged again, on the line as it is now; any other one is retired, and its
// boards stay as they are. The caller holds the course, and settles the standing of a
// maker who leaves.
func (p parting) part(ctx context.Context, tx ports.Repo, c course.Course, completed bool) (left course.Course, stays bool, err error) {
	open := p.leaves && c.IsPublic
	switch {
	case !completed:
		return left, false, dropCourse(ctx, tx, c)
	case open:
		left, err = c.Orphan(p.names, p.now)
	default:
		left, err = c.Retire(p.names, p.now)
	}
	if err != nil {
		return left, false, err
	}
	if err := tx.SaveCourse(ctx, left); err != nil {
		return left, false, err
	}
	if err := tx.ReplaceRoute(ctx, left); err != nil {
		return left, false, err
	}
	if err := tx.ForgetCourseRequests(ctx, left.ID); err != nil {
		return left, false, err
	}
	if open {
		if err := tx.PaceBoards(ctx, left.ID, left.DistanceMeters, p.now); err != nil {
			return left, false, err
		}
		if err := tx.Enqueue(ctx, ports.Job{Kind: ports.JobRejudgeCourse, ID: left.ID.String()}); err != nil {
			return left, false, err
		}
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
