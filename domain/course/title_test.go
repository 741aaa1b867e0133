package course

import (
	"slices"
	"testing"
)

func TestGramsOfATitle(t *testing.T) {
	for text, want := range map[string][]string{
		"강":     {"강"},
		"한강":    {"한강"},
		"한강 ":   {"한강 "},
		"aaaab": {"aaa", "aab"},
		"한강 런":  {"강 런", "한강 "},
		"🏃run!": {"run", "un!", "🏃ru"},
	} {
		if got := TitleGrams(text); !slices.Equal(got, want) {
			t.Errorf("%q has the grams %q", text, got)
		}
	}
	if FoldTitle("한강 RUN Äußere") != "한강 run äußere" {
		t.Error("case is not folded")
	}
}
