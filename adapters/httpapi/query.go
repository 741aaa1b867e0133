package httpapi

import (
	"bytes"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/fault"
)

// checkQuery refuses what no operation may be asked: a text that no database can
// take, and a query that two readers read differently. Unknown parameters are
// refused where the operation is known, and here where no operation is.
func checkQuery(c *fiber.Ctx) error {
	if err := queryMistake(c); err != nil {
		return problemOf(err, "query")
	}
	return nil
}

func queryMistake(c *fiber.Ctx) error {
	raw := c.Request().URI().QueryString()
	// The framework looks for unknown parameters with this reader, which passes over
	// what it cannot read, and for values with another, which takes it as it is.
	if _, err := url.ParseQuery(string(raw)); err != nil {
		return fault.InvalidField("", "is not percent-encoded: %% needs two hexadecimal digits, and ; is no separator")
	}
	page := c.Path() == "/docs" || strings.HasPrefix(c.Path(), "/openapi")
	seen := map[string]bool{}
	for key, value := range c.Context().QueryArgs().All() {
		name := string(key)
		switch {
		case !storable(key):
			return fault.InvalidField("", "holds a name that is not UTF-8, or has a NUL")
		case page:
			return fault.InvalidField(name, "is no parameter of this page")
		case seen[name]: // nobody can know which one counts
			return fault.InvalidField(name, "comes twice")
		case !storable(value):
			return fault.InvalidField(name, "is not UTF-8, or holds a NUL")
		}
		seen[name] = true
	}
	return nil
}

// storable reports whether a text can be kept and compared by every database:
// PostgreSQL takes neither bytes that are not UTF-8 nor NUL.
func storable(text []byte) bool { return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 }

// noQuery refuses any parameter, for operations that huma does not look at.
func noQuery(c *fiber.Ctx) error {
	if c.Context().QueryArgs().Len() > 0 {
		return fault.InvalidField("", "this operation has no query parameters").At("query")
	}
	return nil
}
