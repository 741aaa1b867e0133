// Package letters knows Unicode's normal forms and case folding, by
// golang.org/x/text.
package letters

import (
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
// form is made before and after.
func (Tables) Fold(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}
