// Package tokens signs and checks access tokens: JWTs (RFC 7519) with
// HMAC-SHA-256 and nothing else.
package tokens

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/runvs/runvs/adapters/jose"
	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/ports"
)

const (
	// maxTokenBytes bounds what is looked at; ours have some 450 bytes.
	maxTokenBytes = 4096
	// clockSkew is by how much the clock of the process that issued a token may
	// be ahead. There is none for the end of a token's life.
	clockSkew = time.Minute
)

// Config says who signs for whom.
type Config struct {
	Secrets  []Secret // one or two; the first signs, any verifies
	Issuer   string   // iss
	Audience string   // aud
}

// Signer implements ports.AccessTokens. It may be used by many goroutines.
type Signer struct {
	issuer, audience string
	keys             []key
}

// key is a secret with the header of the tokens that it signs, encoded.
type key struct {
	Secret
	header string
}

// New makes a signer. One or two secrets of at least MinKeyBytes with different
// names are needed, an issuer and an audience.
func New(cfg Config) (*Signer, error) {
	if err := checkSecrets(cfg.Secrets); err != nil {
		return nil, err
	}
	if cfg.Issuer == "" || cfg.Audience == "" {
		return nil, errors.New("access tokens need an issuer and an audience")
	}
	s := &Signer{issuer: cfg.Issuer, audience: cfg.Audience}
	for _, secret := range cfg.Secrets {
		header := `{"alg":"HS256","kid":"` + secret.KID + `","typ":"JWT"}`
		s.keys = append(s.keys, key{secret, jose.Encode([]byte(header))})
	}
	return s, nil
}

// Issue implements ports.AccessTokens. Times are kept to the microsecond, so
// that a token of the moment after everything was revoked is told from one of
// the moment before.
func (s *Signer) Issue(user id.User, family id.Family, now time.Time, lifetime time.Duration) (string, error) {
	if user.IsZero() || family.IsZero() || lifetime <= 0 || lifetime > auth.AccessLifetime {
		return "", fmt.Errorf("a token of user %q and family %q for %v makes no sense", user, family, lifetime)
	}
	jti, err := uuid.NewRandom()
	if err != nil {
		return "", fmt.Errorf("make the id of a token: %w", err)
	}
	b := make([]byte, 0, 384)
	b = appendString(append(b, `{"aud":`...), s.audience)
	b = appendTime(append(b, `,"exp":`...), now.Add(lifetime))
	b = appendTime(append(b, `,"iat":`...), now)
	b = appendString(append(b, `,"iss":`...), s.issuer)
	b = appendString(append(b, `,"jti":`...), jti.String())
	b = appendString(append(b, `,"sid":`...), family.String())
	b = appendString(append(b, `,"sub":`...), user.String())
	b = append(b, '}')

	signed := s.keys[0].header + "." + jose.Encode(b)
	signature, err := jwt.SigningMethodHS256.Sign(signed, s.keys[0].Key)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed + "." + jose.Encode(signature), nil
}

func appendString(b []byte, s string) []byte { return strictjson.AppendString(b, []byte(s)) }

// appendTime writes a NumericDate: seconds since 1970, with a fraction.
func appendTime(b []byte, t time.Time) []byte {
	return strictjson.AppendFloat(b, float64(t.UnixMicro())/1e6)
}

// Verify implements ports.AccessTokens. The signature is checked before the
// claims are looked at.
func (s *Signer) Verify(token string, now time.Time) (ports.AccessClaims, error) {
	claims, err := s.verify(token, now)
	if err != nil {
		return ports.AccessClaims{}, ports.ErrTokenInvalid.Because(err)
	}
	return claims, nil
}

func (s *Signer) verify(token string, now time.Time) (ports.AccessClaims, error) {
	parts, err := jose.Split(token, maxTokenBytes)
	if err != nil {
		return ports.AccessClaims{}, err
	}
	secret, err := s.secretOf(parts)
	if err != nil {
		return ports.AccessClaims{}, err
	}
	raw, err := parts.Open(jwt.SigningMethodHS256, secret)
	if err != nil {
		return ports.AccessClaims{}, err
	}
	c, err := readClaims(raw)
	if err != nil {
		return ports.AccessClaims{}, err
	}
	return s.check(c, now)
}

// check refuses claims that are not ours, not yet or no longer good.
func (s *Signer) check(c claims, now time.Time) (out ports.AccessClaims, err error) {
	switch {
	case c.issuer != s.issuer:
		return out, fmt.Errorf("the issuer is %q", c.issuer)
	case c.audience != s.audience:
		return out, fmt.Errorf("the audience is %q", c.audience)
	case !now.Before(c.ExpiresAt):
		return out, fmt.Errorf("the token ended at %v", c.ExpiresAt)
	case c.IssuedAt.After(now.Add(clockSkew)):
		return out, fmt.Errorf("the token is of the future: %v", c.IssuedAt)
	case c.NotBefore.After(now.Add(clockSkew)):
		return out, fmt.Errorf("the token is not good before %v", c.NotBefore)
	case !c.ExpiresAt.After(c.IssuedAt):
		return out, errors.New("the token ended before it was issued")
	case c.ExpiresAt.Sub(c.IssuedAt) > auth.AccessLifetime:
		return out, fmt.Errorf("the token is good for %v", c.ExpiresAt.Sub(c.IssuedAt))
	}
	out.IssuedAt, out.ExpiresAt = c.IssuedAt, c.ExpiresAt
	if out.User, err = id.Parse[id.UserKind](c.subject); err != nil || out.User.String() != c.subject {
		return ports.AccessClaims{}, errors.New("the subject is no canonical UUID")
	}
	if out.Family, err = id.Parse[id.FamilyKind](c.family); err != nil || out.Family.String() != c.family {
		return ports.AccessClaims{}, errors.New("the token family is no canonical UUID")
	}
	return out, nil
}
