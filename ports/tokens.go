package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

// ErrTokenInvalid answers for an access token that is not good, or not there.
var ErrTokenInvalid = fault.New(fault.Unauthorized, "token_invalid", "the access token is not valid; sign in again")

// RefreshTokens keeps the refresh tokens of users. Whoever changes them in a
// transaction holds the user's lock.
type RefreshTokens interface {
	// InsertRefreshToken stores a new token. Of a family one at most is active.
	InsertRefreshToken(ctx context.Context, t auth.Refresh) error
	// RefreshToken returns a token, or auth.ErrInvalid.
	RefreshToken(ctx context.Context, row id.Refresh) (auth.Refresh, error)
	// UseRefreshToken writes what Refresh.Use says of a used token, and forgets the
	// sealed copy of it that the token before keeps.
	UseRefreshToken(ctx context.Context, used auth.Refresh) error
	// RevokeFamily revokes what is left of a family; of one that has ended, nothing.
	RevokeFamily(ctx context.Context, family id.Family, now time.Time) error
	// RevokeUser revokes all tokens of a user, and has access tokens that were
	// issued up to now refused (tokens_valid_after).
	RevokeUser(ctx context.Context, uid id.User, now time.Time) error
	// NoteIssued notes that an access token was issued to a user at a time; the
	// newest is kept (tokens_issued_until).
	NoteIssued(ctx context.Context, uid id.User, at time.Time) error
	// SignIns returns up to limit token families of a user that are still known,
	// with a token or without, by id, behind after.
	SignIns(ctx context.Context, uid id.User, after id.Family, limit int) ([]auth.SignIn, error)
	// PurgeRefreshTokens deletes tokens that expired before a time, forgets the
	// sealed copies of tokens used before another, and returns how many tokens went.
	PurgeRefreshTokens(ctx context.Context, expiredBefore, usedBefore time.Time) (int, error)
}

// UsedTokens remembers the tokens of identity providers that are good for one
// sign-in, for all processes.
type UsedTokens interface {
	// UseToken marks a token as used and reports whether it was not before. Of any
	// number of transactions that mark one, one that commits is the first. The mark
	// is kept until a time that is no earlier than the token's end.
	UseToken(ctx context.Context, token auth.TokenHash, until time.Time) (first bool, err error)
	// PurgeUsedTokens forgets tokens that were kept until before a time, and returns
	// how many went.
	PurgeUsedTokens(ctx context.Context, before time.Time) (int, error)
}

// AccessClaims is what an access token says.
type AccessClaims struct {
	User      id.User
	Family    id.Family
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// AccessTokens signs and checks access tokens.
type AccessTokens interface {
	// Issue signs a token for a user's device, valid from now on for lifetime.
	Issue(user id.User, family id.Family, now time.Time, lifetime time.Duration) (string, error)
	// Verify checks everything about a token but whether its user still exists.
	// Faults: token_invalid.
	Verify(token string, now time.Time) (AccessClaims, error)
}

// RefreshSecrets makes, hashes and seals the secrets of refresh tokens.
type RefreshSecrets interface {
	// Random returns fresh random bytes of a secret.
	Random() [auth.SecretBytes]byte
	// Hash returns what is kept of a secret. Few are hashed at once; a caller whose
	// ctx ends while it waits gets that error.
	Hash(ctx context.Context, secret string) (string, error)
	// Matches reports whether a secret is the one of a hash; bounded like Hash.
	Matches(ctx context.Context, hash, secret string) (bool, error)
	// Seal encrypts the successor of a token so that only who holds that token
	// can read it.
	Seal(holder auth.Token, successor auth.Token) ([]byte, error)
	// Open reads what Seal made, with the same holder.
	Open(holder auth.Token, sealed []byte) (auth.Token, error)
}
