package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

var errSecondActive = errors.New("memory: the family has an active token")

func cloneToken(t auth.Refresh) auth.Refresh {
	t.FamilyStartedAt, t.CreatedAt, t.ExpiresAt = stamp(t.FamilyStartedAt), stamp(t.CreatedAt), stamp(t.ExpiresAt)
	t.UsedAt, t.RevokedAt = stamp(t.UsedAt), stamp(t.RevokedAt)
	t.Sealed = append([]byte(nil), t.Sealed...)
	return t
}

// InsertRefreshToken implements ports.RefreshTokens.
func (r *repo) InsertRefreshToken(ctx context.Context, t auth.Refresh) error {
	return r.write(ctx, func(x *snapshot) error {
		switch {
		case x.tokens.has(t.ID):
			return errTaken
		case !x.users.has(t.UserID):
			return errNoUser
		}
		for other := range x.tokensOf.of(&x.tokens, t.UserID) {
			if other.Family == t.Family && other.State() == auth.Active && t.State() == auth.Active {
				return errSecondActive
			}
		}
		x.tokens.put(t.ID, cloneToken(t))
		return nil
	})
}

// RefreshToken implements ports.RefreshTokens.
func (r *repo) RefreshToken(ctx context.Context, row id.Refresh) (t auth.Refresh, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		found, ok := x.tokens.get(row)
		if !ok {
			return auth.ErrInvalid
		}
		t = cloneToken(found)
		return nil
	})
	return t, err
}

// UseRefreshToken implements ports.RefreshTokens.
func (r *repo) UseRefreshToken(ctx context.Context, used auth.Refresh) error {
	return r.write(ctx, func(x *snapshot) error {
		t, ok := x.tokens.get(used.ID)
		if !ok {
			return nil
		}
		used = cloneToken(used)
		t.UsedAt, t.SuccessorID, t.Sealed, t.KeyHash = used.UsedAt, used.SuccessorID, used.Sealed, used.KeyHash
		x.tokens.put(t.ID, t)
		for _, before := range x.tokensOf.collect(&x.tokens, t.UserID) {
			if before.Family == t.Family && before.SuccessorID == t.ID {
				before.Sealed = nil
				x.tokens.put(before.ID, before)
			}
		}
		return nil
	})
}

// revoke revokes the tokens of a user that match.
func (x *snapshot) revoke(uid id.User, now time.Time, matches func(auth.Refresh) bool) {
	for _, t := range x.tokensOf.collect(&x.tokens, uid) {
		if t.State() != auth.Revoked && matches(t) {
			t.RevokedAt, t.Sealed = stamp(now), nil
			x.tokens.put(t.ID, t)
		}
	}
}

// RevokeFamily implements ports.RefreshTokens.
func (r *repo) RevokeFamily(ctx context.Context, family id.Family, now time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		for _, t := range x.tokens.all() {
			if t.Family == family {
				x.revoke(t.UserID, now, func(t auth.Refresh) bool { return t.Family == family })
				break
			}
		}
		return nil
	})
}

// RevokeUser implements ports.RefreshTokens.
func (r *repo) RevokeUser(ctx context.Context, uid id.User, now time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		x.revoke(uid, now, func(auth.Refresh) bool { return true })
		if u, ok := x.users.get(uid); ok {
			u.TokensValidAfter = stamp(now)
			x.users.put(uid, u)
		}
		return nil
	})
}

// NoteIssued implements ports.RefreshTokens.
func (r *repo) NoteIssued(ctx context.Context, uid id.User, at time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		if u, ok := x.users.get(uid); ok && stamp(at).After(u.TokensIssuedUntil) {
			u.TokensIssuedUntil = stamp(at)
			x.users.put(uid, u)
		}
		return nil
	})
}

// SignIns implements ports.RefreshTokens. The token of a family that was not used
// is its last one, and tells all of it.
func (r *repo) SignIns(ctx context.Context, uid id.User, after id.Family, limit int) (signIns []auth.SignIn, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for t := range x.tokensOf.of(&x.tokens, uid) {
			if t.UsedAt.IsZero() && t.Family.Compare(after) > 0 {
				signIns = append(signIns, auth.SignIn{
					Family: t.Family, StartedAt: t.FamilyStartedAt, LastUsedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt,
				})
			}
		}
		slices.SortFunc(signIns, func(a, b auth.SignIn) int { return a.Family.Compare(b.Family) })
		signIns = stretch(signIns, ports.Page{Limit: limit})
		return nil
	})
	return signIns, err
}

// UseToken implements ports.UsedTokens.
func (r *repo) UseToken(ctx context.Context, token auth.TokenHash, until time.Time) (first bool, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		if first = !x.usedTokens.has(token); first {
			x.usedTokens.put(token, stamp(until))
		}
		return nil
	})
	return first, err
}

// PurgeUsedTokens implements ports.UsedTokens.
func (r *repo) PurgeUsedTokens(ctx context.Context, before time.Time) (purged int, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		var old []auth.TokenHash
		for token, until := range x.usedTokens.all() {
			if until.Before(stamp(before)) {
				old = append(old, token)
			}
		}
		for _, token := range old {
			x.usedTokens.delete(token)
		}
		purged = len(old)
		return nil
	})
	return purged, err
}

// PurgeRefreshTokens implements ports.RefreshTokens.
func (r *repo) PurgeRefreshTokens(ctx context.Context, expiredBefore, usedBefore time.Time) (purged int, err error) {
	err = r.write(ctx, func(x *snapshot) error {
		var old, sealed []auth.Refresh
		for _, t := range x.tokens.all() {
			switch {
			case t.ExpiresAt.Before(stamp(expiredBefore)):
				old = append(old, t)
			case t.Sealed != nil && t.UsedAt.Before(stamp(usedBefore)):
				sealed = append(sealed, t)
			}
		}
		for _, t := range old {
			x.tokens.delete(t.ID)
		}
		for _, t := range sealed {
			t.Sealed = nil
			x.tokens.put(t.ID, t)
		}
		purged = len(old)
		return nil
	})
	return purged, err
}
