package apple

import (
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"github.com/runvs/runvs/adapters/jose"
	"github.com/runvs/runvs/domain/strictjson"
)

// maxTokenBytes bounds what is looked at; Apple's tokens have less than 1 KiB.
const maxTokenBytes = 16 << 10

// signedToken is a token whose header was read, and nothing else.
type signedToken struct {
	jose.Token
	kid string
}

// split takes a token apart.
func split(token string) (t signedToken, err error) {
	if t.Token, err = jose.Split(token, maxTokenBytes); err != nil {
		return t, fmt.Errorf("apple: %w", err)
	}
	t.kid, err = readHeader(t.Token)
	return t, err
}

// readHeader returns the name of the key. A key in the header, or the address of
// one (jwk, jku, x5c, x5u), is passed over: whoever wrote the token would vouch
// for himself. What "crit" names must be understood (RFC 7515 §4.1.11).
func readHeader(t jose.Token) (kid string, err error) {
	var alg string
	err = t.ReadHeader(func(r *strictjson.Reader, name string) (err error) {
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
	payload, err := t.Open(jwt.SigningMethodRS256, key)
	if err != nil {
		return nil, fmt.Errorf("apple: %w", err)
	}
	return payload, nil
}
