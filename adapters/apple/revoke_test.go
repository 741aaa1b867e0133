package apple

import (
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/adapters/remote"
	"github.com/runvs/runvs/domain/fault"
)

func newTestRevoker(t *testing.T, change func(*RevokerConfig)) (*Revoker, providertest.Bench) {
	t.Helper()
	apple := providertest.NewBench(t, start)
	cfg := RevokerConfig{
		Service:   remote.Service{BaseURL: apple.URL(), Clock: apple.Clock, Log: apple.Logger()},
		BundleIDs: []string{otherBundle, providertest.AppleBundleID}, TeamID: providertest.AppleTeamID,
		KeyID: providertest.AppleKeyID, PrivateKey: apple.ApplePrivateKey(),
	}
	if change != nil {
		change(&cfg)
	}
	r, err := NewRevoker(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r, apple
}

func TestACodeIsExchangedAndItsGrantRevoked(t *testing.T) {
	r, apple := newTestRevoker(t, nil)
	for _, app := range []string{providertest.AppleBundleID, otherBundle} {
		if err := r.Revoke(t.Context(), apple.AppleCode(app)); err != nil {
			t.Fatal(err)
		}
	}
	if n := apple.AppleGrants(); n != 0 {
		t.Errorf("%d grants are left", n)
	}
}

func TestARevocationThatAppleRefuses(t *testing.T) {
	for name, change := range map[string]func(*RevokerConfig){
		"a code that was used": nil,
		"another team":         func(c *RevokerConfig) { c.TeamID = "OTHER" },
		"another key":          func(c *RevokerConfig) { c.KeyID = "OTHER" },
		"a key of another team": func(c *RevokerConfig) {
			other := providertest.New()
			c.PrivateKey = other.ApplePrivateKey()
			other.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, apple := newTestRevoker(t, change)
			code := apple.AppleCode(otherBundle)
			err := r.Revoke(t.Context(), code)
			if change == nil {
				err = r.Revoke(t.Context(), code)
			}
			if err == nil || fault.KindOf(err) == fault.Unavailable {
				t.Errorf("got %v", err)
			}
			if strings.Contains(apple.Log.String()+err.Error(), code) {
				t.Error("the code is in the apple.Log, or in the error")
			}
		})
	}
}

func TestARevocationWhileAppleIsDown(t *testing.T) {
	for _, how := range []providertest.Breakage{providertest.Reset, providertest.Status503, providertest.HTML, providertest.Empty, providertest.Redirect} {
		r, apple := newTestRevoker(t, nil)
		apple.Break(how)
		if err := r.Revoke(t.Context(), apple.AppleCode(otherBundle)); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", how, err)
		}
		if n := apple.Requests(providertest.AppleTokenPath); n != 1 {
			t.Errorf("%s: the code was sent %d times", how, n)
		}
	}
}

func TestARevokerNeedsAGoodKey(t *testing.T) {
	_, apple := newTestRevoker(t, nil)
	good := RevokerConfig{BundleIDs: []string{otherBundle}, TeamID: "T", KeyID: "K", PrivateKey: apple.ApplePrivateKey(), Service: remote.Service{Clock: apple.Clock}}
	for name, change := range map[string]func(*RevokerConfig){
		"no team": func(c *RevokerConfig) { c.TeamID = "" }, "no key id": func(c *RevokerConfig) { c.KeyID = "" },
		"no app": func(c *RevokerConfig) { c.BundleIDs = nil }, "no PEM": func(c *RevokerConfig) { c.PrivateKey = "secret words" },
	} {
		cfg := good
		change(&cfg)
		if _, err := NewRevoker(cfg); err == nil || strings.Contains(err.Error(), "secret words") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
