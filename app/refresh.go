package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// Refresh rotates a refresh token (the table in domain/auth/doc.go). key is the request's
// Idempotency-Key, "" for none: with it a lost answer can be asked for again.
// Faults: refresh_token_invalid, refresh_token_expired, refresh_token_reused
// (everything of the user has been revoked by then), refresh_token_revoked.
//
// bcrypt runs outside the transaction. What it was run on is looked at again
// under the user's lock, and the clock is read there, so of any number of calls at
// once one rotates, on however many processes (auth.Moment).
func (a *Auth) Refresh(ctx context.Context, raw, key string) (Tokens, error) {
	presented, row, err := a.present(ctx, raw)
	if err != nil {
		return Tokens{}, err
	}
	var keyHash auth.KeyHash
	if key != "" {
		keyHash = sha256.Sum256([]byte(key))
	}
	r := rotation{presented: presented, key: keyHash}
	if row.State() == auth.Active {
		if err := a.prepare(ctx, &r); err != nil {
			return Tokens{}, err
		}
	}
	err = a.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		return a.rotate(ctx, tx, row.UserID, &r)
	})
	if err != nil {
		return Tokens{}, err
	}
	switch r.outcome {
	case auth.Rotate, auth.Retry:
		return r.answer, nil
	case auth.Theft:
		a.known.forget(row.UserID)
		a.log.WarnContext(ctx, "a refresh token was used twice; everything of the user was revoked", "user", row.UserID.String())
		return Tokens{}, auth.ErrReused
	case auth.RefuseOld:
		return Tokens{}, auth.ErrExpired
	}
	return Tokens{}, auth.ErrRevoked
}

// errNoToken is why a token is invalid that has the shape of one and no row: it may
// have been one.
var errNoToken = errors.New("there is no such token")

// present reads a token and checks its secret. Faults: refresh_token_invalid, because
// of errNoToken when there is none.
func (a *Auth) present(ctx context.Context, raw string) (auth.Token, auth.Refresh, error) {
	t, err := auth.ParseToken(raw)
	if err != nil {
		return t, auth.Refresh{}, err
	}
	row, err := a.store.RefreshToken(ctx, t.ID)
	if errors.Is(err, auth.ErrInvalid) {
		err = auth.ErrInvalid.Because(errNoToken)
	}
	if err != nil {
		return t, row, err
	}
	ok, err := a.secrets.Matches(ctx, row.Hash, t.Secret)
	if err == nil && !ok {
		err = auth.ErrInvalid
	}
	return t, row, err
}

// rotation is one refresh under way.
type rotation struct {
	presented auth.Token
	key       auth.KeyHash

	successor auth.Token // made before, or unsealed
	hash      string
	sealed    []byte

	outcome auth.Outcome
	answer  Tokens
}

// prepare makes the successor that will be needed if the token is still active.
func (a *Auth) prepare(ctx context.Context, r *rotation) (err error) {
	if r.successor, r.hash, err = a.secret(ctx); err != nil {
		return err
	}
	r.sealed, err = a.secrets.Seal(r.presented, r.successor)
	return err
}

// rotate decides under the user's lock and stores what follows.
func (a *Auth) rotate(ctx context.Context, tx ports.Repo, uid id.User, r *rotation) error {
	u, err := lockUser(ctx, tx, uid)
	if notFound(err) {
		return auth.ErrInvalid // the account is gone, and the token with it
	}
	if err != nil {
		return err
	}
	row, err := tx.RefreshToken(ctx, r.presented.ID)
	if err != nil {
		return err
	}
	next, err := successorOf(ctx, tx, row)
	if err != nil {
		return err
	}
	clock := a.clock.Now()
	now := auth.Moment(clock, row.UsedAt, u.TokensIssuedUntil)
	switch r.outcome = row.Presented(now, r.key, next.State(), a.settings.ReuseWindow); r.outcome {
	case auth.Rotate:
		var used auth.Refresh
		used, next = row.Use(now, r.key, r.successor.ID, r.hash, r.sealed)
		if err := tx.UseRefreshToken(ctx, used); err != nil {
			return err
		}
		if err := tx.InsertRefreshToken(ctx, next); err != nil {
			return err
		}
	case auth.Retry:
		if r.successor, err = a.secrets.Open(r.presented, row.Sealed); err != nil {
			return err
		}
	case auth.Theft:
		return tx.RevokeUser(ctx, uid, now)
	default:
		return nil
	}
	r.answer, err = a.issue(ctx, tx, next, r.successor, auth.IssuedAt(clock, u.TokensValidAfter))
	return err
}

// successorOf returns the token that a used one made; a revoked one when it is
// gone, so that nothing is handed out for it.
func successorOf(ctx context.Context, tx ports.RefreshTokens, row auth.Refresh) (auth.Refresh, error) {
	if row.State() != auth.Used {
		return auth.Refresh{}, nil
	}
	next, err := tx.RefreshToken(ctx, row.SuccessorID)
	if errors.Is(err, auth.ErrInvalid) {
		return auth.Refresh{RevokedAt: row.UsedAt}, nil
	}
	return next, err
}

// Logout ends the token family that a refresh token is of; one that has ended stays
// so, and one that is not there any more has: its user left. The token is enough:
// whoever signs out may have no living access token. Faults: refresh_token_invalid.
func (a *Auth) Logout(ctx context.Context, raw string) error {
	_, row, err := a.present(ctx, raw)
	if errors.Is(err, errNoToken) {
		return nil
	}
	if err != nil {
		return err
	}
	err = a.revoke(ctx, row.UserID, func(ctx context.Context, tx ports.Repo, now time.Time) error {
		return tx.RevokeFamily(ctx, row.Family, now)
	})
	if notFound(err) { // they left just now
		return nil
	}
	return err
}

// LogoutAll ends all of the runner's token families, and their access tokens
// within validAfterTTL on every process.
func (a *Auth) LogoutAll(ctx context.Context, uid id.User) error {
	return a.revoke(ctx, uid, func(ctx context.Context, tx ports.Repo, now time.Time) error {
		return tx.RevokeUser(ctx, uid, now)
	})
}

func (a *Auth) revoke(ctx context.Context, uid id.User, do func(ctx context.Context, tx ports.Repo, now time.Time) error) error {
	defer a.known.forget(uid)
	return a.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		u, err := lockUser(ctx, tx, uid)
		if err != nil {
			return err
		}
		return do(ctx, tx, auth.Moment(a.clock.Now(), u.TokensIssuedUntil))
	})
}
