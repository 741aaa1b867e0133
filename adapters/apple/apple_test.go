package apple

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/adapters/remote"
	"github.com/runvs/runvs/ports"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	nonce       = "n-0S6_WzA2Mj"
	otherBundle = "kr.runvs.watch"
	subject     = "001234.0123456789abcdef0123456789abcdef.0123"
	address     = "runner@privaterelay.appleid.com"
)

// house is a verifier with an Apple that it fetches keys from.
type house struct {
	*Verifier
	apple providertest.Bench
}

func newHouse(t testing.TB, budget time.Duration) house {
	t.Helper()
	apple := providertest.NewBench(t, start)
	v, err := New(Config{Service: remote.Service{BaseURL: apple.URL(), Clock: apple.Clock, Log: apple.Logger(), Budget: budget}, BundleIDs: []string{providertest.AppleBundleID, otherBundle}})
	if err != nil {
		t.Fatal(err)
	}
	return house{v, apple}
}

type changes = map[string]any

// token issues a good token but for the changes.
func (h house) token(c changes) string {
	claims := changes{"nonce": nonce}
	for name, value := range c {
		claims[name] = value
	}
	return h.apple.AppleToken(claims)
}

func (h house) fetches() int { return h.apple.Requests(providertest.AppleKeysPath) }

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestVerifierIsAPort(_ *testing.T) { var _ ports.Verifier = (*Verifier)(nil) }

func TestSaysWhomATokenStandsFor(t *testing.T) {
	h := newHouse(t, 0)
	who, err := h.Verify(t.Context(), h.token(nil), nonce)
	if err != nil {
		t.Fatal(err)
	}
	// The token is good for 300 s, and 60 s more by a clock that is behind.
	if who.Provider != "apple" || who.ProviderID != subject || who.Email != address || who.Nickname != "" || !who.OnceUntil.Equal(start.Add(360*time.Second)) {
		t.Errorf("got %+v", who)
	}
}

func TestAccepts(t *testing.T) {
	h := newHouse(t, 0)
	now := start.Unix()
	for name, c := range map[string]changes{
		"apple_email_verified_string":  {"email_verified": "true", "is_private_email": "false"},
		"apple_no_email":               {"email": nil, "email_verified": nil, "is_private_email": nil},
		"apple_email_number":           {"email": 7},
		"apple_nonce_raw_equals_claim": {"nonce": nonce},
		"apple_nonce_hashed":           {"nonce": hashed(nonce)},
		"apple_aud_other_of_ours":      {"aud": otherBundle},
		"apple_aud_array":              {"aud": []string{providertest.AppleBundleID}},
		"apple_aud_array_all_ours":     {"aud": []string{providertest.AppleBundleID, otherBundle}},
		"apple_expired_60s":            {"iat": now - 360, "exp": now - 60},
		"apple_iat_60s_ahead":          {"iat": now + 60},
		"apple_times_with_fraction":    {"iat": float64(now) - 0.5, "exp": float64(now) + 0.5},
		"apple_sub_1_char":             {"sub": "가"},
		"apple_sub_255_chars":          {"sub": strings.Repeat("가", 255)},
		"apple_unknown_claims":         {"real_user_status": 2, "org_id": nil, "nested": changes{"sub": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			who, err := h.Verify(t.Context(), h.token(c), nonce)
			if err != nil {
				t.Fatal(err)
			}
			if want, changed := c["sub"]; changed && who.ProviderID != want {
				t.Errorf("got %+v", who)
			}
			if _, changed := c["email"]; changed != (who.Email == "") {
				t.Errorf("the address is %q", who.Email)
			}
		})
	}
	// A token is good until it ends: to see it twice is not this package's to notice.
	t.Run("apple_replay_same_token", func(t *testing.T) {
		token := h.token(nil)
		for range 2 {
			if _, err := h.Verify(t.Context(), token, nonce); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestRefusesClaims(t *testing.T) {
	h := newHouse(t, 0)
	now := start.Unix()
	for name, c := range map[string]changes{
		"apple_expired_61s":           {"iat": now - 361, "exp": now - 61},
		"apple_no_exp":                {"exp": nil},
		"apple_no_iat":                {"iat": nil},
		"apple_exp_string":            {"exp": fmt.Sprint(now + 300)},
		"apple_exp_negative":          {"exp": -1},
		"apple_exp_huge":              {"exp": 1e300},
		"apple_iat_61s_ahead":         {"iat": now + 61},
		"apple_exp_before_iat":        {"iat": now, "exp": now - 1},
		"apple_nbf_61s_ahead":         {"nbf": now + 61},
		"apple_iss_http":              {"iss": "http://appleid.apple.com"},
		"apple_iss_trailing_slash":    {"iss": "https://appleid.apple.com/"},
		"apple_iss_suffix_evil":       {"iss": "https://appleid.apple.com.evil.example"},
		"apple_iss_base_url":          {"iss": h.apple.URL()},
		"apple_iss_missing":           {"iss": nil},
		"apple_iss_array":             {"iss": []string{Issuer}},
		"apple_aud_other_bundle":      {"aud": "com.example.other"},
		"apple_aud_array_with_other":  {"aud": []string{providertest.AppleBundleID, "com.example.other"}},
		"apple_aud_prefix":            {"aud": "kr.runvs"},
		"apple_aud_suffix":            {"aud": providertest.AppleBundleID + ".evil"},
		"apple_aud_other_case":        {"aud": "KR.RUNVS.APP"},
		"apple_aud_empty":             {"aud": ""},
		"apple_aud_empty_array":       {"aud": []string{}},
		"apple_aud_array_with_null":   {"aud": []any{providertest.AppleBundleID, nil}},
		"apple_aud_array_with_number": {"aud": []any{providertest.AppleBundleID, 1}},
		"apple_aud_nested":            {"aud": []any{[]string{providertest.AppleBundleID}}},
		"apple_aud_missing":           {"aud": nil},
		"apple_aud_object":            {"aud": changes{providertest.AppleBundleID: true}},
		"apple_nonce_missing":         {"nonce": nil},
		"apple_nonce_empty":           {"nonce": ""},
		"apple_nonce_other":           {"nonce": "another"},
		"apple_nonce_hash_upper":      {"nonce": strings.ToUpper(hashed(nonce))},
		"apple_nonce_hash_twice":      {"nonce": hashed(hashed(nonce))},
		"apple_nonce_array":           {"nonce": []string{nonce}},
		"apple_sub_empty":             {"sub": ""},
		"apple_sub_missing":           {"sub": nil},
		"apple_sub_number":            {"sub": 1234},
		"apple_sub_nul":               {"sub": "a\x00b"},
		"apple_sub_256_chars":         {"sub": strings.Repeat("a", 256)},
		"apple_sub_300_chars":         {"sub": strings.Repeat("a", 300)},
		"apple_claim_names_in_case":   {"sub": nil, "SUB": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Verify(t.Context(), h.token(c), nonce)
			providertest.Refused(t, err)
		})
	}
	t.Run("apple_nonce_raw_equals_claim", func(t *testing.T) { // a hash that was read in a stolen token
		for _, hash := range []string{hashed(nonce), strings.ToUpper(hashed(nonce))} {
			_, err := h.Verify(t.Context(), h.token(changes{"nonce": hash}), hash)
			providertest.Refused(t, err)
		}
	})
	t.Run("apple_nonce_in_token_only", func(t *testing.T) {
		_, err := h.Verify(t.Context(), h.token(nil), "")
		providertest.Refused(t, err)
	})
	t.Run("apple_nonce_in_neither", func(t *testing.T) {
		_, err := h.Verify(t.Context(), h.token(changes{"nonce": nil}), "")
		providertest.Refused(t, err)
	})
	t.Run("apple_nonce_empty_in_both", func(t *testing.T) {
		_, err := h.Verify(t.Context(), h.token(changes{"nonce": ""}), "")
		providertest.Refused(t, err)
	})
	t.Run("apple_nonce_hash_of_empty", func(t *testing.T) {
		_, err := h.Verify(t.Context(), h.token(changes{"nonce": hashed("")}), "")
		providertest.Refused(t, err)
	})
}

func TestNothingPersonalIsInErrorsOrTheLog(t *testing.T) {
	h := newHouse(t, 0)
	token := h.token(changes{"exp": start.Unix() - 61})
	for _, err := range []error{
		second(h.Verify(t.Context(), token, nonce)),
		second(h.Verify(t.Context(), h.token(changes{"aud": "x"}), nonce)),
		second(h.Verify(t.Context(), h.token(nil), "other")),
		second(h.Verify(t.Context(), h.token(changes{"nonce": 1, "sub": 2}), nonce)),
		second(h.Verify(t.Context(), token[:len(token)-4], nonce)),
	} {
		providertest.Refused(t, err)
		for _, secret := range []string{token, token[:20], nonce, subject, address} {
			if strings.Contains(err.Error(), secret) || strings.Contains(h.apple.Log.String(), secret) {
				t.Errorf("%q shows in %v, or in the log %s", secret, err, h.apple.Log)
			}
		}
	}
}

func second(_ ports.Identity, err error) error { return err }

func TestNewNeedsAnAppAndAClock(t *testing.T) {
	good := Config{BundleIDs: []string{"a.b"}, Service: remote.Service{Clock: providertest.NewClock(start)}}
	if _, err := New(good); err != nil {
		t.Fatalf("the real Apple: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"no bundle id":       func(c *Config) { c.BundleIDs = nil },
		"an empty bundle id": func(c *Config) { c.BundleIDs = []string{"a.b", ""} },
		"no clock":           func(c *Config) { c.Clock = nil },
		"no address":         func(c *Config) { c.BaseURL = "appleid.apple.com" },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
