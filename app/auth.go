package app

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
)

// validAfterTTL is how long a process may rely on what it knows of a user's
// tokens_valid_after. Revoking everything ends access tokens within 10 s.
const validAfterTTL = 5 * time.Second

// maxCachedUsers bounds what the token check remembers.
const maxCachedUsers = 100_000

var (
	errTokenInvalid  = fault.New(fault.Unauthorized, "token_invalid", "the access token is not valid; sign in again")
	errSocialInvalid = fault.New(fault.Unauthorized, "invalid_social_token", "the provider does not vouch for this token")
	errNoProvider    = fault.New(fault.Unavailable, "provider_unavailable", "this identity provider is not set up here")
)

// Auth signs people in and checks their access tokens.
type Auth struct {
	Deps
	settings Settings

	mu    sync.Mutex
	known map[id.User]knownUser
}

type knownUser struct {
	validAfter time.Time
	checkedAt  time.Time
}

func newAuth(d Deps, s Settings) *Auth {
	return &Auth{Deps: d, settings: s, known: map[id.User]knownUser{}}
}

// Login is what a sign-in gives.
type Login struct {
	AccessToken string
	ExpiresIn   time.Duration
	IsNewUser   bool
	User        user.User
}

// Login signs a person in by a provider's token and makes their account on the
// first time. Faults: invalid_social_token, provider_unavailable, Invalid for a
// provider that does not exist here.
func (a *Auth) Login(ctx context.Context, provider, token string) (Login, error) {
	account, err := a.verify(provider, token)
	if err != nil {
		return Login{}, err
	}
	now := a.Clock.Now()
	fresh := user.User{ID: id.New[id.UserKind](a.IDs), Email: account.Email, CreatedAt: now, UpdatedAt: now}
	u, created, err := a.Store.FindOrCreateUser(ctx, account, fresh)
	if err != nil {
		return Login{}, err
	}
	access, err := a.Tokens.Issue(u.ID, id.New[id.FamilyKind](a.IDs), now, AccessLifetime)
	if err != nil {
		return Login{}, err
	}
	return Login{AccessToken: access, ExpiresIn: AccessLifetime, IsNewUser: created, User: u}, nil
}

// verify asks the provider whom a token stands for.
func (a *Auth) verify(provider, token string) (user.SocialAccount, error) {
	switch provider {
	case "dev":
		if !a.settings.DevLogin {
			return user.SocialAccount{}, errNoProvider
		}
		name := strings.TrimSpace(token)
		if name == "" || utf8.RuneCountInString(name) > 100 || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 }) {
			return user.SocialAccount{}, errSocialInvalid
		}
		return user.SocialAccount{Provider: provider, ProviderID: name}, nil
	case "kakao", "apple":
		return user.SocialAccount{}, errNoProvider
	}
	return user.SocialAccount{}, fault.InvalidField("provider", "must be kakao or apple")
}

// Authenticate returns the user of an access token. Most calls ask the store
// nothing: what it said of a user is believed for validAfterTTL. Faults:
// token_invalid, also when the user is gone or everything was revoked.
func (a *Auth) Authenticate(ctx context.Context, token string) (id.User, error) {
	now := a.Clock.Now()
	claims, err := a.Tokens.Verify(token, now)
	if err != nil {
		return id.User{}, err
	}
	validAfter, err := a.validAfter(ctx, claims.User, now)
	if err != nil {
		return id.User{}, err
	}
	if claims.IssuedAt.Before(validAfter) {
		return id.User{}, errTokenInvalid
	}
	return claims.User, nil
}

func (a *Auth) validAfter(ctx context.Context, uid id.User, now time.Time) (time.Time, error) {
	a.mu.Lock()
	k, ok := a.known[uid]
	a.mu.Unlock()
	if ok && now.Sub(k.checkedAt) < validAfterTTL {
		return k.validAfter, nil
	}
	u, err := a.Store.User(ctx, uid)
	if fault.KindOf(err) == fault.NotFound {
		return time.Time{}, errTokenInvalid
	}
	if err != nil {
		return time.Time{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= maxCachedUsers {
		clear(a.known)
	}
	a.known[uid] = knownUser{validAfter: u.TokensValidAfter, checkedAt: now}
	return u.TokensValidAfter, nil
}
