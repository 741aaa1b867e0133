package apple

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/runvs/runvs/adapters/jose"
	"github.com/runvs/runvs/domain/strictjson"
)

const (
	// leeway is by how much Apple's clock and ours may differ.
	leeway = time.Minute
	// maxSubject is the length of the column that holds a subject, in characters.
	maxSubject = 255
)

// claims is what a token's payload says.
type claims struct {
	jose.Times
	issuer, subject, nonce, email string
	audience                      []string
	hasNonce                      bool
}

// readClaims reads a payload that Apple signed. What is not needed is passed
// over, email_verified among it, which is a boolean or a string.
func readClaims(raw []byte) (c claims, err error) {
	err = jose.ReadObject(raw, func(r *strictjson.Reader, name string) (err error) {
		switch name {
		case "iss":
			c.issuer, err = r.String()
		case "sub":
			c.subject, err = r.String()
		case "aud":
			c.audience, err = readAudience(r)
		case "nonce":
			c.nonce, err = r.String()
			c.hasNonce = true
		case "email":
			c.email, err = readEmail(r)
		default:
			err = c.ReadOrSkip(r, name)
		}
		return err
	})
	if err != nil {
		return claims{}, errors.New("apple: the claims cannot be read")
	}
	return c, nil
}

// readAudience reads a string or an array of strings (RFC 7519 §4.1.3).
func readAudience(r *strictjson.Reader) (audience []string, err error) {
	d, err := r.Document()
	if err != nil {
		return nil, err
	}
	var one string
	if json.Unmarshal(d, &one) == nil && string(d) != "null" {
		return []string{one}, nil
	}
	var many []*string
	if err := json.Unmarshal(d, &many); err != nil {
		return nil, err
	}
	for _, s := range many {
		if s == nil {
			return nil, errors.New("null is no audience")
		}
		audience = append(audience, *s)
	}
	return audience, nil
}

// readEmail reads an address; anything but a string is none.
func readEmail(r *strictjson.Reader) (string, error) {
	d, err := r.Document()
	if err != nil {
		return "", err
	}
	var email string
	if json.Unmarshal(d, &email) != nil {
		return "", nil
	}
	return email, nil
}

// check refuses claims that are not Apple's, not for us, not for this sign-in,
// not yet or no longer good.
func (v *Verifier) check(c claims, nonce string) error {
	now := v.clock.Now()
	switch {
	case c.issuer != Issuer:
		return errors.New("apple: the issuer is another")
	case !v.ours(c.audience):
		return errors.New("apple: the token was made for another app")
	case !c.HasExpiresAt || !c.HasIssuedAt:
		return errors.New("apple: exp or iat is missing")
	case now.After(c.ExpiresAt.Add(leeway)):
		return fmt.Errorf("apple: the token ended at %v", c.ExpiresAt)
	case c.IssuedAt.After(now.Add(leeway)) || c.NotBefore.After(now.Add(leeway)):
		return errors.New("apple: the token is of the future")
	case !c.ExpiresAt.After(c.IssuedAt):
		return errors.New("apple: the token ended before it was issued")
	case !c.hasNonce || !sameNonce(c.nonce, nonce):
		return errors.New("apple: the nonce is missing or another")
	case c.subject == "" || utf8.RuneCountInString(c.subject) > maxSubject:
		return fmt.Errorf("apple: the subject is empty or over %d characters", maxSubject)
	}
	return nil
}

// ours reports whether a token is for our apps alone: one that another's app may
// use as well was perhaps given to that app.
func (v *Verifier) ours(audience []string) bool {
	for _, a := range audience {
		if !v.bundleIDs[a] {
			return false
		}
	}
	return len(audience) > 0
}

// sameNonce compares the claim with the nonce of the caller, which is not "".
// Apps hand Apple either the nonce or its SHA-256 in lower-case hex. A claim that
// is such a hash is never taken for the nonce itself: whoever stole the token can
// read the hash in it.
func sameNonce(claim, nonce string) bool {
	sum := sha256.Sum256([]byte(nonce))
	return claim == hex.EncodeToString(sum[:]) || (claim == nonce && !isHash(claim))
}

// isHash reports whether a claim may be a SHA-256 in hex.
func isHash(claim string) bool {
	_, err := hex.DecodeString(claim)
	return err == nil && len(claim) == 2*sha256.Size
}
