package memory

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
)

var (
	errUserNotFound  = fault.New(fault.NotFound, "user_not_found", "there is no such user")
	errNicknameTaken = fault.New(fault.Conflict, "nickname_taken", "somebody else has this nickname; choose another one")

	errNoUser = errors.New("memory: a row refers to a user who is not there")
	errTaken  = errors.New("memory: the id of a new row is taken")
)

// foldNickname returns what two nicknames that differ by case alone share.
func foldNickname(s string) string { return strings.ToLower(s) }

// FindOrCreateUser implements ports.Users.
func (r *repo) FindOrCreateUser(ctx context.Context, account user.SocialAccount, fresh user.User) (u user.User, created bool, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		key := accountKey{account.Provider, account.ProviderID}
		if uid, ok := x.accounts.get(key); ok {
			known, _ := x.users.get(uid)
			u = cloneUser(known)
			return nil
		}
		if x.users.has(fresh.ID) {
			return errTaken
		}
		if fresh.Nickname != "" {
			if x.nicknames.has(foldNickname(fresh.Nickname)) {
				return errNicknameTaken
			}
			x.nicknames.put(foldNickname(fresh.Nickname), fresh.ID)
		}
		x.accounts.put(key, fresh.ID)
		x.users.put(fresh.ID, cloneUser(fresh))
		u, created = cloneUser(fresh), true
		return nil
	})
	if err != nil {
		return user.User{}, false, err
	}
	return u, created, nil
}

// User implements ports.Users.
func (r *repo) User(ctx context.Context, uid id.User) (u user.User, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		found, ok := x.users.get(uid)
		if !ok {
			return errUserNotFound
		}
		u = cloneUser(found)
		return nil
	})
	return u, err
}

// person returns what others see of a user.
func (x *snapshot) person(uid id.User) (user.Person, bool) {
	u, ok := x.users.get(uid)
	return user.Person{ID: u.ID, Nickname: u.Nickname, AvatarURL: u.AvatarURL}, ok
}

// People implements ports.Users.
func (r *repo) People(ctx context.Context, ids []id.User) (map[id.User]user.Person, error) {
	people := make(map[id.User]user.Person, len(ids))
	err := r.read(ctx, func(x *snapshot) error {
		for _, uid := range ids {
			if p, ok := x.person(uid); ok {
				people[uid] = p
			}
		}
		return nil
	})
	return people, err
}

// LockUser implements ports.Users. Every transaction is alone already.
func (r *repo) LockUser(ctx context.Context, uid id.User) error {
	return r.read(ctx, func(x *snapshot) error {
		if !x.users.has(uid) {
			return errUserNotFound
		}
		return nil
	})
}

// RecountUser implements ports.Users.
func (r *repo) RecountUser(ctx context.Context, uid id.User, now time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		u, ok := x.users.get(uid)
		if !ok {
			return nil
		}
		u.TotalRuns, u.TotalDistanceMeters = 0, 0
		for rec := range x.recordsOf.of(&x.records, uid) {
			if rec.Processing == run.ProcessingDone {
				u.TotalRuns++
				u.TotalDistanceMeters += int64(rec.DistanceMeters)
			}
		}
		u.UpdatedAt = stamp(now)
		x.users.put(uid, u)
		return nil
	})
}
