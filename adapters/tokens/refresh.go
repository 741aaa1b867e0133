package tokens

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/crypto/bcrypt"

	"github.com/runvs/runvs/domain/auth"
)

// RefreshSecrets implements ports.RefreshSecrets: bcrypt for what is kept, and
// AES-256-GCM under a key derived from the old secret for what is sealed.
type RefreshSecrets struct {
	cost  int
	slots chan struct{} // a token for each hash under way
}

// The costs of bcrypt that make sense. A secret has 256 random bits, so a slow
// hash protects nothing; it is there because the tables ask for bcrypt.
const (
	MinHashCost = bcrypt.MinCost
	MaxHashCost = 14
)

// NewRefreshSecrets makes hashes of a cost between MinHashCost and MaxHashCost.
func NewRefreshSecrets(cost int) (*RefreshSecrets, error) {
	if cost < MinHashCost || cost > MaxHashCost {
		return nil, fmt.Errorf("a bcrypt cost of %d is outside [%d, %d]", cost, MinHashCost, MaxHashCost)
	}
	return &RefreshSecrets{cost: cost, slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}, nil
}

// Random implements ports.RefreshSecrets.
func (*RefreshSecrets) Random() (b [auth.SecretBytes]byte) {
	_, _ = rand.Read(b[:]) // never fails
	return b
}

// bounded runs work when few others run.
func (r *RefreshSecrets) bounded(ctx context.Context, work func() error) error {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.slots }()
	return work()
}

// Hash implements ports.RefreshSecrets.
func (r *RefreshSecrets) Hash(ctx context.Context, secret string) (hash string, err error) {
	err = r.bounded(ctx, func() error {
		b, err := bcrypt.GenerateFromPassword([]byte(secret), r.cost)
		hash = string(b)
		return err
	})
	return hash, err
}

// Matches implements ports.RefreshSecrets. bcrypt reads 72 bytes and no more;
// auth.ParseToken has seen to it that there are 43.
func (r *RefreshSecrets) Matches(ctx context.Context, hash, secret string) (ok bool, err error) {
	err = r.bounded(ctx, func() error {
		err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(secret))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return nil
		}
		ok = err == nil
		return err
	})
	return ok, err
}

// sealer makes the cipher of a holder. The key is bound to the row by the salt.
func sealer(holder auth.Token) (cipher.AEAD, error) {
	row := holder.ID.Bytes()
	key, err := hkdf.Key(sha256.New, []byte(holder.Secret), row[:], "runvs refresh successor 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal implements ports.RefreshSecrets.
func (*RefreshSecrets) Seal(holder, successor auth.Token) ([]byte, error) {
	aead, err := sealer(holder)
	if err != nil {
		return nil, fmt.Errorf("seal a refresh token: %w", err)
	}
	return aead.Seal(nil, nil, []byte(successor.String()), nil), nil
}

// Open implements ports.RefreshSecrets.
func (*RefreshSecrets) Open(holder auth.Token, sealed []byte) (auth.Token, error) {
	aead, err := sealer(holder)
	if err != nil {
		return auth.Token{}, fmt.Errorf("open a refresh token: %w", err)
	}
	plain, err := aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return auth.Token{}, fmt.Errorf("open a refresh token: %w", err)
	}
	return auth.ParseToken(string(plain))
}
