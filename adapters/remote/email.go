package remote

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEmail is the length of the columns that hold an address, in characters.
const maxEmail = 255

// Email returns the address that a provider gave, or "" when it cannot be kept
// as one: nobody is locked out for the sake of it.
func Email(s string) string {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxEmail || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return s
}
