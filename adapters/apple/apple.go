// Package apple checks the id_tokens of Sign in with Apple.
//
// Such a token is a JWT that Apple signed for one of our apps. It is checked
// here, with Apple's public keys; Apple is asked for nothing but those. The
// signature is golang-jwt's. Header and claims are read strictly, not with that
// package's parser, which takes names in any case and the last of two members
// of one name: two readers of a token must never disagree about it.
//
// That a token is used once is not seen to here, but told (Identity.OnceUntil):
// only who signs the person in knows whether that came to something.
package apple

import (
	"context"
	"errors"

	"github.com/runvs/runvs/adapters/remote"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// DefaultBaseURL is where Apple's keys are.
const DefaultBaseURL = "https://appleid.apple.com"

// Issuer is the iss of every token, wherever the keys are fetched from.
const Issuer = "https://appleid.apple.com"

var errInvalid = ports.ErrSocialTokenInvalid.Saying("the Apple id_token is not valid here; sign in again")

// Config says for which apps tokens must have been made.
type Config struct {
	remote.Service          // its clock judges tokens, too
	BundleIDs      []string // our apps; at least one
}

// Verifier implements ports.Verifier. It may be used by many goroutines.
type Verifier struct {
	bundleIDs map[string]bool
	clock     ports.Clock
	keys      *keyStore
}

// New makes a verifier. A bundle id and a clock are needed. No key is fetched
// before the first token comes.
func New(cfg Config) (*Verifier, error) {
	if len(cfg.BundleIDs) == 0 {
		return nil, errors.New("apple: at least one bundle id is needed")
	}
	v := &Verifier{bundleIDs: map[string]bool{}, clock: cfg.Clock}
	for _, bundleID := range cfg.BundleIDs {
		if bundleID == "" {
			return nil, errors.New("apple: a bundle id is empty")
		}
		v.bundleIDs[bundleID] = true
	}
	client, err := remote.New("apple", DefaultBaseURL, cfg.Service)
	if err != nil {
		return nil, err
	}
	v.keys = newKeyStore(client, cfg.Clock)
	return v, nil
}

// Verify implements ports.Verifier. The nonce is needed: it is what ties a token
// to the sign-in that asked for it.
func (v *Verifier) Verify(ctx context.Context, token, nonce string) (ports.Identity, error) {
	if nonce == "" {
		return ports.Identity{}, errInvalid.Because(errors.New("apple: there is no nonce"))
	}
	t, err := split(token)
	if err != nil {
		return ports.Identity{}, errInvalid.Because(err)
	}
	key, err := v.keys.key(ctx, t.kid)
	if err != nil {
		return ports.Identity{}, err
	}
	payload, err := t.open(key)
	if err != nil {
		return ports.Identity{}, errInvalid.Because(err)
	}
	c, err := readClaims(payload)
	if err != nil {
		return ports.Identity{}, errInvalid.Because(err)
	}
	if err := v.check(c, nonce); err != nil {
		return ports.Identity{}, errInvalid.Because(err)
	}
	return ports.Identity{SocialAccount: user.SocialAccount{
		Provider: "apple", ProviderID: c.subject, Email: remote.Email(c.email),
	}, OnceUntil: c.ExpiresAt.Add(leeway)}, nil
}
