package ports

import (
	"context"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
)

// ErrUserNotFound answers for a user who is not there.
var ErrUserNotFound = fault.New(fault.NotFound, "user_not_found", "there is no such user")

// Users keeps people and their accounts at identity providers.
type Users interface {
	// FindOrCreateUser returns the user of a social account, making both from
	// fresh when there is none. Any number of calls at once make one user.
	FindOrCreateUser(ctx context.Context, account user.SocialAccount, fresh user.User) (u user.User, created bool, err error)
	// UserOf returns the user of a social account, or ErrUserNotFound.
	UserOf(ctx context.Context, provider, providerID string) (id.User, error)
	// User returns a user, or ErrUserNotFound.
	User(ctx context.Context, uid id.User) (user.User, error)
	// UsersCalled returns the users with a nickname (user.Nickname.Key) or an e-mail
	// address, in lower case, of their own or of an account of theirs; "" is nobody's.
	// By id, at most limit. It may look at every user: it is for whoever runs the
	// server.
	UsersCalled(ctx context.Context, nicknameKey, email string, limit int) ([]user.User, error)
	// Person returns what others see of a user; nothing of nobody, or of somebody
	// who is not there.
	Person(ctx context.Context, uid id.User) (user.Person, error)
	// SaveUser writes nickname, avatar, weight_kg and updated_at. Faults:
	// user.ErrNicknameTaken.
	SaveUser(ctx context.Context, u user.User) error
	// SocialAccounts returns a user's accounts at identity providers, by provider and
	// the id there.
	SocialAccounts(ctx context.Context, uid id.User) ([]user.SocialAccount, error)
	// UserCourses returns the courses a user made, and those they ran on; both by id.
	UserCourses(ctx context.Context, uid id.User) (made []MadeCourse, ran []id.Course, err error)
	// DeleteUser removes a user with everything that is theirs: accounts, tokens,
	// sessions, chunks, records, statistics and board rows. Public courses stay,
	// without a creator. While there is a private one it fails: a course that nobody
	// may see must not be there.
	DeleteUser(ctx context.Context, uid id.User) error
	// LockUser holds the user's row until the transaction ends. Locks are taken
	// in the order session, record, user, course.
	LockUser(ctx context.Context, uid id.User) error
}

// MadeCourse is a course of a user who leaves.
type MadeCourse struct {
	ID                id.Course
	CompletedByOthers bool // there is a record of somebody else who completed it
}
