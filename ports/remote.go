package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/user"
)

// Clock tells the time; the application's only source of it.
type Clock interface {
	Now() time.Time
}

// Blobs keeps files under keys such as "thumbnails/<id>.png". Keys are made by
// the application: path segments of letters, digits, dots, dashes and
// underscores, joined by slashes.
type Blobs interface {
	// Put stores data under key, replacing what was there, durably.
	Put(ctx context.Context, key, contentType string, data []byte) error
	// Get returns what Put stored, or blob_not_found.
	Get(ctx context.Context, key string) (data []byte, contentType string, err error)
	// Delete removes a key; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
}

// RouteImages draws a course for its thumbnail.
type RouteImages interface {
	// Render returns a PNG of 640×360 pixels: the route with its start and finish,
	// over a map where one can be had. That it cannot is no error. It takes its
	// share of the budget and ends with ctx.
	Render(ctx context.Context, route geo.Line) ([]byte, error)
}

// TimeZones knows what a clock on the wall says at a place.
type TimeZones interface {
	// LocalTime returns an instant with the place's wall clock. At sea it is the
	// nautical zone's.
	LocalTime(p geo.Point, at time.Time) time.Time
}

// AccessClaims is what an access token says (PRODUCT.md §3, Auth).
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

// Track is what a recorded file holds.
type Track struct {
	Name  string
	Fixes []TrackFix
}

// TrackFix is one point of a file; HasTime is false in a route without times.
type TrackFix struct {
	Point     geo.Point
	Timestamp int64 // Unix milliseconds
	HasTime   bool
	Altitude  float64 // NaN when absent, as HeartRate, Cadence and Speed
	HeartRate float64
	Cadence   float64
	Speed     float64
}

// TrackFiles reads and writes recorded runs.
type TrackFiles interface {
	// Read parses a GPX, TCX or FIT file by its content. It takes its share of the
	// budget and ends with ctx. Faults: Unsupported unsupported_track for another
	// format, Invalid bad_track for a broken file, Invalid track_too_complex
	// (details "what", "value", "limit") for one that is made to be hard to read,
	// TooLarge track_too_many_fixes and body_too_large ("value", "limit"), and
	// Budget's.
	Read(ctx context.Context, data []byte) (Track, error)
	// WriteGPX writes a track as GPX 1.1.
	WriteGPX(t Track) ([]byte, error)
}

// Identity is whom an identity provider vouches for.
type Identity struct {
	user.SocialAccount        // Email "" when the provider gave none
	Nickname           string // as the provider has it, "" for none; not checked
	// OnceUntil is set when the token is good for one sign-in: from then on Verify
	// itself refuses it. Zero for a token that may be shown again.
	OnceUntil time.Time
}

// Verifier asks one identity provider whom a token stands for.
type Verifier interface {
	// Verify checks a token that a client got from the provider, with the nonce it
	// was asked for ("" for none). It answers within 5 seconds, whatever the
	// provider does. Faults: Unauthorized invalid_social_token for a token that
	// the provider refuses, or that was made for another app or another nonce;
	// Unavailable provider_unavailable (detail "retry_after": whole seconds) when
	// the provider is slow, down or talks nonsense. Neither the token nor anything
	// personal is in an error.
	Verify(ctx context.Context, token, nonce string) (Identity, error)
}

// Revoker tells an identity provider that somebody has left.
type Revoker interface {
	// Revoke ends the provider's grant to us, with a fresh authorization code of
	// the client. It answers within 5 seconds. Neither the code nor anything
	// personal is in an error.
	Revoke(ctx context.Context, authorizationCode string) error
}

// Avatars makes the picture of a person out of a file that somebody sent.
type Avatars interface {
	// Avatar returns a JPEG of 512×512 pixels: the middle of the picture, upright,
	// and nothing else of the file. JPEG, PNG and WebP are told by content; an
	// animated one gives its first frame. It judges by the header what decoding
	// takes, before it decodes, and takes its share of the budget. Faults: TooLarge
	// avatar_too_large (details "what", "value", "limit") over 5 MiB, 25 megapixels
	// or 256 MiB of memory; Unsupported unsupported_image for another format;
	// Invalid bad_image for a file that is broken or empty; and Budget's.
	Avatar(ctx context.Context, file []byte) ([]byte, error)
}
