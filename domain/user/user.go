// Package user has the person: who they are to others, and what RUNVS keeps
// of them.
package user

import (
	"math"
	"time"

	"github.com/runvs/runvs/domain/id"
)

// User is a runner's account.
type User struct {
	ID                  id.User
	Email               string    // "" when the provider gave none
	Nickname            Nickname  // zero when none was chosen
	AvatarID            id.Avatar // zero without a picture
	WeightKG            *float32
	MaxHeartRate        *int // beats a minute
	BirthYear           *int
	TotalDistanceMeters int64
	TotalRuns           int
	TokensValidAfter    time.Time // access tokens issued before are refused
	TokensIssuedUntil   time.Time // the newest iat of an access token of theirs
	CreatedAt           time.Time
	UpdatedAt           time.Time
}

// Person is what others see of a user.
type Person struct {
	ID       id.User
	Nickname string
	AvatarID id.Avatar // zero without a picture
}

// SocialAccount is a person at an identity provider.
type SocialAccount struct {
	Provider   string // kakao, apple, or dev on a developer's machine
	ProviderID string
	Email      string
	LinkedAt   time.Time // by storage
}

// The weights, in kilograms, that a person can have.
const (
	MinWeightKG = 20
	MaxWeightKG = 400
)

// The highest heart rates, in beats a minute, and the ages that a runner can have.
const (
	MinMaxHeartRate = 100
	MaxMaxHeartRate = 250
	MinAge          = 5
	MaxAge          = 120
)

// HighestHeartRate returns the user's highest heart rate in a year: what they say, or
// what their age makes likely (Tanaka et al., J Am Coll Cardiol 37:153, 2001); 0 when
// neither is known.
func (u User) HighestHeartRate(year int) int {
	switch {
	case u.MaxHeartRate != nil:
		return *u.MaxHeartRate
	case u.BirthYear != nil:
		return int(math.Round(208 - 0.7*float64(year-*u.BirthYear)))
	}
	return 0
}

// DefaultWeightKG stands in where a user's weight is not known.
const DefaultWeightKG = 70
