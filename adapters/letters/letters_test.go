package letters

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/user"
)

func TestNicknames(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"plain": {"mina", "mina"}, "trimmed": {"  mina\t", "mina"}, "twelve Hangul": {strings.Repeat("달", 12), strings.Repeat("달", 12)},
		"nick_nfd_hangul": {norm.NFD.String("한강러너"), "한강러너"}, "with a space": {"a b", "a b"}, "an emoji": {"🏃mina", "🏃mina"},
	} {
		if got, err := user.NewNickname(Tables{}, c.raw); err != nil || got.String() != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, raw := range map[string]string{
		"nick_empty": "", "blank": " \t ", "nick_1": "m", "nick_13": strings.Repeat("m", 13), "nick_zwsp": "abc\u200b",
		"nick_rtl_override": "abc\u202e", "nick_emoji_zwj_family": "👨‍👩‍👧‍👦", "a control character": "ab\x07c", "a line break": "ab\ncd",
		"a no-break space": "a\u00a0b", "invalid UTF-8": "ab\xff", "private use": "ab\ue000", "a tag character": "ab\U000e0041",
	} {
		if got, err := user.NewNickname(Tables{}, raw); !fault.HasCode(err, fault.CodeValidation) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestNicknamesThatReadTheSameHaveOneKey(t *testing.T) {
	for _, twins := range [][2]string{
		{"mina", "MINA"}, {"straße", "STRASSE"}, {"ΣΑΣ", "σας"}, {"mina", "ｍｉｎａ"}, {"한강", norm.NFD.String("한강")}, {"a b", "A  B"},
	} {
		a, errA := user.NewNickname(Tables{}, twins[0])
		b, errB := user.NewNickname(Tables{}, twins[1])
		if errA != nil || errB != nil || a.Key() != b.Key() {
			t.Errorf("%q and %q: %q, %q; %v, %v", twins[0], twins[1], a.Key(), b.Key(), errA, errB)
		}
	}
}

// Whatever a provider calls a person, what is made of it is a nickname that the
// person could have chosen, or none.
func TestProvidersNamesBecomeNicknames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("a B각é\u0301\u200b\u00a0👨‍\t")), 0, 40, -1)).Draw(t, "name")
		number := rapid.IntRange(0, 9999).Draw(t, "number")
		n := user.FromProvider(Tables{}, raw, number)
		if n.IsZero() {
			return
		}
		again, err := user.NewNickname(Tables{}, n.String())
		if err != nil || again != n {
			t.Fatalf("%q became %q: %v", raw, n, err)
		}
	})
	if got := user.FromProvider(Tables{}, "달리는 사람들의 모임 회장", 17).String(); got != "달리는 사람들의 모17" || utf8.RuneCountInString(got) != 12 {
		t.Errorf("with a number: %q", got)
	}
	if got := user.FromProvider(Tables{}, "kakao_nickname_13", 0).String(); got != "kakao_nickna" {
		t.Errorf("cut: %q", got)
	}
}

func TestReservedNicknamesInEveryForm(t *testing.T) {
	r, err := user.ParseReserved(Tables{}, "admin,runvs,운영자,관리자")
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"admin", "ＡＤＭＩＮ", "ａd min", "Ⓐdmin", "R.U.N.V.S", norm.NFD.String("운영자"), "관 리 자", "admin\ufe0f", "ad\u034fmin", "adm\u17b4in", "admin\U000e0100", "ﬁrst" + "x"} {
		n, err := user.NewNickname(Tables{}, raw)
		if err != nil {
			t.Fatal(err)
		}
		if want := raw != "ﬁrstx"; r.Has(n) != want {
			t.Errorf("%q is reserved: %v", raw, !want)
		}
	}
}
