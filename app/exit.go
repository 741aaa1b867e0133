package app

import (
	"context"
	"maps"
	"slices"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Exit removes a user with everything personal: account, tokens, runs, board
// rows and picture. A course of theirs stays, without a creator, if somebody else
// completed it: a public one as course.Orphan leaves it, a private one as
// course.Retire does; the rest go.
// Boards and statistics are right when it returns, and the store's own files hold
// nothing of the user any more. A user who is gone is no error, for a job may run
// twice.
func (u *Users) Exit(ctx context.Context, uid id.User) error {
	if err := u.erase(ctx, uid); err != nil {
		return err
	}
	return u.store.Scrub(ctx)
}

func (u *Users) erase(ctx context.Context, uid id.User) error {
	defer u.known.forget(uid)
	return u.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		leaver, err := lockUser(ctx, tx, uid)
		if notFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		accounts, err := tx.SocialAccounts(ctx, uid)
		if err != nil {
			return err
		}
		standings, err := u.partWithCourses(ctx, tx, uid, user.NamesOf(u.letters, leaver, accounts))
		if err != nil {
			return err
		}
		if err := tx.DeleteUser(ctx, uid); err != nil {
			return err
		}
		if err := enqueueDrop(ctx, tx, leaver.AvatarID); err != nil {
			return err
		}
		for _, s := range standings {
			if err := s.settle(ctx, tx, u.clock.Now(), ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// partWithCourses leaves the courses that a user made without them, or deletes
// them, and holds all that stay of those they made or ran on. The caller holds the
// user's lock, so there come no more.
func (u *Users) partWithCourses(ctx context.Context, tx ports.Repo, uid id.User, names user.Names) ([]standing, error) {
	made, ran, err := tx.UserCourses(ctx, uid)
	if err != nil {
		return nil, err
	}
	touched := slices.Clone(ran)
	for _, m := range made {
		touched = append(touched, m.ID)
	}
	slices.SortFunc(touched, id.Course.Compare) // so that two who leave at once do not lock crosswise
	held := map[id.Course]standing{}
	for _, cid := range slices.Compact(touched) {
		if held[cid], err = hold(ctx, tx, uid, cid); err != nil {
			return nil, err
		}
	}
	// Who completed a course in between is counted only now that all are locked.
	if made, _, err = tx.UserCourses(ctx, uid); err != nil {
		return nil, err
	}
	p := parting{names: names, leaves: true, now: u.clock.Now()}
	for _, m := range made {
		c, err := tx.Course(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		left, stays, err := p.part(ctx, tx, c, m.CompletedByOthers)
		if err != nil {
			return nil, err
		}
		if stays {
			s := held[m.ID]
			s.course.DistanceMeters = left.DistanceMeters
			held[m.ID] = s
		} else {
			delete(held, m.ID)
		}
	}
	return slices.Collect(maps.Values(held)), nil
}

// Leave is Exit by the runner's own wish. An authorization code of Apple ("" for
// none) has the grant revoked there, after the answer and as well as it goes: it
// is good for minutes and must not be stored, so no durable job could carry it.
// Files that cannot be scrubbed now are scrubbed by a job.
func (u *Users) Leave(ctx context.Context, uid id.User, authorizationCode string) error {
	if len(authorizationCode) > maxAuthorizationCode {
		return fault.InvalidField("authorization_code", "has more than %d bytes", maxAuthorizationCode)
	}
	if err := u.erase(ctx, uid); err != nil {
		return err
	}
	if authorizationCode != "" {
		u.farewell.revoke(authorizationCode)
	}
	if err := u.store.Scrub(ctx); err != nil {
		u.log.WarnContext(ctx, "the files of the store are not scrubbed yet; a job does it", "error", err)
		if err := u.store.Enqueue(ctx, ports.Job{Kind: ports.JobExitUser, ID: uid.String()}); err != nil {
			// The account is gone, and the answer says so.
			u.log.ErrorContext(ctx, "no job scrubs the files of the store; the next account that leaves does", "error", err)
		}
	}
	return nil
}

// maxAuthorizationCode bounds what is passed on; Apple's have some 60 bytes.
const maxAuthorizationCode = 1024

// ProviderUnlinked has the user of a social account leave, in a job: the
// provider waits for the answer. An account that nobody has is no error.
func (u *Users) ProviderUnlinked(ctx context.Context, provider, providerID string) error {
	uid, err := u.store.UserOf(ctx, provider, providerID)
	if notFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return u.store.Enqueue(ctx, ports.Job{Kind: ports.JobExitUser, ID: uid.String()})
}
