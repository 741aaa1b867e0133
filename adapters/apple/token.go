package apple

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/runvs/runvs/domain/strictjson"
)

// maxTokenBytes bounds what is looked at; Apple's tokens have less than 1 KiB.
const maxTokenBytes = 16 << 10

// encoding is base64url without padding, and without the freedom in the last
// character: every token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// signedToken is a token whose header was read, and nothing else.
type signedToken struct {
	kid       string
	signed    string // header and payload, as they were signed
	payload   string // encoded
	signature []byte
}

// split takes a token apart. Errors here and below hold nothing of the token:
// it is a secret, or a stranger's text.
func split(token string) (t signedToken, err error) {
	if len(token) > maxTokenBytes {
		return t, fmt.Errorf("apple: the token has %d bytes; %d are the limit", len(token), maxTokenBytes)
	}
	header, rest, ok1 := strings.Cut(token, ".")
	payload, signature, ok2 := strings.Cut(rest, ".")
	if !ok1 || !ok2 {
		return t, errors.New("apple: the token has not three parts")
	}
	raw, err := decode(header)
	if err != nil {
		return t, errors.New("apple: the header is no base64url")
	}
	if t.kid, err = readHeader(raw); err != nil {
		return t, err
	}
	// A fourth part is refused here: a dot is no base64url.
	if t.signature, err = decode(signature); err != nil {
		return t, errors.New("apple: the signature is no base64url")
	}
	t.payload = payload
	t.signed = token[:len(header)+1+len(payload)]
	return t, nil
}

// decode reads base64url. Go's decoder skips line breaks, wherever they stand.
func decode(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("a line break is no base64url")
	}
	return encoding.DecodeString(s)
}

// readHeader returns the name of the key. A key in the header, or the address of
// one (jwk, jku, x5c, x5u), is passed over: whoever wrote the token would vouch
// for himself. What "crit" names must be understood (RFC 7515 §4.1.11).
func readHeader(raw []byte) (kid string, err error) {
	var alg string
	err = readObject(raw, func(r *strictjson.Reader, name string) (err error) {
		switch name {
		case "alg":
			alg, err = r.String()
		case "kid":
			kid, err = r.String()
		case "crit":
			err = errors.New("a critical header is not understood")
		default:
			err = r.Skip()
		}
		return err
	})
	switch {
	case err != nil:
		return "", errors.New("apple: the header cannot be read")
	case alg != "RS256":
		return "", errors.New("apple: the algorithm is not RS256")
	case kid == "":
		return "", errors.New("apple: the header names no key")
	}
	return kid, nil
}

// open returns the payload, if the key signed it.
func (t signedToken) open(key *rsa.PublicKey) ([]byte, error) {
	if err := jwt.SigningMethodRS256.Verify(t.signed, t.signature, key); err != nil {
		return nil, errors.New("apple: the signature is not the key's")
	}
	payload, err := decode(t.payload)
	if err != nil {
		return nil, errors.New("apple: the payload is no base64url")
	}
	return payload, nil
}

// readObject reads a document that is one object, and nothing behind it.
func readObject(raw []byte, member func(r *strictjson.Reader, name string) error) error {
	r, err := strictjson.NewReader(raw)
	if err != nil {
		return err
	}
	if err := r.Object(func(name []byte) error { return member(r, string(name)) }); err != nil {
		return err
	}
	return r.End()
}
