package auth

import (
	"time"

	"github.com/runvs/runvs/domain/id"
)

// The processes that share a store have clocks that disagree, by seconds or, when
// one is broken, by hours. What is decided about a user's tokens is decided under
// the user's lock, and none of it may depend on whose clock is right.

// AccessLifetime is how long an access token is valid, and the most that one may
// claim to be. A token that says more was not made by these rules.
const AccessLifetime = 30 * time.Minute

// tick is what times are kept to.
const tick = time.Microsecond

// Moment returns the time at which something happens to a user's tokens: now by
// the clock at hand, but never before what has happened to them already.
func Moment(now time.Time, happened ...time.Time) time.Time {
	for _, t := range happened {
		if t.After(now) {
			now = t
		}
	}
	return now
}

// IssuedAt returns the iat of an access token that is made now: behind the time up
// to which all were ended, even if a clock ahead of ours said that time. It is not
// put behind other tokens of the user: one process whose clock is hours ahead would
// have all others refuse what they issue themselves.
func IssuedAt(now, validAfter time.Time) time.Time {
	return Moment(now, validAfter.Add(tick))
}

// TokenHash is the SHA-256 of an identity provider's token that is good for one
// sign-in.
type TokenHash [32]byte

// UsedTokenMargin is by how much longer a used token is remembered than anybody
// takes it: the process that forgets may have a clock ahead of the one that checks.
const UsedTokenMargin = time.Hour

// SignIn is one device's time with us, as its token family tells.
type SignIn struct {
	Family     id.Family
	StartedAt  time.Time
	LastUsedAt time.Time // the sign-in itself, or the last refresh
	ExpiresAt  time.Time
	RevokedAt  time.Time // zero unless it was ended
}
