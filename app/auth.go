package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

var (
	errSocialInvalid = ports.ErrSocialTokenInvalid.Saying("the provider does not vouch for this token")
	errNoProvider    = ports.ErrProviderUnavailable.Saying("this identity provider is not set up here")
)

// Auth signs people in and out, and checks their access tokens.
type Auth struct {
	store     authStore
	clock     ports.Clock
	ids       id.Generator
	tokens    ports.AccessTokens
	secrets   ports.RefreshSecrets
	verifiers map[string]ports.Verifier // by provider
	letters   user.Letters
	log       *slog.Logger
	settings  Settings
	known     *knownUsers
}

// authStore is what signing in and out asks of the store.
type authStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context, tx ports.Repo) error) error
	User(ctx context.Context, uid id.User) (user.User, error)
	RefreshToken(ctx context.Context, row id.Refresh) (auth.Refresh, error)
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
// also for a token that is good once and was used; provider_unavailable.
//
// A token that is good once is marked as used in the transaction of all that the
// sign-in does: when that fails, the same token may be tried again, and when the
// answer alone is lost, the person signs in at the provider again.
func (a *Auth) Login(ctx context.Context, provider, token, nonce string) (l Login, err error) {
	who, err := a.verify(ctx, provider, token, nonce)
	if err != nil {
		return Login{}, err
	}
	in := signIn{who: who, token: sha256.Sum256([]byte(token)), family: id.New[id.FamilyKind](a.ids)}
	if in.refresh, in.hash, err = a.secret(ctx); err != nil {
		return Login{}, err
	}
	for try := 0; ; try++ {
		fresh := a.newUser(who, try)
		err = a.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
			l, err = a.signIn(ctx, tx, in, fresh)
			return err
		})
		taken := errors.Is(err, user.ErrNicknameTaken) && !fresh.Nickname.IsZero()
		left := notFound(err) && try < nicknameTries // between being found and being locked
		if !taken && !left {
			return l, err
		}
	}
}

// signIn is one sign-in under way.
type signIn struct {
	who     ports.Identity
	token   auth.TokenHash
	family  id.Family
	refresh auth.Token
	hash    string // of its secret
}

// signIn finds the person or makes them of fresh, and starts a token family.
func (a *Auth) signIn(ctx context.Context, tx ports.Repo, in signIn, fresh user.User) (l Login, err error) {
	if once := in.who.OnceUntil; !once.IsZero() {
		first, err := tx.UseToken(ctx, in.token, once)
		if err != nil {
			return l, err
		}
		if !first {
			return l, errSocialInvalid.Because(errors.New("the token was used before"))
		}
	}
	u, created, err := tx.FindOrCreateUser(ctx, in.who.SocialAccount, fresh)
	if err != nil {
		return l, err
	}
	if u, err = lockUser(ctx, tx, u.ID); err != nil {
		return l, err
	}
	now := auth.IssuedAt(a.clock.Now(), u.TokensValidAfter)
	row := auth.First(in.refresh.ID, u.ID, in.family, in.hash, now)
	if err := tx.InsertRefreshToken(ctx, row); err != nil {
		return l, err
	}
	tokens, err := a.issue(ctx, tx, row, in.refresh, now)
	return Login{Tokens: tokens, IsNewUser: created, User: u}, err
}

// lockUser locks a user and returns them as they then are.
func lockUser(ctx context.Context, tx ports.Users, uid id.User) (user.User, error) {
	if err := tx.LockUser(ctx, uid); err != nil {
		return user.User{}, err
	}
	return tx.User(ctx, uid)
}

// verify asks the provider whom a token stands for.
func (a *Auth) verify(ctx context.Context, provider, token, nonce string) (ports.Identity, error) {
	if provider == "dev" {
		return a.verifyDev(token)
	}
	v, known := a.verifiers[provider]
	if !known {
		return ports.Identity{}, errSocialInvalid
	}
	if v == nil {
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

// newUser is the account that an identity gets if it has none yet.
func (a *Auth) newUser(who ports.Identity, try int) user.User {
	now := a.clock.Now()
	fresh := user.User{ID: id.New[id.UserKind](a.ids), Email: who.Email, CreatedAt: now, UpdatedAt: now}
	if try < nicknameTries {
		fresh.Nickname = user.FromProvider(a.letters, who.Nickname, nicknameNumber(try, fresh.ID))
	}
	if a.settings.Reserved.Has(fresh.Nickname) { // a number behind it would still read like one
		fresh.Nickname = user.Nickname{}
	}
	return fresh
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
	t := auth.NewToken(id.New[id.RefreshKind](a.ids), a.secrets.Random())
	hash, err := a.secrets.Hash(ctx, t.Secret)
	return t, hash, err
}

// issue makes the answer to a sign-in or a refresh, under the user's lock: that an
// access token was issued is noted, so that whoever ends all ends this one too,
// whatever their clock says.
func (a *Auth) issue(ctx context.Context, tx ports.RefreshTokens, row auth.Refresh, t auth.Token, now time.Time) (Tokens, error) {
	access, err := a.tokens.Issue(row.UserID, row.Family, now, auth.AccessLifetime)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{
		Access: access, ExpiresIn: auth.AccessLifetime, Refresh: t.String(), RefreshExpiresIn: row.ExpiresAt.Sub(now),
	}, tx.NoteIssued(ctx, row.UserID, now)
}
