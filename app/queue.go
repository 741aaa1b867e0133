package app

import (
	"context"
	"fmt"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// Handle does a job of the queue; it is the ports.JobHandler of every worker.
func (a *App) Handle(ctx context.Context, job ports.Job, last bool) error {
	switch job.Kind {
	case ports.JobSettleRun:
		rid, err := id.Parse[id.RecordKind](job.ID)
		if err != nil {
			return err
		}
		return a.Settle.Run(ctx, rid, last)
	case ports.JobPublishCourse:
		cid, err := id.Parse[id.CourseKind](job.ID)
		if err != nil {
			return err
		}
		return a.Publish.Run(ctx, cid)
	case ports.JobDropAvatar:
		return a.Users.dropAvatar(ctx, job.ID)
	case ports.JobExitUser:
		uid, err := id.Parse[id.UserKind](job.ID)
		if err != nil {
			return err
		}
		return a.Users.Exit(ctx, uid)
	case ports.JobEndSilent:
		return a.Reaper.Run(ctx)
	}
	return fmt.Errorf("no handler for jobs of kind %q", job.Kind)
}
