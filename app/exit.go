package app

import (
	"context"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// Exit removes a user with everything personal: account, tokens, runs, board
// rows and picture. Courses of theirs that others have run stay, without a
// creator; the rest go. Boards and statistics are right when it returns. A user
// who is gone is no error, for a job may run twice.
func (u *Users) Exit(ctx context.Context, uid id.User) error {
	defer u.known.forget(uid)
	return u.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if err := tx.LockUser(ctx, uid); notFound(err) {
			return nil
		} else if err != nil {
			return err
		}
		leaver, err := tx.User(ctx, uid)
		if err != nil {
			return err
		}
		made, touched, err := tx.UserCourses(ctx, uid)
		if err != nil {
			return err
		}
		standings := make([]standing, len(touched))
		for i, cid := range touched { // by id, so that two who leave at once do not lock crosswise
			if standings[i], err = hold(ctx, tx, uid, cid); err != nil {
				return err
			}
		}
		if err := tx.DeleteUser(ctx, uid); err != nil {
			return err
		}
		if err := enqueueDrop(ctx, tx, leaver.AvatarURL); err != nil {
			return err
		}
		for _, s := range standings {
			if err := s.settle(ctx, tx, "", u.Clock.Now()); err != nil {
				return err
			}
		}
		for _, c := range made {
			if c.RunByOthers {
				continue
			}
			if err := dropCourse(ctx, tx, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Leave is Exit by the runner's own wish. An authorization code of Apple ("" for
// none) has the grant revoked there, after the answer and as well as it goes: it
// is good for minutes and must not be stored, so no durable job could carry it.
func (u *Users) Leave(ctx context.Context, uid id.User, authorizationCode string) error {
	if len(authorizationCode) > maxAuthorizationCode {
		return fault.InvalidField("authorization_code", "has more than %d bytes", maxAuthorizationCode)
	}
	if err := u.Exit(ctx, uid); err != nil {
		return err
	}
	if authorizationCode != "" {
		u.farewell.revoke(authorizationCode)
	}
	return nil
}

// maxAuthorizationCode bounds what is passed on; Apple's have some 60 bytes.
const maxAuthorizationCode = 1024

// ProviderUnlinked has the user of a social account leave, in a job: the
// provider waits for the answer. An account that nobody has is no error.
func (u *Users) ProviderUnlinked(ctx context.Context, provider, providerID string) error {
	uid, err := u.Store.UserOf(ctx, provider, providerID)
	if notFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return u.Store.Enqueue(ctx, ports.Job{Kind: ports.JobExitUser, ID: uid.String()})
}
