package apple

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/runvs/runvs/adapters/jose"
	"github.com/runvs/runvs/domain/strictjson"
)

// Bounds of a set of keys. Apple's has three of 2,048 bits; a larger modulus
// makes every signature slow to check.
const (
	maxKeys    = 64
	minKeyBits = 2048
	maxKeyBits = 8192
)

// jwk is a key as RFC 7517 writes it, with what an RSA key has (RFC 7518 §6.3.1).
type jwk struct{ kty, kid, use, alg, n, e string }

// parseKeys reads a JWK set and returns its RSA keys for RS256, by name. Keys
// of other kinds are passed over. A set with none left is an error, as is one
// that says two things of one name.
func parseKeys(raw []byte) (map[string]*rsa.PublicKey, error) {
	keys := map[string]*rsa.PublicKey{}
	err := jose.ReadObject(raw, func(r *strictjson.Reader, name string) error {
		if name != "keys" {
			return r.Skip()
		}
		return r.Array(func(i int) error {
			if i >= maxKeys {
				return fmt.Errorf("there are more than %d keys", maxKeys)
			}
			k, err := readJWK(r)
			if err != nil {
				return err
			}
			if !k.signsRS256() {
				return nil
			}
			if keys[k.kid] != nil {
				return errors.New("two keys have one name")
			}
			keys[k.kid], err = k.publicKey()
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("the set of keys: %w", err)
	}
	if len(keys) == 0 {
		return nil, errors.New("the set of keys has none for RS256")
	}
	return keys, nil
}

func readJWK(r *strictjson.Reader) (k jwk, err error) {
	members := map[string]*string{"kty": &k.kty, "kid": &k.kid, "use": &k.use, "alg": &k.alg, "n": &k.n, "e": &k.e}
	err = r.Object(func(name []byte) (err error) {
		if p := members[string(name)]; p != nil {
			*p, err = r.String()
			return err
		}
		return r.Skip()
	})
	return k, err
}

func (k jwk) signsRS256() bool {
	return k.kty == "RSA" && k.kid != "" && (k.use == "" || k.use == "sig") && (k.alg == "" || k.alg == "RS256")
}

func (k jwk) publicKey() (*rsa.PublicKey, error) {
	n, err := readNumber(k.n)
	if err != nil {
		return nil, fmt.Errorf("a modulus: %w", err)
	}
	e, err := readNumber(k.e)
	if err != nil {
		return nil, fmt.Errorf("an exponent: %w", err)
	}
	if bits := n.BitLen(); bits < minKeyBits || bits > maxKeyBits || n.Bit(0) == 0 {
		return nil, fmt.Errorf("a modulus of %d bits is even, or not of %d to %d bits", bits, minKeyBits, maxKeyBits)
	}
	// crypto/rsa takes exponents up to 31 bits, and only odd ones are any.
	if e.BitLen() > 31 || e.Cmp(big.NewInt(3)) < 0 || e.Bit(0) == 0 {
		return nil, errors.New("an exponent is even, too small or too large")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

// readNumber reads a Base64urlUInt (RFC 7518 §2).
func readNumber(s string) (*big.Int, error) {
	b, err := jose.Decode(s)
	if err != nil || len(b) == 0 {
		return nil, errors.New("no base64url number")
	}
	return new(big.Int).SetBytes(b), nil
}
