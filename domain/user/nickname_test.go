package user

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
)

// few knows one composition and case. The tables of Unicode stand outside the
// domain; adapters/letters tests with them.
type few struct{}

func (few) NFC(s string) string  { return strings.ReplaceAll(s, "e\u0301", "é") }
func (few) Fold(s string) string { return strings.ToLower(few{}.NFC(s)) }

func TestWhatANicknameIs(t *testing.T) {
	for name, c := range map[string]struct{ raw, want, key string }{
		"plain":                        {"mina", "mina", "mina"},
		"two characters":               {"미나", "미나", "미나"},
		"twelve":                       {strings.Repeat("달", 12), strings.Repeat("달", 12), strings.Repeat("달", 12)},
		"upper case":                   {"Mina K", "Mina K", "mina k"},
		"spaces around":                {" \tmina\n", "mina", "mina"},
		"more than one space within":   {"mina  k", "mina  k", "mina k"},
		"counted when it is composed":  {strings.Repeat("e\u0301", 12), strings.Repeat("é", 12), strings.Repeat("é", 12)},
		"a picture":                    {"🏃mina", "🏃mina", "🏃mina"},
		"a mark on a letter":           {"mi\u0308na", "mi\u0308na", "mi\u0308na"},
		"a letter beside an empty one": {"ab", "ab", "ab"},
	} {
		got, err := NewNickname(few{}, c.raw)
		if err != nil || got.String() != c.want || got.Key() != c.key || got.IsZero() {
			t.Errorf("%s: %q, %q, %v", name, got, got.Key(), err)
		}
		if RestoreNickname(got.String(), got.Key()) != got {
			t.Errorf("%s is not restored", name)
		}
	}
}

func TestWhatIsNoNickname(t *testing.T) {
	for name, raw := range map[string]string{
		"empty": "", "blank": "    ", "one character": "m", "one beside blanks": " m ", "thirteen": strings.Repeat("달", 13),
		"a control character": "mi\x00na", "a line break": "mi\nna", "a space of no width": "mi\u200bna", "a wide space": "mi\u3000na",
		"an override": "mi\u202ena", "not UTF-8": "mi\xffna", "a Hangul filler": "mi\u3164na", "marks alone": "\u0308\u0308",
	} {
		got, err := NewNickname(few{}, raw)
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Fields[0].Location != "nickname" || !got.IsZero() {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestAProvidersNameBecomesANickname holds that whatever a provider says becomes
// a nickname that its person might have chosen, or none.
func TestAProvidersNameBecomesANickname(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.StringOf(rapid.RuneFrom([]rune("ab미나é \t\n\u0000\u200b\u3000\u3164\u0301\u0308🏃"))).Draw(t, "raw")
		number := rapid.IntRange(-1, 9999).Draw(t, "number")
		got := FromProvider(few{}, raw, number)
		if got.IsZero() {
			return
		}
		again, err := NewNickname(few{}, got.String())
		if err != nil || again != got {
			t.Fatalf("%q of %q may not be chosen: %v", got, raw, err)
		}
		if number > 0 && !strings.HasSuffix(got.String(), strconv.Itoa(number)) {
			t.Fatalf("%q does not end in %d", got, number)
		}
	})
}

func TestTheNicknameOfAProvidersName(t *testing.T) {
	for name, c := range map[string]struct {
		raw    string
		number int
		want   string
	}{
		"as it is":              {"Mina", 0, "Mina"},
		"with a number":         {"Mina", 7, "Mina7"},
		"cut":                   {strings.Repeat("달", 20), 0, strings.Repeat("달", 12)},
		"cut for its number":    {strings.Repeat("달", 20), 123, strings.Repeat("달", 9) + "123"},
		"no blank at the cut":   {"twelve chars and more", 42, "twelve cha42"},
		"blanks are spaces":     {"mina\tk", 0, "mina k"},
		"what hides goes":       {"mi\u200b\x00na", 0, "mina"},
		"too short":             {"m", 0, ""},
		"too short, and number": {"m", 12, ""},
		"nothing to see":        {"\u0308\u0308\u0308", 0, ""},
		"nothing at all":        {"", 5, ""},
	} {
		if got := FromProvider(few{}, c.raw, c.number); got.String() != c.want || got.IsZero() != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestACutKeepsWholeCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n := rapid.String().Draw(t, "text"), rapid.IntRange(0, 12).Draw(t, "n")
		got := cut(s, n)
		if !strings.HasPrefix(s, got) || !utf8.ValidString(got) || utf8.RuneCountInString(got) != min(n, utf8.RuneCountInString(s)) {
			t.Fatalf("the first %d characters of %q are %q", n, s, got)
		}
	})
}
