package providertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The team that Apple gave a key to.
const (
	AppleTeamID = "TEAM000001"
	AppleKeyID  = "P8KEY00001"
)

// grants is what Apple knows of who agreed to our app.
type grants struct {
	private *ecdsa.PrivateKey
	codes   map[string]string // authorization code to bundle id, until it is used
	refresh map[string]string // refresh token to bundle id, until it is revoked
	made    int
}

func newGrants() grants {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("providertest: " + err.Error())
	}
	return grants{private: key, codes: map[string]string{}, refresh: map[string]string{}}
}

// ApplePrivateKey returns the text of the .p8 file that Apple gave to the team.
func (s *Server) ApplePrivateKey() string {
	der, err := x509.MarshalPKCS8PrivateKey(s.appleGrants.private)
	if err != nil {
		panic("providertest: " + err.Error())
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// AppleCode issues an authorization code of a person for an app; it is good once.
func (s *Server) AppleCode(bundleID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appleGrants.made++
	code := fmt.Sprintf("c%06d.0.mrtest.grant", s.appleGrants.made)
	s.appleGrants.codes[code] = bundleID
	return code
}

// AppleGrants returns how many codes and refresh tokens are still good.
func (s *Server) AppleGrants() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.appleGrants.codes) + len(s.appleGrants.refresh)
}

// serveGrants plays /auth/token and /auth/revoke.
func (s *Server) serveGrants(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	app := r.PostFormValue("client_id")
	if r.Method != http.MethodPost || !s.signedByTeam(r.PostFormValue("client_secret"), app) {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_client"})
		return
	}
	g := &s.appleGrants
	if r.URL.Path == AppleRevokePath {
		if token := r.PostFormValue("token"); g.refresh[token] == app {
			delete(g.refresh, token)
		}
		w.WriteHeader(http.StatusOK) // also for a token that nobody has
		return
	}
	code := r.PostFormValue("code")
	if r.PostFormValue("grant_type") != "authorization_code" || g.codes[code] != app {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	delete(g.codes, code)
	token := "r" + code[1:]
	g.refresh[token] = app
	writeJSON(w, http.StatusOK, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "refresh_token": token})
}

// signedByTeam checks a client secret as Apple's documentation says. Needs mu.
func (s *Server) signedByTeam(secret, app string) bool {
	t, err := jwt.Parse(secret, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != AppleKeyID {
			return nil, fmt.Errorf("unknown key")
		}
		return &s.appleGrants.private.PublicKey, nil
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(AppleTeamID), jwt.WithAudience(AppleIssuer), jwt.WithSubject(app),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(s.now), jwt.WithLeeway(time.Minute))
	return err == nil && t.Valid && app != ""
}
