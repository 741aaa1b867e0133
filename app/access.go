package app

import (
	"context"
	"sync"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// validAfterTTL is how long a process may rely on what it knows of a user's
// tokens_valid_after. Revoking everything ends access tokens within 10 s.
const validAfterTTL = 5 * time.Second

// maxKnownUsers bounds what the token check remembers.
const maxKnownUsers = 100_000

// Authenticate returns the user of an access token. Most calls ask the store
// nothing: what it said of a user is believed for validAfterTTL. Faults:
// token_invalid, also when the user is gone or everything was revoked.
func (a *Auth) Authenticate(ctx context.Context, token string) (id.User, error) {
	now := a.clock.Now()
	claims, err := a.tokens.Verify(token, now)
	if err != nil {
		return id.User{}, err
	}
	validAfter, known := a.known.get(claims.User, now)
	if !known {
		u, err := a.store.User(ctx, claims.User)
		if notFound(err) {
			return id.User{}, ports.ErrTokenInvalid
		}
		if err != nil {
			return id.User{}, err
		}
		validAfter = u.TokensValidAfter
		a.known.put(claims.User, validAfter, now)
	}
	if !claims.IssuedAt.After(validAfter) {
		return id.User{}, ports.ErrTokenInvalid
	}
	return claims.User, nil
}

// knownUsers remembers since when users' access tokens are good.
type knownUsers struct {
	mu    sync.Mutex
	users map[id.User]knownUser
}

type knownUser struct{ validAfter, checkedAt time.Time }

func newKnownUsers() *knownUsers { return &knownUsers{users: map[id.User]knownUser{}} }

func (k *knownUsers) get(uid id.User, now time.Time) (validAfter time.Time, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	u, ok := k.users[uid]
	age := now.Sub(u.checkedAt)
	return u.validAfter, ok && age >= 0 && age < validAfterTTL // a clock may be set back
}

func (k *knownUsers) put(uid id.User, validAfter, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.users) >= maxKnownUsers {
		clear(k.users)
	}
	k.users[uid] = knownUser{validAfter, now}
}

// forget has the next check ask the store.
func (k *knownUsers) forget(uid id.User) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.users, uid)
}
