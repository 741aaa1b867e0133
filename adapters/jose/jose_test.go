package jose

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/runvs/runvs/domain/strictjson"
)

var key = []byte("a key of thirty-two bytes, or more")

func signed(t *testing.T, header, payload string) string {
	t.Helper()
	text := Encode([]byte(header)) + "." + Encode([]byte(payload))
	signature, err := jwt.SigningMethodHS256.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + Encode(signature)
}

func TestATokenHasOneSpelling(t *testing.T) {
	good := signed(t, `{"alg":"HS256"}`, `{"sub":"x"}`)
	open := func(token string) error {
		parts, err := Split(token, 200)
		if err == nil {
			err = parts.ReadHeader(func(r *strictjson.Reader, _ string) error { return r.Skip() })
		}
		if err == nil {
			_, err = parts.Open(jwt.SigningMethodHS256, key)
		}
		return err
	}
	if err := open(good); err != nil {
		t.Fatal(err)
	}
	last := good[len(good)-1]
	for name, token := range map[string]string{
		"two parts": good[:strings.LastIndex(good, ".")], "four parts": good + ".", "padding": good + "=", "a line break": good + "\n",
		"a line break within": good[:9] + "\n" + good[9:], "another last character": good[:len(good)-1] + string(rune(last+1)),
		"too long": good + strings.Repeat("A", 200), "two of one name": signed(t, `{"alg":"HS256","alg":"none"}`, `{}`),
		"something behind": signed(t, `{"alg":"HS256"}{}`, `{}`), "another key's": good[:len(good)-43] + strings.Repeat("A", 43),
	} {
		if err := open(token); err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), good[:8]) {
			t.Errorf("%s: the error tells the token", name)
		}
	}
}

func TestTimesAreThoseOfFourDigitYears(t *testing.T) {
	for in, want := range map[string]time.Time{
		"0": time.UnixMicro(0).UTC(), "1700000000.123456": time.UnixMicro(1700000000123456).UTC(),
		"-1": {}, "253402300800": {}, `"1"`: {}, "null": {},
	} {
		r, err := strictjson.NewReader([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readTime(r)
		if !got.Equal(want) || (err == nil) == want.IsZero() {
			t.Errorf("%s is %v, %v", in, got, err)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("a.b.c")
	f.Add(Encode([]byte(`{"alg":"RS256"}`)) + "." + Encode([]byte(`{"sub":"x"}`)) + "." + Encode([]byte("s")))
	f.Fuzz(func(t *testing.T, token string) {
		parts, err := Split(token, 4096)
		if err != nil {
			return
		}
		if parts.signed+"."+Encode(parts.signature) != token {
			t.Fatalf("%q has more than one spelling", token)
		}
		if _, err := parts.Open(jwt.SigningMethodHS256, key); err == nil {
			t.Fatal("a signature that nobody made is good")
		}
	})
}
