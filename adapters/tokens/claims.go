package tokens

import (
	"errors"
	"fmt"

	"github.com/runvs/runvs/adapters/jose"
	"github.com/runvs/runvs/domain/strictjson"
)

// secretOf returns the key that a header names. A header that says anything but
// how our tokens are signed is refused: "crit" must be understood (RFC 7515
// §4.1.11), and a key or an address of one in a token is nobody's business.
func (s *Signer) secretOf(token jose.Token) ([]byte, error) {
	for i := range s.keys {
		if s.keys[i].header == token.Header { // every token that we issued
			return s.keys[i].Key, nil
		}
	}
	var alg, kid string
	err := token.ReadHeader(func(r *strictjson.Reader, name string) (err error) {
		switch name {
		case "alg":
			alg, err = r.String()
		case "kid":
			kid, err = r.String()
		case "typ":
			var typ string
			if typ, err = r.String(); err == nil && typ != "JWT" {
				err = fmt.Errorf("the type is %q", typ)
			}
		default:
			err = fmt.Errorf("the header %q is not understood", name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if alg != "HS256" {
		return nil, fmt.Errorf("the algorithm is %q", alg)
	}
	for i := range s.keys {
		if s.keys[i].KID == kid {
			return s.keys[i].Key, nil
		}
	}
	return nil, fmt.Errorf("no key is named %q", kid)
}

// claims is what a token's payload says.
type claims struct {
	jose.Times
	subject, family, issuer, audience string
	hasJWTID                          bool
}

// readClaims reads a payload. Claims that a later version may add are passed over.
func readClaims(raw []byte) (c claims, err error) {
	err = jose.ReadObject(raw, func(r *strictjson.Reader, name string) (err error) {
		switch name {
		case "sub":
			c.subject, err = r.String()
		case "sid":
			c.family, err = r.String()
		case "iss":
			c.issuer, err = r.String()
		case "aud":
			c.audience, err = r.String()
		case "jti":
			var jti string
			jti, err = r.String()
			c.hasJWTID = jti != ""
		default:
			err = c.ReadOrSkip(r, name)
		}
		return err
	})
	if err == nil && (!c.HasIssuedAt || !c.HasExpiresAt || !c.hasJWTID) {
		err = errors.New("iat, exp or jti is missing")
	}
	return c, err
}
