package providertest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"sync"
)

// AppleBundleID is the audience of tokens that name none.
const AppleBundleID = "kr.runvs.app"

// AppleIssuer is the iss of tokens that name none.
const AppleIssuer = "https://appleid.apple.com"

// keyring makes RSA keys once per process: a key takes long, above all under
// the race detector. Servers share them; they are worth nothing.
var keyring struct {
	sync.Mutex
	keys []*rsa.PrivateKey
}

func keyAt(i int) *rsa.PrivateKey {
	keyring.Lock()
	defer keyring.Unlock()
	for len(keyring.keys) <= i {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic("providertest: " + err.Error())
		}
		keyring.keys = append(keyring.keys, key)
	}
	return keyring.keys[i]
}

// addAppleKey needs mu, or that nobody else has the server yet.
func (s *Server) addAppleKey() {
	i := s.appleKeyring
	s.appleKeyring++
	s.appleKeys = append(s.appleKeys, appleKey{fmt.Sprintf("TESTKEY%03d", i), keyAt(i)})
}

// RotateAppleKeys publishes a new key, with which tokens are signed from now on,
// and takes back all but the one before it.
func (s *Server) RotateAppleKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addAppleKey()
	s.appleKeys = s.appleKeys[len(s.appleKeys)-2:]
}

// WithdrawAppleKeys takes back every key but the one that signs.
func (s *Server) WithdrawAppleKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appleKeys = s.appleKeys[len(s.appleKeys)-1:]
}

// AppleKey returns the key that signs, with its name.
func (s *Server) AppleKey() (kid string, private *rsa.PrivateKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.appleKeys[len(s.appleKeys)-1]
	return k.kid, k.private
}

// AppleToken issues an id_token that is good for five minutes and the app
// AppleBundleID. The claims are put over the usual ones; nil takes one out.
func (s *Server) AppleToken(claims map[string]any) string { return s.SignApple(nil, claims) }

// SignApple is AppleToken with a say in the header.
func (s *Server) SignApple(header, claims map[string]any) string {
	kid, private := s.AppleKey()
	s.mu.Lock()
	now := s.now().Unix()
	s.mu.Unlock()
	h := over(map[string]any{"kid": kid, "alg": "RS256"}, header)
	c := over(map[string]any{
		"iss": AppleIssuer, "aud": AppleBundleID, "sub": "001234.0123456789abcdef0123456789abcdef.0123",
		"iat": now, "exp": now + 300, "auth_time": now, "nonce_supported": true,
		"email": "runner@privaterelay.appleid.com", "email_verified": true, "is_private_email": true,
	}, claims)
	return SignRS256(private, mustJSON(h), mustJSON(c))
}

// SignRS256 makes a token of any header and payload.
func SignRS256(private *rsa.PrivateKey, header, payload []byte) string {
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	if err != nil {
		panic("providertest: " + err.Error())
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func over(usual, changes map[string]any) map[string]any {
	m := maps.Clone(usual)
	for name, value := range changes {
		if value == nil {
			delete(m, name)
			continue
		}
		m[name] = value
	}
	return m
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("providertest: " + err.Error())
	}
	return b
}

func (s *Server) serveKeys(w http.ResponseWriter) {
	s.mu.Lock()
	keys := make([]map[string]string, 0, len(s.appleKeys))
	for _, k := range s.appleKeys {
		keys = append(keys, map[string]string{
			"kty": "RSA", "kid": k.kid, "use": "sig", "alg": "RS256",
			"n": base64.RawURLEncoding.EncodeToString(k.private.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.private.E)).Bytes()),
		})
	}
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{"keys": keys})
}
