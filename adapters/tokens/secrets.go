package tokens

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// MinKeyBytes is the least length of a key. Source: RFC 7518 §3.2, a key is as
// long as the hash at least.
const MinKeyBytes = 32

// maxSecrets is how many secrets hold at once: while one is being replaced, the
// tokens that the old one signed live on.
const maxSecrets = 2

// Secret is a key with the name that tokens carry as kid.
type Secret struct {
	KID string
	Key []byte
}

// String hides the key, wherever a secret is printed.
func (s Secret) String() string { return s.KID + ":…" }

// GoString hides the key from %#v.
func (s Secret) GoString() string { return s.String() }

var kidPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func checkSecrets(secrets []Secret) error {
	if n := len(secrets); n < 1 || n > maxSecrets {
		return fmt.Errorf("%d token secrets; 1 or %d are needed", n, maxSecrets)
	}
	names := map[string]bool{}
	for i, s := range secrets {
		switch {
		case !kidPattern.MatchString(s.KID):
			// What stands before the colon may be a key that was put there by mistake.
			return fmt.Errorf("token secret %d needs a name of 1 to 64 letters, digits, dots, dashes and underscores before its colon", i+1)
		case names[s.KID]:
			return fmt.Errorf("two token secrets are named %q; each needs a name of its own", s.KID)
		case len(s.Key) < MinKeyBytes:
			return fmt.Errorf("the token secret %q has %d bytes; at least %d are needed, as from `openssl rand -base64 32`", s.KID, len(s.Key), MinKeyBytes)
		}
		names[s.KID] = true
	}
	return nil
}

// ParseSecrets reads "kid:base64" or "kid:base64,kid:base64", the base64 being
// the standard one with padding. Whether the secrets are good, New says.
func ParseSecrets(s string) ([]Secret, error) {
	if strings.TrimSpace(s) == "" {
		return nil, errors.New("no token secrets; the form is kid:base64")
	}
	var secrets []Secret
	for i, part := range strings.Split(s, ",") {
		kid, encoded, ok := strings.Cut(strings.TrimSpace(part), ":")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil {
			// The part is a secret itself and stays out of the message.
			return nil, fmt.Errorf("token secret %d is not of the form kid:base64", i+1)
		}
		secrets = append(secrets, Secret{KID: kid, Key: key})
	}
	return secrets, checkSecrets(secrets)
}

// Generate makes a random secret in the form that ParseSecrets reads.
func Generate() string {
	var random [4 + MinKeyBytes]byte
	_, _ = rand.Read(random[:]) // never fails; see crypto/rand
	return "k" + hex.EncodeToString(random[:4]) + ":" + base64.StdEncoding.EncodeToString(random[4:])
}
