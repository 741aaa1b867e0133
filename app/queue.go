package app

import (
	"context"
	"fmt"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// Handle implements ports.JobHandler. Who waits in this process for what the job did
// is told.
func (a *App) Handle(ctx context.Context, job ports.Job) error {
	err := a.handle(ports.AsJob(ctx), job)
	if err == nil {
		a.ended.tell(job)
	}
	return err
}

func (a *App) handle(ctx context.Context, job ports.Job) error {
	switch job.Kind {
	case ports.JobSettleRun:
		rid, err := id.Parse[id.RecordKind](job.ID)
		if err != nil {
			return err
		}
		return a.Settle.Run(ctx, rid)
	case ports.JobPublishCourse:
		cid, err := id.Parse[id.CourseKind](job.ID)
		if err != nil {
			return err
		}
		return a.Publish.Run(ctx, cid)
	case ports.JobRejudgeCourse:
		cid, err := id.Parse[id.CourseKind](job.ID)
		if err != nil {
			return err
		}
		return a.Rejudge.Enqueue(ctx, cid)
	case ports.JobRejudgeRun:
		rid, err := id.Parse[id.RecordKind](job.ID)
		if err != nil {
			return err
		}
		return a.Rejudge.Again(ctx, rid)
	case ports.JobDropThumbnail:
		cid, err := id.Parse[id.CourseKind](job.ID)
		if err != nil {
			return err
		}
		return a.Publish.Drop(ctx, cid)
	case ports.JobDropAvatar:
		picture, err := id.Parse[id.AvatarKind](job.ID)
		if err != nil {
			return err
		}
		return a.Users.dropAvatar(ctx, picture)
	case ports.JobExitUser:
		uid, err := id.Parse[id.UserKind](job.ID)
		if err != nil {
			return err
		}
		return a.Users.Exit(ctx, uid)
	case ports.JobEndSession:
		sid, err := id.Parse[id.SessionKind](job.ID)
		if err != nil {
			return err
		}
		return a.Reaper.End(ctx, sid)
	case ports.JobEndSilent:
		return a.Reaper.Run(ctx)
	}
	return fmt.Errorf("no handler for jobs of kind %q", job.Kind)
}

// GiveUp implements ports.JobHandler. People wait for a run to be settled, and for
// nothing else.
func (a *App) GiveUp(ctx context.Context, job ports.Job, _ string) error {
	if job.Kind != ports.JobSettleRun {
		return nil
	}
	rid, err := id.Parse[id.RecordKind](job.ID)
	if err != nil {
		return err
	}
	if err := a.Settle.GiveUp(ports.AsJob(ctx), rid); err != nil {
		return err
	}
	a.ended.tell(job)
	return nil
}
