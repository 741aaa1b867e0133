// Package letters knows Unicode's normal forms and case folding, by
// golang.org/x/text.
package letters

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/runvs/runvs/domain/user"
)

// Tables implements user.Letters.
type Tables struct{}

var _ user.Letters = Tables{}

// NFC implements user.Letters.
func (Tables) NFC(s string) string { return norm.NFC.String(s) }

// Fold implements user.Letters. Folding may undo a composition, so the normal
// form is made before and after. What is not drawn by itself goes, as Unicode says:
// a variation selector makes no other name.
func (Tables) Fold(s string) string {
	folded := cases.Fold().String(norm.NFKC.String(s))
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		if ignorable(r) {
			return -1
		}
		return r
	}, folded))
}

// ignorable reports whether a character is a Default_Ignorable_Code_Point, by its
// derivation in Unicode's DerivedCoreProperties.
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Cf, unicode.Variation_Selector) &&
		!unicode.In(r, unicode.White_Space, unicode.Prepended_Concatenation_Mark) &&
		(r < 0xFFF9 || r > 0xFFFB) && (r < 0x13430 || r > 0x13440)
}
