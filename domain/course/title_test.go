package course

import (
	"slices"
	"testing"
)

func TestGramsOfATitle(t *testing.T) {
	for text, want := range map[string][]string{
		"":      nil,
		"강":     {"강"},
		"한강":    {"한강"},
		"aaab":  {"aa", "ab"},
		"한강 런":  {" 런", "강 ", "한강"},
		"🏃run!": {"n!", "ru", "un", "🏃r"},
	} {
		if got := TitleGrams(text); !slices.Equal(got, want) {
			t.Errorf("%q has the grams %q", text, got)
		}
	}
	if FoldTitle("한강 RUN Äußere") != "한강 run äußere" {
		t.Error("case is not folded")
	}
}
