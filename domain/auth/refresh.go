package auth

import (
	"time"

	"github.com/runvs/runvs/domain/id"
)

const (
	// Lifetime is how long a token can be used.
	Lifetime = 30 * 24 * time.Hour
	// FamilyLifetime is how long a device stays signed in, however often it
	// refreshes.
	FamilyLifetime = 180 * 24 * time.Hour
	// SealedFor is how long a lost answer can be asked for again.
	SealedFor = 24 * time.Hour
	// MaxReuseWindow bounds the time in which a retry without a key is forgiven.
	MaxReuseWindow = 30 * time.Second
)

// KeyHash is the SHA-256 of a client's Idempotency-Key; zero for none.
type KeyHash [32]byte

// Refresh is a refresh token as it is kept.
type Refresh struct {
	ID              id.Refresh
	UserID          id.User
	Family          id.Family // one sign-in on one device
	FamilyStartedAt time.Time
	Hash            string // of the secret
	CreatedAt       time.Time
	ExpiresAt       time.Time

	UsedAt      time.Time  // zero while it is active
	SuccessorID id.Refresh // set with UsedAt
	Sealed      []byte     // the successor, readable with this token's secret alone; nil when it is no longer needed
	KeyHash     KeyHash    // of the key it was used with

	RevokedAt time.Time // zero unless it was revoked
}

// First returns the first token of a new family.
func First(row id.Refresh, user id.User, family id.Family, hash string, now time.Time) Refresh {
	return Refresh{ID: row, UserID: user, Family: family, FamilyStartedAt: now, Hash: hash, CreatedAt: now, ExpiresAt: now.Add(Lifetime)}
}

// State is where a token stands.
type State int

// The states.
const (
	Active State = iota
	Used
	Revoked
)

// State returns where the token stands.
func (t Refresh) State() State {
	switch {
	case !t.RevokedAt.IsZero():
		return Revoked
	case !t.UsedAt.IsZero():
		return Used
	}
	return Active
}

// Expired reports whether the token or its family is too old. At the very end
// of its time it is.
func (t Refresh) Expired(now time.Time) bool {
	return !now.Before(t.ExpiresAt) || !now.Before(t.FamilyStartedAt.Add(FamilyLifetime))
}

// Outcome is what presenting a token leads to.
type Outcome int

// The outcomes. The table in doc.go says when each comes.
const (
	Rotate     Outcome = iota // use it, and make its successor
	Retry                     // hand out the sealed successor again
	Theft                     // revoke everything of the user
	RefuseOld                 // ErrExpired
	RefuseGone                // ErrRevoked
)

// Presented decides on a token whose secret was right. successor is the state of
// its successor, asked for when it was used; key is that of the request; window
// is how long a retry without any key is forgiven, 0 for never. When now is before
// the first use, because clocks differ, the time of the first use counts as now.
func (t Refresh) Presented(now time.Time, key KeyHash, successor State, window time.Duration) Outcome {
	switch t.State() {
	case Revoked:
		return RefuseGone
	case Active:
		if t.Expired(now) {
			return RefuseOld
		}
		return Rotate
	}
	sinceUse := Moment(now, t.UsedAt).Sub(t.UsedAt)
	if successor != Active || t.Sealed == nil || sinceUse >= SealedFor {
		return Theft
	}
	none := KeyHash{}
	if key != none && key == t.KeyHash {
		return Retry
	}
	if key == none && t.KeyHash == none && sinceUse < window {
		return Retry
	}
	return Theft
}

// Use marks the token used and returns it with its successor, which belongs to
// the same family and never outlives it.
func (t Refresh) Use(now time.Time, key KeyHash, successor id.Refresh, hash string, sealed []byte) (used, next Refresh) {
	next = Refresh{
		ID: successor, UserID: t.UserID, Family: t.Family, FamilyStartedAt: t.FamilyStartedAt, Hash: hash,
		CreatedAt: now, ExpiresAt: earlier(now.Add(Lifetime), t.FamilyStartedAt.Add(FamilyLifetime)),
	}
	t.UsedAt, t.SuccessorID, t.Sealed, t.KeyHash = now, successor, sealed, key
	return t, next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
