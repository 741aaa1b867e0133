package text

import (
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	for in, want := range map[string]string{"  한강 5k ": "한강 5k", "": "", "👨‍👩‍👧‍👦": "👨‍👩‍👧‍👦"} {
		if got, err := Line("title", in, 30); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{strings.Repeat("a", 31), "a\nb", "a\u202eb", "a\x00", "a\xffb", "a\u2066b"} {
		if got, err := Line("title", in, 30); err == nil {
			t.Errorf("%q gives %q", in, got)
		}
	}
	if got, err := Lines("description", "a\n\tb", 30); err != nil || got != "a\n\tb" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatCanBeSeen(t *testing.T) {
	for _, s := range []string{"a", "한", "🏃", ".", "  b", "e\u0301"} {
		if !Seen(s) {
			t.Errorf("%q cannot be seen", s)
		}
	}
	for _, s := range []string{"", "  ", "\u200b", "\u3164\u3164", "\u2800", "\u115f\u1160", "\u0301\u0301", "\ufeff", "\u00a0", "\ufffd"} {
		if Seen(s) {
			t.Errorf("%q can be seen", s)
		}
	}
}

func TestWhatIsCutFitsALine(t *testing.T) {
	for in, want := range map[string]string{
		"Morning run": "Morning run", "a\nb": "a b", "x\u202ey\x00z": "xyz", strings.Repeat("가", 40): strings.Repeat("가", 30), " \t ": "",
	} {
		got := Cut(in, 30)
		if got != want {
			t.Errorf("%q gives %q", in, got)
		}
		if again, err := Line("title", got, 30); err != nil || again != got {
			t.Errorf("%q is refused: %v", got, err)
		}
	}
}
