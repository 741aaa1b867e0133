// Package tokens signs and checks access tokens: JWTs with HMAC-SHA-256 and
// nothing else.
package tokens

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/ports"
)

// Limits of secrets and tokens.
const (
	MinKeyBytes   = 32
	maxSecrets    = 2 // during a change of secret, the old one still verifies
	maxTokenBytes = 4096
	clockSkew     = time.Minute // by which another server's clock may be ahead
)

var errInvalid = fault.New(fault.Unauthorized, "token_invalid", "the access token is not valid; sign in again")

// Secret is a key with the name that tokens carry as kid.
type Secret struct {
	KID string
	Key []byte
}

// Config says who signs for whom.
type Config struct {
	Secrets  []Secret // the first signs, each verifies
	Issuer   string
	Audience string
}

// Signer implements ports.AccessTokens.
type Signer struct {
	cfg    Config
	parser *jwt.Parser
}

// New makes a signer. One or two secrets of at least 32 bytes with different
// names are needed.
func New(cfg Config) (*Signer, error) {
	if n := len(cfg.Secrets); n < 1 || n > maxSecrets {
		return nil, fmt.Errorf("%d token secrets; 1 or %d are needed", n, maxSecrets)
	}
	names := map[string]bool{}
	for _, s := range cfg.Secrets {
		if s.KID == "" || names[s.KID] {
			return nil, errors.New("each token secret needs a name of its own: kid:base64")
		}
		names[s.KID] = true
		if len(s.Key) < MinKeyBytes {
			return nil, fmt.Errorf("the token secret %q has %d bytes; at least %d are needed, as from `openssl rand -base64 32`", s.KID, len(s.Key), MinKeyBytes)
		}
	}
	return &Signer{cfg: cfg, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithoutClaimsValidation(), // done below, with the time that is given
		jwt.WithStrictDecoding(),
	)}, nil
}

// ParseSecrets reads "kid:base64,kid:base64".
func ParseSecrets(s string) ([]Secret, error) {
	var out []Secret
	for i, part := range strings.Split(s, ",") {
		kid, encoded, ok := strings.Cut(strings.TrimSpace(part), ":")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil {
			// The part itself is a secret and stays out of the message.
			return nil, fmt.Errorf("token secret %d is not of the form kid:base64", i+1)
		}
		out = append(out, Secret{KID: kid, Key: key})
	}
	return out, nil
}

// Generate makes a fresh secret in the form that ParseSecrets reads.
func Generate() string {
	key := make([]byte, MinKeyBytes)
	_, _ = rand.Read(key) // never fails
	return "k" + time.Now().UTC().Format("20060102") + ":" + base64.StdEncoding.EncodeToString(key)
}

type claims struct {
	jwt.RegisteredClaims
	SID string `json:"sid"`
}

// Issue implements ports.AccessTokens.
func (s *Signer) Issue(user id.User, family id.Family, now time.Time, lifetime time.Duration) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: user.String(), Issuer: s.cfg.Issuer, Audience: jwt.ClaimStrings{s.cfg.Audience},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)), ID: uuid.NewString(),
		},
		SID: family.String(),
	})
	t.Header["kid"] = s.cfg.Secrets[0].KID
	return t.SignedString(s.cfg.Secrets[0].Key)
}

// Verify implements ports.AccessTokens.
func (s *Signer) Verify(token string, now time.Time) (ports.AccessClaims, error) {
	var out ports.AccessClaims
	if len(token) > maxTokenBytes || strings.Count(token, ".") != 2 {
		return out, errInvalid
	}
	for _, part := range strings.Split(token, ".")[:2] {
		// Two keys of one name would be read differently by different readers.
		raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || strictjson.Check(raw) != nil {
			return out, errInvalid
		}
	}
	var c claims
	if _, err := s.parser.ParseWithClaims(token, &c, s.key); err != nil {
		return out, errInvalid.Because(err)
	}
	switch {
	case c.ExpiresAt == nil, !now.Before(c.ExpiresAt.Time):
		return out, errInvalid
	case c.IssuedAt == nil, c.IssuedAt.After(now.Add(clockSkew)):
		return out, errInvalid
	case c.NotBefore != nil && c.NotBefore.After(now.Add(clockSkew)):
		return out, errInvalid
	case c.Issuer != s.cfg.Issuer, len(c.Audience) != 1, c.Audience[0] != s.cfg.Audience:
		return out, errInvalid
	}
	var err error
	if out.User, err = id.Parse[id.UserKind](c.Subject); err != nil {
		return out, errInvalid
	}
	if out.Family, err = id.Parse[id.FamilyKind](c.SID); err != nil {
		return out, errInvalid
	}
	out.IssuedAt, out.ExpiresAt = c.IssuedAt.Time, c.ExpiresAt.Time
	return out, nil
}

// key finds the secret that a token names. A header that asks for anything
// special ("crit", keys of its own) is refused.
func (s *Signer) key(t *jwt.Token) (any, error) {
	for name := range t.Header {
		if name != "alg" && name != "typ" && name != "kid" {
			return nil, fmt.Errorf("the header %q is not understood", name)
		}
	}
	for _, secret := range s.cfg.Secrets {
		if t.Header["kid"] == secret.KID {
			return secret.Key, nil
		}
	}
	return nil, errors.New("no such key")
}
