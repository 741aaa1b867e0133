package app

import (
	"context"
	"log/slog"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// Users shows a runner what is theirs, and lets them change it or leave.
type Users struct {
	store    userStore
	clock    ports.Clock
	ids      id.Generator
	blobs    ports.Blobs
	avatars  ports.Avatars
	letters  user.Letters
	log      *slog.Logger
	reserved user.Reserved
	known    *knownUsers
	farewell *farewells
}

// userStore is what accounts ask of the store.
type userStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	User(ctx context.Context, uid id.User) (user.User, error)
	UserOf(ctx context.Context, provider, providerID string) (id.User, error)
	UserStats(ctx context.Context, uid id.User) (stats.User, error)
	ListRecords(ctx context.Context, q ports.RecordQuery) ([]ports.RunSummary, int, error)
	Enqueue(ctx context.Context, job ports.Job) error
	Scrub(ctx context.Context) error
}

// Me returns the runner's own account.
func (u *Users) Me(ctx context.Context, uid id.User) (user.User, error) {
	return u.store.User(ctx, uid)
}

// Public returns a user for others to see: their person and totals.
func (u *Users) Public(ctx context.Context, uid id.User) (user.User, error) {
	return u.store.User(ctx, uid)
}

// Profile is what a runner may change of their account. Nil leaves a field as
// it is.
type Profile struct {
	Nickname     *string   // "" gives it up
	WeightKG     **float32 // pointing to nil makes it unknown, as with the next
	MaxHeartRate **int
	BirthYear    **int
	RemoveAvatar bool
}

// Check returns all that is wrong with a profile.
func (u *Users) Check(p Profile) error {
	_, err := u.nickname(p)
	return err
}

// nickname returns the nickname of a profile in which nothing is wrong.
func (u *Users) nickname(p Profile) (nickname user.Nickname, err error) {
	var weight, heart, birth error
	if p.Nickname != nil && *p.Nickname != "" {
		nickname, err = user.NewNickname(u.letters, *p.Nickname)
	}
	if p.WeightKG != nil && *p.WeightKG != nil {
		if kg := **p.WeightKG; !(kg >= user.MinWeightKG && kg <= user.MaxWeightKG) {
			weight = fault.InvalidField("weight_kg", "%g is outside [%d, %d]", kg, user.MinWeightKG, user.MaxWeightKG)
		}
	}
	if p.MaxHeartRate != nil && *p.MaxHeartRate != nil {
		if v := **p.MaxHeartRate; v < user.MinMaxHeartRate || v > user.MaxMaxHeartRate {
			heart = fault.InvalidField("max_heart_rate", "%d is outside [%d, %d]", v, user.MinMaxHeartRate, user.MaxMaxHeartRate)
		}
	}
	if p.BirthYear != nil && *p.BirthYear != nil {
		if v, year := **p.BirthYear, u.clock.Now().Year(); v < year-user.MaxAge || v > year-user.MinAge {
			birth = fault.InvalidField("birth_year", "%d is outside [%d, %d]", v, year-user.MaxAge, year-user.MinAge)
		}
	}
	return nickname, fault.Join(err, weight, heart, birth)
}

// Change changes the runner's account. Faults: Invalid for a nickname or weight
// that cannot be, nickname_taken, also of one that is reserved.
func (u *Users) Change(ctx context.Context, uid id.User, p Profile) (changed user.User, err error) {
	nickname, err := u.nickname(p)
	if err != nil {
		return changed, err
	}
	return u.save(ctx, uid, func(found *user.User) error {
		if p.Nickname != nil {
			if nickname.Key() != found.Nickname.Key() && u.reserved.Has(nickname) {
				return user.ErrNicknameReserved
			}
			found.Nickname = nickname
		}
		if p.WeightKG != nil {
			found.WeightKG = *p.WeightKG
		}
		if p.MaxHeartRate != nil {
			found.MaxHeartRate = *p.MaxHeartRate
		}
		if p.BirthYear != nil {
			found.BirthYear = *p.BirthYear
		}
		if p.RemoveAvatar {
			found.AvatarID = id.Avatar{}
		}
		return nil
	})
}

// save applies a change under the user's lock. A picture that is no longer the
// user's is dropped by a job.
func (u *Users) save(ctx context.Context, uid id.User, change func(*user.User) error) (changed user.User, err error) {
	err = u.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if err := tx.LockUser(ctx, uid); err != nil {
			return err
		}
		found, err := tx.User(ctx, uid)
		if err != nil {
			return err
		}
		before := found.AvatarID
		if err := change(&found); err != nil {
			return err
		}
		found.UpdatedAt = u.clock.Now()
		if err := tx.SaveUser(ctx, found); err != nil {
			return err
		}
		changed = found
		if found.AvatarID == before {
			return nil
		}
		return enqueueDrop(ctx, tx, before)
	})
	return changed, err
}

// Runs returns runs of the runner who owns them, newest first. Of a course that is not there, or is another's private one, they are
// what the runner ran on it: nothing that is not theirs is told.
func (u *Users) Runs(ctx context.Context, q ports.RecordQuery) ([]ports.RunSummary, int, error) {
	return u.store.ListRecords(ctx, q)
}

// Stats returns what the runner's processed runs add up to.
func (u *Users) Stats(ctx context.Context, uid id.User) (stats.User, error) {
	return u.store.UserStats(ctx, uid)
}
