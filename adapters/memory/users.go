package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

var (
	errNoUser = errors.New("memory: a row refers to a user who is not there")
	errTaken  = errors.New("memory: the id of a new row is taken")
)

// FindOrCreateUser implements ports.Users.
func (r *repo) FindOrCreateUser(ctx context.Context, account user.SocialAccount, fresh user.User) (u user.User, created bool, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		key := accountKey{account.Provider, account.ProviderID}
		if linked, ok := x.accounts.get(key); ok {
			known, _ := x.users.get(linked.owner)
			u = cloneUser(known)
			return nil
		}
		if x.users.has(fresh.ID) {
			return errTaken
		}
		if err := x.takeNickname(fresh.ID, fresh.Nickname); err != nil {
			return err
		}
		account.LinkedAt = stamp(fresh.CreatedAt)
		x.accounts.put(key, accountRow{account, fresh.ID})
		x.users.put(fresh.ID, cloneUser(fresh))
		u, created = cloneUser(fresh), true
		return nil
	})
	if err != nil {
		return user.User{}, false, err
	}
	return u, created, nil
}

// UserOf implements ports.Users.
func (r *repo) UserOf(ctx context.Context, provider, providerID string) (uid id.User, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		linked, ok := x.accounts.get(accountKey{provider, providerID})
		if !ok {
			return ports.ErrUserNotFound
		}
		uid = linked.owner
		return nil
	})
	return uid, err
}

// SocialAccounts implements ports.Users.
func (r *repo) SocialAccounts(ctx context.Context, uid id.User) (accounts []user.SocialAccount, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for linked := range x.accountsOf.of(&x.accounts, uid) {
			accounts = append(accounts, linked.SocialAccount)
		}
		slices.SortFunc(accounts, func(a, b user.SocialAccount) int {
			return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.ProviderID, b.ProviderID))
		})
		return nil
	})
	return accounts, err
}

// User implements ports.Users.
func (r *repo) User(ctx context.Context, uid id.User) (u user.User, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		found, ok := x.users.get(uid)
		if !ok {
			return ports.ErrUserNotFound
		}
		u = cloneUser(found)
		return nil
	})
	return u, err
}

// UsersCalled implements ports.Users.
func (r *repo) UsersCalled(ctx context.Context, nicknameKey, email string, limit int) (found []user.User, err error) {
	called := func(name, wanted string) bool { return name != "" && name == wanted }
	err = r.read(ctx, func(x *snapshot) error {
		for _, u := range x.users.all() {
			is := called(u.Nickname.Key(), nicknameKey) || called(strings.ToLower(u.Email), email)
			for linked := range x.accountsOf.of(&x.accounts, u.ID) {
				is = is || called(strings.ToLower(linked.Email), email)
			}
			if is {
				found = append(found, cloneUser(u))
			}
		}
		slices.SortFunc(found, func(a, b user.User) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
		found = found[:min(limit, len(found))]
		return nil
	})
	return found, err
}

// person returns what others see of a user; nothing of nobody.
func (x *snapshot) person(uid id.User) user.Person {
	u, _ := x.users.get(uid)
	return user.Person{ID: u.ID, Nickname: u.Nickname.String(), AvatarID: u.AvatarID}
}

// Person implements ports.Users.
func (r *repo) Person(ctx context.Context, uid id.User) (p user.Person, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		p = x.person(uid)
		return nil
	})
	return p, err
}

// takeNickname gives a user a nickname that nobody else has.
func (x *snapshot) takeNickname(uid id.User, n user.Nickname) error {
	if n.IsZero() {
		return nil
	}
	if owner, taken := x.nicknames.get(n.Key()); taken && owner != uid {
		return user.ErrNicknameTaken
	}
	x.nicknames.put(n.Key(), uid)
	return nil
}

// SaveUser implements ports.Users.
func (r *repo) SaveUser(ctx context.Context, u user.User) error {
	return r.write(ctx, func(x *snapshot) error {
		row, ok := x.users.get(u.ID)
		if !ok {
			return nil
		}
		if err := x.takeNickname(u.ID, u.Nickname); err != nil {
			return err
		}
		if old := row.Nickname; !old.IsZero() && old.Key() != u.Nickname.Key() {
			x.nicknames.delete(old.Key())
		}
		u = cloneUser(u)
		row.Nickname, row.AvatarID, row.WeightKG, row.UpdatedAt = u.Nickname, u.AvatarID, u.WeightKG, u.UpdatedAt
		row.MaxHeartRate, row.BirthYear = u.MaxHeartRate, u.BirthYear
		x.users.put(row.ID, row)
		return nil
	})
}

// UserCourses implements ports.Users.
func (r *repo) UserCourses(ctx context.Context, uid id.User) (made []ports.MadeCourse, ran []id.Course, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for _, c := range x.courses.all() {
			if c.CreatorID != uid {
				continue
			}
			made = append(made, ports.MadeCourse{ID: c.ID, CompletedByOthers: x.completedByOthers(c.ID, uid)})
		}
		seen := map[id.Course]bool{}
		for rec := range x.recordsOf.of(&x.records, uid) {
			if !rec.CourseID.IsZero() && !seen[rec.CourseID] {
				seen[rec.CourseID] = true
				ran = append(ran, rec.CourseID)
			}
		}
		slices.SortFunc(made, func(a, b ports.MadeCourse) int { return a.ID.Compare(b.ID) })
		slices.SortFunc(ran, id.Course.Compare)
		return nil
	})
	return made, ran, err
}

// DeleteUser implements ports.Users.
func (r *repo) DeleteUser(ctx context.Context, uid id.User) error {
	return r.write(ctx, func(x *snapshot) error {
		u, ok := x.users.get(uid)
		if !ok {
			return nil
		}
		for _, c := range x.courses.all() {
			if c.CreatorID == uid && !c.IsPublic {
				return errNobodys
			}
		}
		for _, rec := range x.recordsOf.collect(&x.records, uid) {
			x.deleteRecord(rec)
		}
		for _, s := range x.sessionsOf.collect(&x.sessions, uid) {
			x.deleteSession(s)
		}
		for _, t := range x.tokensOf.collect(&x.tokens, uid) {
			x.tokens.delete(t.ID)
		}
		for _, linked := range x.accountsOf.collect(&x.accounts, uid) {
			x.accounts.delete(accountKey{linked.Provider, linked.ProviderID})
		}
		for _, row := range x.placesOf.collect(&x.rankings, uid) {
			x.rankings.delete(placeKey{boardKey{row.CourseID, row.Period}, uid})
		}
		for _, c := range x.courses.all() {
			if c.CreatorID == uid {
				c.CreatorID = id.User{}
				x.courses.put(c.ID, c)
			}
		}
		for _, kept := range x.sumsOf.collect(&x.sums, uid) {
			x.sums.delete(kept.key())
		}
		for _, kept := range x.bestsOf.collect(&x.bests, uid) {
			x.bests.delete(kept.key())
		}
		x.nicknames.delete(u.Nickname.Key())
		x.quotas.delete(uid)
		x.dropRequests(x.requestsOf.collect(&x.requests, uid))
		x.users.delete(uid)
		return nil
	})
}

// LockUser implements ports.Users. Every transaction is alone already.
func (r *repo) LockUser(ctx context.Context, uid id.User) error {
	return r.read(ctx, func(x *snapshot) error {
		if !x.users.has(uid) {
			return ports.ErrUserNotFound
		}
		return nil
	})
}
