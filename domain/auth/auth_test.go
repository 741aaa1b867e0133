package auth

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/id"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func row(b byte) id.Refresh { return id.FromBytes[id.RefreshKind]([16]byte{b}) }

func TestATokenHasOneSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var random [SecretBytes]byte
		var key [16]byte
		copy(random[:], rapid.SliceOfN(rapid.Byte(), SecretBytes, SecretBytes).Draw(t, "secret"))
		copy(key[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "row"))
		token := NewToken(id.FromBytes[id.RefreshKind](key), random)
		s := token.String()
		if got, err := ParseToken(s); err != nil || got != token {
			t.Fatalf("%s is read as %v, %v", s, got, err)
		}
		at := rapid.IntRange(0, len(s)-1).Draw(t, "at")
		other := s[:at] + string(rapid.ByteRange(1, 126).Draw(t, "byte")) + s[at+1:]
		if got, err := ParseToken(other); err == nil && got.String() != other {
			t.Fatalf("%q has another spelling, %q", other, got)
		}
	})
}

func TestWhatIsNoToken(t *testing.T) {
	good := NewToken(row(1), [SecretBytes]byte{2}).String()
	for name, s := range map[string]string{
		"rt_empty": "", "rt_wrong_prefix": "rt2" + good[3:], "upper case prefix": "RT1" + good[3:],
		"rt_71_chars": good[:len(good)-1], "one more": good + "A", "rt_73_byte_secret": good + strings.Repeat("A", 30),
		"rt_nul_in_secret": good[:60] + "\x00" + good[61:], "a line break": good[:60] + "\n" + good[61:],
		"rt_unicode_lookalike": strings.Replace(good, "r", "г", 1), "standard base64": good[:60] + "+" + good[61:],
		"padding": good[:len(good)-1] + "=", "bits that do not count": good[:len(good)-1] + "B", "no dot": strings.Replace(good, ".", "_", 2),
	} {
		if got, err := ParseToken(s); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(NewToken(row(1), [SecretBytes]byte{2}).String())
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ParseToken(s); err == nil && got.String() != s {
			t.Errorf("%q is read as %q", s, got)
		}
	})
}

func TestWhatPresentingATokenLeadsTo(t *testing.T) {
	key, other, none := KeyHash{1}, KeyHash{2}, KeyHash{}
	fresh := First(row(1), id.User{}, id.Family{}, "hash", noon)
	used, _ := fresh.Use(noon, key, row(2), "hash", []byte("sealed"))
	keyless, _ := fresh.Use(noon, none, row(2), "hash", []byte("sealed"))
	revoked, unsealed := used, used
	revoked.RevokedAt, unsealed.Sealed = noon, nil
	oldFamily := fresh
	oldFamily.FamilyStartedAt = noon.Add(-FamilyLifetime)
	for name, c := range map[string]struct {
		token     Refresh
		after     time.Duration
		key       KeyHash
		successor State
		window    time.Duration
		want      Outcome
	}{
		"active":                                   {token: fresh, want: Rotate},
		"active, a moment before its end":          {token: fresh, after: Lifetime - 1, want: Rotate},
		"rt_expired_exactly":                       {token: fresh, after: Lifetime, want: RefuseOld},
		"of a family of 180 days":                  {token: oldFamily, want: RefuseOld},
		"rt_revoked":                               {token: revoked, key: key, want: RefuseGone},
		"rt_used_same_key":                         {token: used, key: key, want: Retry},
		"rt_used_no_key":                           {token: used, want: Theft},
		"rt_used_other_key":                        {token: used, key: other, want: Theft},
		"same key, the successor was used":         {token: used, key: key, successor: Used, want: Theft},
		"same key, the successor was revoked":      {token: used, key: key, successor: Revoked, want: Theft},
		"same key, a moment before a day":          {token: used, after: SealedFor - 1, key: key, want: Retry},
		"same key, a day later":                    {token: used, after: SealedFor, key: key, want: Theft},
		"same key, no longer sealed":               {token: unsealed, key: key, want: Theft},
		"keyless both times, no window":            {token: keyless, want: Theft},
		"keyless, no window, by a clock behind":    {token: keyless, after: -2 * time.Second, want: Theft},
		"keyless, no window, by one hours behind":  {token: keyless, after: -3 * time.Hour, want: Theft},
		"same key, by a clock behind":              {token: used, after: -2 * time.Second, key: key, want: Retry},
		"keyless both times, within the window":    {token: keyless, after: time.Second, window: 2 * time.Second, want: Retry},
		"keyless both times, after the window":     {token: keyless, after: 2 * time.Second, window: 2 * time.Second, want: Theft},
		"keyless, but first with a key, in window": {token: used, window: MaxReuseWindow, want: Theft},
		"a key, but first keyless, in window":      {token: keyless, key: key, window: MaxReuseWindow, want: Theft},
	} {
		if got := c.token.Presented(noon.Add(c.after), c.key, c.successor, c.window); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestASuccessorNeverOutlivesItsFamily(t *testing.T) {
	token := First(row(1), id.User{}, id.Family{}, "", noon)
	refreshes := 0
	for now := noon; !token.Expired(now); now = now.Add(20 * 24 * time.Hour) {
		_, token = token.Use(now, KeyHash{}, row(2), "", nil)
		refreshes++
		if token.State() != Active || token.ExpiresAt.After(noon.Add(FamilyLifetime)) {
			t.Fatalf("after %s it is good until %s", now.Sub(noon), token.ExpiresAt)
		}
	}
	if refreshes != 9 {
		t.Errorf("%d refreshes, want one every 20 days of 180", refreshes)
	}
}

// Whatever two clocks say, time does not go back, and a token that is made after
// all were ended is good.
func TestMomentsOfClocksThatDisagree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := func(name string) time.Time {
			return noon.Add(time.Duration(rapid.Int64Range(-4*int64(time.Hour), 4*int64(time.Hour)).Draw(t, name))).Truncate(time.Microsecond)
		}
		now, used, issued := at("now"), at("used"), at("issued")
		m := Moment(now, used, issued)
		if m.Before(now) || m.Before(used) || m.Before(issued) || (m != now && m != used && m != issued) {
			t.Fatalf("%v is no moment after %v, %v and %v", m, now, used, issued)
		}
		if iat := IssuedAt(now, m); !iat.After(m) || iat.Before(now) {
			t.Fatalf("all were ended at %v, and a new token is of %v", m, iat)
		}
	})
}
