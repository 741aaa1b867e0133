package apple

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/domain/fault"
)

const hurried = 60 * time.Millisecond

func (h house) good(t *testing.T) {
	t.Helper()
	if _, err := h.Verify(t.Context(), h.token(nil), nonce); err != nil {
		t.Errorf("a good token: %v", err)
	}
}

func (h house) unknownKey(t *testing.T) error {
	t.Helper()
	_, err := h.Verify(t.Context(), h.apple.SignApple(changes{"kid": "made-up"}, changes{"nonce": nonce}), nonce)
	return err
}

func (h house) fetched(t *testing.T, want int) {
	t.Helper()
	if n := h.fetches(); n != want {
		t.Errorf("the keys were fetched %d times, not %d", n, want)
	}
}

func TestKeysAreFetchedOnce(t *testing.T) {
	h := newHouse(t, 0)
	h.fetched(t, 0)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { h.good(t) })
	}
	wg.Wait()
	h.apple.Clock.Advance(5 * time.Hour)
	h.good(t)
	h.fetched(t, 1)
}

func TestANewKeyIsFoundAtOnce(t *testing.T) {
	h := newHouse(t, 0)
	old := h.token(nil)
	h.good(t)
	h.apple.RotateAppleKeys()
	var wg sync.WaitGroup
	for range 20 { // in the midst of sign-ins
		wg.Go(func() { h.good(t) })
	}
	wg.Wait()
	h.fetched(t, 2)
	if _, err := h.Verify(t.Context(), old, nonce); err != nil {
		t.Errorf("a token of the key before: %v", err)
	}
	h.apple.Clock.Advance(time.Minute)
	h.apple.RotateAppleKeys()
	h.good(t)
	h.fetched(t, 3)
}

func TestAnUnknownKeyIsLookedForAtMostOnceAMinute(t *testing.T) {
	h := newHouse(t, 0)
	for range 50 {
		providertest.Refused(t, h.unknownKey(t))
	}
	h.fetched(t, 1)
	h.apple.Clock.Advance(59 * time.Second)
	providertest.Refused(t, h.unknownKey(t))
	h.fetched(t, 1)
	h.apple.Clock.Advance(time.Second)
	for range 50 {
		providertest.Refused(t, h.unknownKey(t))
	}
	h.fetched(t, 2)
	h.good(t)
	h.fetched(t, 2)
	h.apple.Clock.Advance(-time.Hour) // a clock that is set back does not stop the search
	providertest.Refused(t, h.unknownKey(t))
	h.fetched(t, 3)
}

// warm sees to it that there is a good set, however busy the machine is.
func warm(t *testing.T, h house) {
	t.Helper()
	for range 100 {
		if _, err := h.Verify(t.Context(), h.token(nil), nonce); err == nil {
			h.apple.Clock.Advance(2 * time.Minute) // whatever failed before is over
			return
		}
		h.apple.Clock.Advance(10 * time.Second)
	}
	t.Fatal("the keys cannot be fetched")
}

func TestTheLastGoodSetIsKept(t *testing.T) {
	for _, how := range providertest.Outages() {
		t.Run(string(how), func(t *testing.T) {
			slow := how == providertest.Hang || how == providertest.SlowLoris
			h := newHouse(t, 0)
			if slow {
				h = newHouse(t, hurried)
			}
			warm(t, h)
			h.apple.Break(how)
			h.apple.Clock.Advance(time.Minute)
			providertest.Unavailable(t, h.unknownKey(t)) // perhaps a new key of Apple's: who knows?
			asked := h.fetches()
			for range 10 {
				h.good(t)
				providertest.Unavailable(t, h.unknownKey(t))
			}
			h.fetched(t, asked)
			if slow {
				return // hurried is short for a busy machine
			}
			h.apple.Heal()
			h.apple.Clock.Advance(time.Minute)
			providertest.Refused(t, h.unknownKey(t))
			h.good(t)
		})
	}
}

func TestSaysThatAppleIsDownWhenThereWasNeverAGoodSet(t *testing.T) {
	for _, how := range append(providertest.Outages(), providertest.Status401) {
		t.Run("apple_"+string(how), func(t *testing.T) {
			slow := how == providertest.Hang || how == providertest.SlowLoris
			h := newHouse(t, 0)
			if slow {
				h = newHouse(t, hurried)
			}
			h.apple.Break(how)
			_, err := h.Verify(t.Context(), h.token(nil), nonce)
			providertest.Unavailable(t, err)
			retried := slices.Contains([]providertest.Breakage{
				providertest.Reset, providertest.Truncated, providertest.Status500, providertest.Status503,
			}, how)
			if n := h.fetches(); (retried && n != 2) || (!retried && n != 1) {
				t.Errorf("%d requests were made", n)
			}
			if h.apple.Requests(providertest.EvilPath) != 0 {
				t.Error("a redirect was followed")
			}
			h.apple.Heal()
			if !slow { // hurried is short for a busy machine
				h.good(t)
			}
		})
	}
}

func TestTheCircuitOpensAndHeals(t *testing.T) {
	h := newHouse(t, 0)
	h.apple.Break(providertest.HTML)
	token := h.token(nil)
	for range 20 {
		_, err := h.Verify(t.Context(), token, nonce)
		providertest.Unavailable(t, err)
	}
	h.fetched(t, 5)
	h.apple.Heal()
	_, err := h.Verify(t.Context(), token, nonce)
	providertest.Unavailable(t, err)
	h.apple.Clock.Advance(10 * time.Second)
	h.good(t)
	h.fetched(t, 6)
	// What failed before the first good set does not count against a new key.
	h.apple.RotateAppleKeys()
	h.good(t)
}

func TestAKeyThatAppleTookBackIsForgottenInTheEnd(t *testing.T) {
	h := newHouse(t, 0)
	h.good(t)
	old, key := h.apple.AppleKey()
	h.apple.RotateAppleKeys()
	h.apple.WithdrawAppleKeys()
	h.apple.Clock.Advance(6 * time.Hour)
	claims := func() []byte {
		return text(changes{
			"iss": Issuer, "aud": providertest.AppleBundleID, "sub": subject, "nonce": nonce,
			"iat": h.apple.Clock.Now().Unix(), "exp": h.apple.Clock.Now().Unix() + 300,
		})
	}
	token := providertest.SignRS256(key, text(changes{"alg": "RS256", "kid": old}), claims())
	if _, err := h.Verify(t.Context(), token, nonce); err != nil {
		t.Errorf("the sign-in that notices the age: %v", err)
	}
	h.landed(t)
	_, err := h.Verify(t.Context(), token, nonce)
	providertest.Refused(t, err)
	h.fetched(t, 2)
}

// landed waits for the fetch under way, if there is one.
func (h house) landed(t *testing.T) {
	t.Helper()
	h.keys.mu.Lock()
	f := h.keys.flight
	h.keys.mu.Unlock()
	if f != nil {
		<-f.done
	}
}

func TestOldKeysDoWhileAppleIsDown(t *testing.T) {
	h := newHouse(t, 0)
	h.good(t)
	h.apple.Break(providertest.HTML)
	h.apple.Clock.Advance(24 * time.Hour)
	for range 10 {
		h.good(t)
		h.landed(t)
	}
	h.fetched(t, 2) // once a minute is often enough here as well
}

// The keys are for everybody: the sign-in that happened to begin the fetch may
// be broken off.
func TestACallerWhoLeavesDoesNotEndTheFetch(t *testing.T) {
	h := newHouse(t, 0)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	_, err := h.Verify(ctx, h.token(nil), nonce)
	if err != nil && fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	h.landed(t)
	h.good(t)
	h.fetched(t, 1)
}

func TestAWaitEndsWithTheBudget(t *testing.T) {
	h := newHouse(t, hurried)
	h.apple.Break(providertest.Hang)
	began := time.Now()
	var wg sync.WaitGroup
	for range 20 { // all wait for one fetch, not one behind the other
		wg.Go(func() { providertest.Unavailable(t, second(h.Verify(t.Context(), h.token(nil), nonce))) })
	}
	wg.Wait()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}
