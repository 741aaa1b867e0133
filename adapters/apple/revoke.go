package apple

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/runvs/runvs/adapters/remote"
)

// clientSecretLifetime is how long a client secret is good: as long as a
// revocation may take, and a clock be wrong. Apple allows six months.
const clientSecretLifetime = 5 * time.Minute

// RevokerConfig is what Apple gave the team to sign its requests with.
type RevokerConfig struct {
	remote.Service
	BundleIDs  []string
	TeamID     string
	KeyID      string
	PrivateKey string // the .p8 file's text: PKCS #8 in PEM, a key on P-256
}

// Revoker implements ports.Revoker with Apple's /auth/token and /auth/revoke.
type Revoker struct {
	cfg    RevokerConfig
	key    *ecdsa.PrivateKey
	client *remote.Client
}

// NewRevoker makes a revoker; all of the team's settings are needed. The key
// itself is in no error.
func NewRevoker(cfg RevokerConfig) (*Revoker, error) {
	if cfg.TeamID == "" || cfg.KeyID == "" || len(cfg.BundleIDs) == 0 {
		return nil, errors.New("apple: revoking needs a team id, a key id and a bundle id")
	}
	key, err := jwt.ParseECPrivateKeyFromPEM([]byte(cfg.PrivateKey))
	if err != nil || key.Curve != elliptic.P256() {
		return nil, errors.New("apple: the private key is no PEM of a P-256 key, such as the .p8 file that Apple gave out")
	}
	client, err := remote.New("apple", DefaultBaseURL, cfg.Service)
	if err != nil {
		return nil, err
	}
	return &Revoker{cfg: cfg, key: key, client: client}, nil
}

// Revoke implements ports.Revoker. A code belongs to one app and does not say
// to which, so the apps are tried in order.
func (r *Revoker) Revoke(ctx context.Context, authorizationCode string) error {
	return r.client.Call(ctx, func(ctx context.Context) error {
		var refused error
		for _, app := range r.cfg.BundleIDs {
			secret, err := r.clientSecret(app)
			if err != nil {
				return err
			}
			token, err := r.exchange(ctx, app, secret, authorizationCode)
			if errors.Is(err, errRefused) {
				refused = err
				continue
			}
			if err != nil {
				return err
			}
			return r.end(ctx, app, secret, token)
		}
		return refused
	})
}

var errRefused = errors.New("apple: refused")

// exchange turns the code into a refresh token.
func (r *Revoker) exchange(ctx context.Context, app, secret, code string) (string, error) {
	a, err := r.client.PostForm(ctx, "/auth/token", url.Values{
		"client_id": {app}, "client_secret": {secret}, "code": {code}, "grant_type": {"authorization_code"},
	})
	if err != nil {
		return "", err
	}
	if a.Status != http.StatusOK {
		return "", fmt.Errorf("%w: the code was answered with status %d", errRefused, a.Status)
	}
	members, ok := remote.ReadObject(a.Body)
	token := members.String("refresh_token")
	if !ok || token == "" {
		return "", r.client.Unavailable(errors.New("the answer to a code has no refresh token"))
	}
	return token, nil
}

// end revokes the token, and with it the person's agreement.
func (r *Revoker) end(ctx context.Context, app, secret, token string) error {
	a, err := r.client.PostForm(ctx, "/auth/revoke", url.Values{
		"client_id": {app}, "client_secret": {secret}, "token": {token}, "token_type_hint": {"refresh_token"},
	})
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("%w: the revocation was answered with status %d", errRefused, a.Status)
	}
	return err
}

// clientSecret signs who asks, as Apple wants it ("Creating a client secret").
func (r *Revoker) clientSecret(app string) (string, error) {
	now := r.cfg.Clock.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": r.cfg.TeamID, "iat": now.Unix(), "exp": now.Add(clientSecretLifetime).Unix(), "aud": Issuer, "sub": app,
	})
	t.Header["kid"] = r.cfg.KeyID
	secret, err := t.SignedString(r.key)
	if err != nil {
		return "", fmt.Errorf("apple: sign the client secret: %w", err)
	}
	return secret, nil
}
