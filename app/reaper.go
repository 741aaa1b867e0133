package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

const (
	// reapBatch is how many silent sessions one look at the store takes, and one
	// transaction adds jobs for.
	reapBatch = 500
	// reapLook is how many one run of the reaper looks at, which bounds it to
	// seconds. The next run goes on where it stopped.
	reapLook = 10 * reapBatch
)

// Reaper ends sessions that fell silent and forgets what was abandoned long ago.
// Each session is a job of its own: one that cannot be ended, or that kills the
// process, is set aside by the queue and keeps nobody else waiting.
type Reaper struct {
	store reaperStore
	clock ports.Clock
	runs  *Runs

	mu    sync.Mutex
	after id.Session // the last that was looked at; zero at the begin of a round
}

// reaperStore is what the reaper asks of the store.
type reaperStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	Session(ctx context.Context, sid id.Session) (run.Session, error)
	SilentSessions(ctx context.Context, since time.Time, after id.Session, limit int) ([]id.Session, error)
	PurgeChunks(ctx context.Context, abandonedBefore time.Time) (int, error)
	PurgeRefreshTokens(ctx context.Context, expiredBefore, usedBefore time.Time) (int, error)
	PurgeUsedTokens(ctx context.Context, before time.Time) (int, error)
	PurgeCourseRequests(ctx context.Context, before time.Time) (int, error)
}

// Run forgets refresh tokens, used tokens and requests for courses that have expired, deletes the chunks of sessions
// abandoned run.AbandonedRetention ago, and adds a job for every session that has
// been silent for run.SilenceLimit. What fails of these keeps the rest from nothing.
func (r *Reaper) Run(ctx context.Context) error {
	now := r.clock.Now()
	_, chunks := r.store.PurgeChunks(ctx, now.Add(-run.AbandonedRetention))
	_, tokens := r.store.PurgeRefreshTokens(ctx, now, now.Add(-auth.SealedFor))
	_, used := r.store.PurgeUsedTokens(ctx, now.Add(-auth.UsedTokenMargin))
	_, requests := r.store.PurgeCourseRequests(ctx, now.Add(-course.RequestKept))
	return errors.Join(chunks, tokens, used, requests, r.look(ctx, now.Add(-run.SilenceLimit)))
}

// look adds the jobs. Where one waits or is set aside still, none is added.
func (r *Reaper) look(ctx context.Context, since time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for looked := 0; looked < reapLook; {
		silent, err := r.store.SilentSessions(ctx, since, r.after, reapBatch)
		if err != nil {
			return err
		}
		if err := r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
			for _, sid := range silent {
				if err := tx.Enqueue(ctx, ports.Job{Kind: ports.JobEndSession, ID: sid.String()}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if len(silent) < reapBatch {
			r.after = id.Session{}
			return nil
		}
		looked += len(silent)
		r.after = silent[len(silent)-1]
	}
	return nil
}

// End ends one silent session: with a whole set of chunks it is completed; with
// at least run.MinReapDistanceMeters of run, recovered; else abandoned. One that
// is gone, or spoke in the meantime, is left alone.
func (r *Reaper) End(ctx context.Context, sid id.Session) error {
	s, err := r.store.Session(ctx, sid)
	if notFound(err) {
		return nil
	}
	if err != nil || !s.SilentAt(r.clock.Now()) {
		return err
	}
	if s.WholeSet(0) == nil {
		_, _, err = r.runs.Complete(ctx, s.Owner(), sid, CompleteInput{})
	} else {
		_, _, err = r.runs.close(ctx, s.Owner(), sid, closing{
			verb: run.Session.Recover, tooShort: run.ErrNothingToRecover,
			minDistanceMeters: run.MinReapDistanceMeters,
		})
	}
	if fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.Conflict {
		return err
	}
	// Nothing worth a record: abandon, unless it spoke or was closed in between.
	return r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		s, err := tx.LockSession(ctx, sid)
		if err != nil || !s.SilentAt(r.clock.Now()) {
			return err
		}
		if s, err = s.Abandon(r.clock.Now()); err != nil {
			return err
		}
		return tx.SaveSession(ctx, s)
	})
}
