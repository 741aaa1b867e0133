package app

import (
	"context"
	"errors"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// reapBatch is how many silent sessions one look at the store takes.
const reapBatch = 100

// Reaper ends sessions that fell silent and forgets what was abandoned long ago.
type Reaper struct {
	Deps
	runs *Runs
}

// Run forgets refresh tokens that have expired, and ends every session that has been silent for run.SilenceLimit: with a
// whole set of chunks it is completed; with at least run.MinReapDistanceMeters
// of run, recovered; else abandoned. Then it deletes the chunks of sessions
// abandoned run.AbandonedRetention ago. A session that cannot be ended is
// logged and left for the next time; the others are ended all the same.
func (r *Reaper) Run(ctx context.Context) error {
	now := r.Clock.Now()
	var failed []error
	seen := map[id.Session]bool{}
	for {
		silent, err := r.Store.SilentSessions(ctx, now.Add(-run.SilenceLimit), reapBatch+len(failed))
		if err != nil {
			return err
		}
		fresh := 0
		for _, sid := range silent {
			if seen[sid] {
				continue
			}
			seen[sid] = true
			fresh++
			if err := r.end(ctx, sid); err != nil {
				failed = append(failed, err)
				r.Log.ErrorContext(ctx, "a silent session could not be ended", "session", sid.String(), "error", err)
			}
		}
		if fresh == 0 {
			break
		}
	}
	if _, err := r.Store.PurgeChunks(ctx, now.Add(-run.AbandonedRetention)); err != nil {
		failed = append(failed, err)
	}
	if _, err := r.Store.PurgeRefreshTokens(ctx, now, now.Add(-auth.SealedFor)); err != nil {
		failed = append(failed, err)
	}
	if _, err := r.Store.PurgeUsedTokens(ctx, now.Add(-auth.UsedTokenMargin)); err != nil {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// end ends one silent session; one that spoke in the meantime is left alone.
func (r *Reaper) end(ctx context.Context, sid id.Session) error {
	s, err := r.Store.Session(ctx, sid)
	if err != nil || !s.SilentAt(r.Clock.Now()) {
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
	return r.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		s, err := tx.LockSession(ctx, sid)
		if err != nil || !s.SilentAt(r.Clock.Now()) {
			return err
		}
		if s, err = s.Abandon(r.Clock.Now()); err != nil {
			return err
		}
		return tx.SaveSession(ctx, s)
	})
}
