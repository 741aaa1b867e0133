package course

import (
	"slices"
	"strings"
)

// FoldTitle returns a title, or a part of one, without regard to case: what
// titles are searched by. The text must be in Unicode's normal form C.
func FoldTitle(s string) string { return strings.ToLower(s) }

// TitleGrams returns the pieces of a folded text that every title which contains
// it has: its pairs of neighbouring characters, or the one character it is.
// Indexes of titles hold these; trigrams, as is usual, would find no Korean word
// of two syllables.
func TitleGrams(folded string) []string {
	runes := []rune(folded)
	if len(runes) == 1 {
		return []string{folded}
	}
	var grams []string
	for i := 1; i < len(runes); i++ {
		grams = append(grams, string(runes[i-1:i+1]))
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}
