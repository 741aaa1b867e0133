package course

import (
	"slices"
	"strings"
)

// FoldTitle returns a title, or a part of one, without regard to case: what
// titles are searched by. The text must be in Unicode's normal form C.
func FoldTitle(s string) string { return strings.ToLower(s) }

// TitleGrams returns the pieces of a folded text that every title which contains
// it has: each three neighbouring characters or, of a shorter text, the text.
// Indexes of titles hold the pieces of one to three characters; with three alone,
// as is usual, no Korean word of two syllables would be found.
func TitleGrams(folded string) []string {
	const size = 3
	runes := []rune(folded)
	if len(runes) <= size {
		return []string{folded}
	}
	var grams []string
	for i := size; i <= len(runes); i++ {
		grams = append(grams, string(runes[i-size:i]))
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}
