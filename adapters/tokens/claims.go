package tokens

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/runvs/runvs/domain/strictjson"
)

// secretOf returns the key that a header names. A header that says anything but
// how our tokens are signed is refused: "crit" must be understood (RFC 7515
// §4.1.11), and a key or an address of one in a token is nobody's business.
func (s *Signer) secretOf(header string) ([]byte, error) {
	for i := range s.keys {
		if s.keys[i].header == header { // every token that we issued
			return s.keys[i].Key, nil
		}
	}
	raw, err := decode(header)
	if err != nil {
		return nil, fmt.Errorf("the header: %w", err)
	}
	var alg, kid string
	err = readObject(raw, func(r *strictjson.Reader, name string) (err error) {
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
	subject, family, issuer, audience   string
	issuedAt, expiresAt, notBefore      time.Time
	hasIssuedAt, hasExpiresAt, hasJWTID bool
}

// readClaims reads a payload. Claims that a later version may add are passed over.
func readClaims(raw []byte) (c claims, err error) {
	err = readObject(raw, func(r *strictjson.Reader, name string) (err error) {
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
		case "iat":
			c.issuedAt, err = readTime(r)
			c.hasIssuedAt = true
		case "exp":
			c.expiresAt, err = readTime(r)
			c.hasExpiresAt = true
		case "nbf":
			c.notBefore, err = readTime(r)
		default:
			err = r.Skip()
		}
		return err
	})
	if err == nil && (!c.hasIssuedAt || !c.hasExpiresAt || !c.hasJWTID) {
		err = errors.New("iat, exp or jti is missing")
	}
	return c, err
}

// readTime reads a NumericDate (RFC 7519 §2) to the microsecond.
func readTime(r *strictjson.Reader) (time.Time, error) {
	v, err := r.Float()
	if err != nil {
		return time.Time{}, err
	}
	const year10000 = 253402300800
	if v < 0 || v >= year10000 {
		return time.Time{}, fmt.Errorf("%v is no time", v)
	}
	return time.UnixMicro(int64(math.Round(v * 1e6))).UTC(), nil
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
