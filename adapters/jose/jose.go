// Package jose takes signed tokens apart: compact JWS (RFC 7515) whose payload is
// a JWT's claims (RFC 7519). It reads strictly, which golang-jwt's parser does not:
// that takes names in any case and the last of two members of one name, but two
// readers of a token must never disagree about it. The signatures are golang-jwt's.
//
// Which algorithm and which claims are good, those who read a token say. Errors
// hold nothing of it: it is a secret, or a stranger's text.
package jose

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/runvs/runvs/domain/strictjson"
)

// encoding is base64url without padding, and without the freedom in the last
// character: every token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// Encode writes a part of a token.
func Encode(part []byte) string { return encoding.EncodeToString(part) }

// Decode reads a part of a token, or another text in base64url. Go's decoder skips line breaks, wherever they stand.
func Decode(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("a line break is no base64url")
	}
	return encoding.DecodeString(s)
}

// Token is a token in its parts, none of which was believed yet.
type Token struct {
	Header    string // encoded
	signed    string // header and payload, as they were signed
	payload   string // encoded
	signature []byte
}

// Split takes a token of at most so many bytes apart.
func Split(token string, maxBytes int) (t Token, err error) {
	if len(token) > maxBytes {
		return t, fmt.Errorf("the token has %d bytes; %d are the limit", len(token), maxBytes)
	}
	header, rest, ok1 := strings.Cut(token, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 {
		return t, errors.New("the token has not three parts")
	}
	t = Token{Header: header, signed: token[:len(header)+1+len(payload)], payload: payload}
	// A fourth part is refused here: a dot is no base64url.
	if t.signature, err = Decode(signature); err != nil {
		return Token{}, errors.New("the signature is no base64url")
	}
	return t, nil
}

// ReadHeader calls member for each member of the header.
func (t Token) ReadHeader(member func(r *strictjson.Reader, name string) error) error {
	raw, err := Decode(t.Header)
	if err != nil {
		return errors.New("the header is no base64url")
	}
	return ReadObject(raw, member)
}

// Open returns the payload, if the key signed it by the method.
func (t Token) Open(method jwt.SigningMethod, key any) ([]byte, error) {
	if err := method.Verify(t.signed, t.signature, key); err != nil {
		return nil, errors.New("the signature is not the key's")
	}
	payload, err := Decode(t.payload)
	if err != nil {
		return nil, errors.New("the payload is no base64url")
	}
	return payload, nil
}

// ReadObject reads a document that is one object, and nothing behind it.
func ReadObject(raw []byte, member func(r *strictjson.Reader, name string) error) error {
	r, err := strictjson.NewReader(raw)
	if err != nil {
		return err
	}
	if err := r.Object(func(name []byte) error { return member(r, string(name)) }); err != nil {
		return err
	}
	return r.End()
}

// year10000 is the first second that a four-digit year does not reach.
const year10000 = 253402300800

// Times are the claims that say when a token is good: iat, exp and nbf.
type Times struct {
	IssuedAt, ExpiresAt, NotBefore time.Time
	HasIssuedAt, HasExpiresAt      bool
}

// ReadOrSkip reads the claim of a name if it is one of them, and passes over another.
func (t *Times) ReadOrSkip(r *strictjson.Reader, name string) (err error) {
	switch name {
	case "iat":
		t.IssuedAt, err = readTime(r)
		t.HasIssuedAt = true
	case "exp":
		t.ExpiresAt, err = readTime(r)
		t.HasExpiresAt = true
	case "nbf":
		t.NotBefore, err = readTime(r)
	default:
		err = r.Skip()
	}
	return err
}

// readTime reads a NumericDate (RFC 7519 §2) to the microsecond.
func readTime(r *strictjson.Reader) (time.Time, error) {
	v, err := r.Float()
	if err != nil {
		return time.Time{}, err
	}
	if v < 0 || v >= year10000 {
		return time.Time{}, fmt.Errorf("%v is no time", v)
	}
	return time.UnixMicro(int64(math.Round(v * 1e6))).UTC(), nil
}
