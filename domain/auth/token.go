package auth

import (
	"encoding/base64"
	"strings"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

// The faults of a refresh. Which one it is tells a client what to do: sign in
// again in each case, and warn the person after ErrReused.
var (
	ErrInvalid = fault.New(fault.Unauthorized, "refresh_token_invalid", "this is no refresh token of ours; sign in again")
	ErrExpired = fault.New(fault.Unauthorized, "refresh_token_expired", "the refresh token has expired; sign in again")
	ErrReused  = fault.New(fault.Unauthorized, "refresh_token_reused", "this refresh token was used before; everything was signed out, in case it was stolen. Sign in again")
	ErrRevoked = fault.New(fault.Unauthorized, "refresh_token_revoked", "the refresh token was revoked; sign in again")
)

const (
	prefix = "rt1."
	// idLength is how many characters of base64url a row's id has.
	idLength = 22
	// SecretBytes is how many random bytes a secret has.
	SecretBytes = 32
	// secretLength is how many characters of base64url they are.
	secretLength = 43
)

// encoding is base64url without padding, and without the freedom in the last
// character: every token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// Token is a refresh token as a client holds it: rt1.<id>.<secret>. A hash of
// the secret cannot be looked up, so the token carries the id of its row.
type Token struct {
	ID     id.Refresh
	Secret string // 43 characters of base64url: 256 random bits
}

// NewToken makes a token of a row's id and SecretBytes random bytes.
func NewToken(row id.Refresh, random [SecretBytes]byte) Token {
	return Token{ID: row, Secret: encoding.EncodeToString(random[:])}
}

// ParseToken reads a token, strictly: by length first, so that nothing else is
// done with what a stranger sends. Faults: ErrInvalid.
func ParseToken(s string) (Token, error) {
	if len(s) != len(prefix)+idLength+1+secretLength || !strings.HasPrefix(s, prefix) || s[len(prefix)+idLength] != '.' {
		return Token{}, ErrInvalid
	}
	secret := s[len(prefix)+idLength+1:]
	row, err := encoding.DecodeString(s[len(prefix) : len(prefix)+idLength])
	if err != nil || len(row) != 16 || !wellFormed(secret) {
		return Token{}, ErrInvalid
	}
	return Token{ID: id.FromBytes[id.RefreshKind]([16]byte(row)), Secret: secret}, nil
}

// wellFormed reports whether a text is a secret's one spelling. Go's decoder
// skips line breaks, wherever they stand.
func wellFormed(secret string) bool {
	b, err := encoding.DecodeString(secret)
	return err == nil && len(b) == SecretBytes && !strings.ContainsAny(secret, "\r\n")
}

// String returns the token as a client gets it.
func (t Token) String() string {
	row := t.ID.Bytes()
	return prefix + encoding.EncodeToString(row[:]) + "." + t.Secret
}
