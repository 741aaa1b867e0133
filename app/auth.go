package app

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

var (
	errSocialInvalid = fault.New(fault.Unauthorized, "invalid_social_token", "the provider does not vouch for this token")
	errNoProvider    = fault.New(fault.Unavailable, "provider_unavailable", "this identity provider is not set up here")
)

// Auth signs people in and out, and checks their access tokens.
type Auth struct {
	Deps
	settings Settings
	known    *knownUsers
}

// Tokens is what a client signs in with from now on.
type Tokens struct {
	Access           string
	ExpiresIn        time.Duration
	Refresh          string
	RefreshExpiresIn time.Duration
}

// Login is what a sign-in gives.
type Login struct {
	Tokens
	IsNewUser bool
	User      user.User
}

// Login signs a person in by a provider's token, with the nonce it was asked
// for, and makes their account on the first time. Faults: invalid_social_token,
// provider_unavailable.
func (a *Auth) Login(ctx context.Context, provider, token, nonce string) (Login, error) {
	who, err := a.verify(ctx, provider, token, nonce)
	if err != nil {
		return Login{}, err
	}
	now := a.Clock.Now()
	u, created, err := a.account(ctx, who, now)
	if err != nil {
		return Login{}, err
	}
	successor, hash, err := a.secret(ctx)
	if err != nil {
		return Login{}, err
	}
	row := auth.First(successor.ID, u.ID, id.New[id.FamilyKind](a.IDs), hash, now)
	if err := a.Store.InsertRefreshToken(ctx, row); err != nil {
		return Login{}, err
	}
	tokens, err := a.issue(row, successor, now)
	return Login{Tokens: tokens, IsNewUser: created, User: u}, err
}

// verify asks the provider whom a token stands for.
func (a *Auth) verify(ctx context.Context, provider, token, nonce string) (ports.Identity, error) {
	if provider == "dev" {
		return a.verifyDev(token)
	}
	if provider != "kakao" && provider != "apple" {
		return ports.Identity{}, errSocialInvalid
	}
	v, ok := a.Verifiers[provider]
	if !ok {
		return ports.Identity{}, errNoProvider
	}
	who, err := v.Verify(ctx, token, nonce)
	who.Provider = provider
	return who, err
}

// verifyDev takes any name, on a developer's machine.
func (a *Auth) verifyDev(token string) (ports.Identity, error) {
	if !a.settings.DevLogin {
		return ports.Identity{}, errNoProvider
	}
	name := strings.TrimSpace(token)
	if name == "" || utf8.RuneCountInString(name) > 100 || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 }) {
		return ports.Identity{}, errSocialInvalid
	}
	return ports.Identity{SocialAccount: user.SocialAccount{Provider: "dev", ProviderID: name}, Nickname: name}, nil
}

// nicknameTries is how often a taken nickname gets another number before the
// person is left without one.
const nicknameTries = 12

// account finds the user of an identity or makes it.
func (a *Auth) account(ctx context.Context, who ports.Identity, now time.Time) (u user.User, created bool, err error) {
	for try := 0; ; try++ {
		fresh := user.User{ID: id.New[id.UserKind](a.IDs), Email: who.Email, CreatedAt: now, UpdatedAt: now}
		if try < nicknameTries {
			fresh.Nickname = user.FromProvider(a.Letters, who.Nickname, nicknameNumber(try, fresh.ID))
		}
		u, created, err = a.Store.FindOrCreateUser(ctx, who.SocialAccount, fresh)
		if !fault.HasCode(err, user.ErrNicknameTaken.Code) || fresh.Nickname.IsZero() {
			return u, created, err
		}
	}
}

// nicknameNumber is what is put behind a nickname that is taken: 2, 3, 4, then
// four digits of a random id, for of a common name hundreds may be taken.
func nicknameNumber(try int, random id.User) int {
	switch {
	case try == 0:
		return 0
	case try <= 3:
		return try + 1
	}
	b := random.Bytes()
	return 1000 + (int(b[14])<<8|int(b[15]))%9000
}

// secret makes a refresh token with the hash that is kept of it.
func (a *Auth) secret(ctx context.Context) (auth.Token, string, error) {
	t := auth.NewToken(id.New[id.RefreshKind](a.IDs), a.Secrets.Random())
	hash, err := a.Secrets.Hash(ctx, t.Secret)
	return t, hash, err
}

// issue makes the answer to a sign-in or a refresh.
func (a *Auth) issue(row auth.Refresh, t auth.Token, now time.Time) (Tokens, error) {
	access, err := a.Tokens.Issue(row.UserID, row.Family, now, AccessLifetime)
	return Tokens{
		Access: access, ExpiresIn: AccessLifetime, Refresh: t.String(), RefreshExpiresIn: row.ExpiresAt.Sub(now),
	}, err
}
