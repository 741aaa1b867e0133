package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/user"
)

// Faults of Verifier.
var (
	ErrSocialTokenInvalid  = fault.New(fault.Unauthorized, "invalid_social_token", "the provider does not vouch for this token; sign in again")
	ErrProviderUnavailable = fault.New(fault.Unavailable, "provider_unavailable", "the identity provider does not answer as it should; try again later")
)

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
	// provider does. Faults: ErrSocialTokenInvalid for a token that
	// the provider refuses, or that was made for another app or another nonce;
	// ErrProviderUnavailable (detail "retry_after": whole seconds) when
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
