package tokens

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/auth"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

var _ ports.RefreshSecrets = (*RefreshSecrets)(nil)

func newSecrets(t testing.TB) *RefreshSecrets {
	t.Helper()
	r, err := NewRefreshSecrets(MinHashCost)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASecretMatchesItsHashAlone(t *testing.T) {
	r := newSecrets(t)
	a, b := auth.NewToken(id.Refresh{}, r.Random()), auth.NewToken(id.Refresh{}, r.Random())
	if a.Secret == b.Secret {
		t.Fatal("two secrets are the same")
	}
	hash, err := r.Hash(t.Context(), a.Secret)
	if err != nil || strings.Contains(hash, a.Secret) || len(hash) > 255 {
		t.Fatalf("%q, %v", hash, err)
	}
	for secret, want := range map[string]bool{a.Secret: true, b.Secret: false, "": false, a.Secret + "x": false} {
		if ok, err := r.Matches(t.Context(), hash, secret); ok != want || err != nil {
			t.Errorf("a secret of %d characters: %v, %v", len(secret), ok, err)
		}
	}
	if _, err := r.Matches(t.Context(), "no hash", a.Secret); err == nil {
		t.Error("a broken hash is no error")
	}
}

func TestOnlyTheHolderOpensWhatIsSealed(t *testing.T) {
	r := newSecrets(t)
	row := id.FromBytes[id.RefreshKind]([16]byte{1})
	holder, successor := auth.NewToken(row, r.Random()), auth.NewToken(id.FromBytes[id.RefreshKind]([16]byte{2}), r.Random())
	sealed, err := r.Seal(holder, successor)
	if err != nil || strings.Contains(string(sealed), successor.Secret) {
		t.Fatal(err)
	}
	if got, err := r.Open(holder, sealed); err != nil || got != successor {
		t.Errorf("the holder reads %v, %v", got, err)
	}
	otherRow, otherSecret := holder, auth.NewToken(row, r.Random())
	otherRow.ID = successor.ID
	for name, thief := range map[string]auth.Token{"another secret": otherSecret, "another row": otherRow, "the successor": successor} {
		if got, err := r.Open(thief, sealed); err == nil {
			t.Errorf("%s reads %v", name, got)
		}
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := r.Open(holder, sealed); err == nil {
		t.Error("what was changed is still opened")
	}
}

func TestHashingIsBounded(t *testing.T) {
	r := newSecrets(t)
	for range cap(r.slots) {
		r.slots <- struct{}{} // as if so many were hashing
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := r.Hash(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one more: %v", err)
	}
}

func TestCostsThatMakeNoSense(t *testing.T) {
	for _, cost := range []int{-1, 0, MinHashCost - 1, MaxHashCost + 1} {
		if _, err := NewRefreshSecrets(cost); err == nil {
			t.Errorf("a cost of %d", cost)
		}
	}
}

func BenchmarkBcrypt(b *testing.B) {
	r := newSecrets(b)
	secret := auth.NewToken(id.Refresh{}, r.Random()).Secret
	hash, err := r.Hash(b.Context(), secret)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := r.Matches(b.Context(), hash, secret); err != nil {
			b.Fatal(err)
		}
		if _, err := r.Hash(b.Context(), secret); err != nil {
			b.Fatal(err)
		}
	}
}
