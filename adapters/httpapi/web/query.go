package web

import (
	"bytes"
	"net/url"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/fault"
)

// unambiguous refuses requests that can be read in two ways, and text that no
// database can take. Which parameters there are, misspelt knows.
func unambiguous(c *fiber.Ctx) error {
	if twoLengths(&c.Request().Header) {
		c.Context().SetConnectionClose()
		return errBothLength
	}
	// The framework looks for values with a reader that takes what is not encoded as
	// it is, and others pass over it.
	if _, err := url.ParseQuery(string(c.Request().URI().QueryString())); err != nil {
		return problemOf(fault.InvalidField("", "is not percent-encoded: %% needs two hexadecimal digits, and ; is no separator"), "query")
	}
	var mistakes []error
	seen := map[string]bool{}
	for key, value := range c.Context().QueryArgs().All() {
		name := string(key)
		switch {
		case !storable(key):
			mistakes = append(mistakes, fault.InvalidField("", "holds a name that is not UTF-8, or has a NUL"))
		case seen[name]: // nobody can know which one counts
			mistakes = append(mistakes, fault.InvalidField(name, "comes twice"))
		case !storable(value):
			mistakes = append(mistakes, fault.InvalidField(name, "is not UTF-8, or holds a NUL"))
		}
		seen[name] = true
	}
	if err := fault.Join(mistakes...); err != nil {
		return problemOf(err, "query")
	}
	return nil
}

// storable reports whether a text can be kept and compared by every database:
// PostgreSQL takes neither bytes that are not UTF-8 nor NUL.
func storable(text []byte) bool { return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 }
