package web

import (
	"regexp"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/strictjson"
)

// jsonNumber is a number as JSON and people write it; Go reads 3_7.5 and 0x1p4 too.
var jsonNumber = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d+)?$`)

// misspelt finds what the framework would pass over: unknown names and numbers of
// another language in the query, and a body where none is read. Somebody who sends
// one believes that it does something. What is so broken that it cannot be looked
// at is an error; mistakes are answered with those of the other fields.
func misspelt(c *fiber.Ctx, op *Operation) (mistakes, err error) {
	var found []error
	for key, value := range c.Context().QueryArgs().All() {
		if op.AnyQuery {
			break
		}
		name := string(key)
		p := op.query(name)
		switch {
		case p == nil:
			found = append(found, fault.InvalidField(name, "unknown query parameter").At("query"))
		case (p.Schema.Type == huma.TypeNumber || p.Schema.Type == huma.TypeInteger) && len(value) > 0 && !jsonNumber.Match(value):
			found = append(found, fault.InvalidField(name, "is no number").At("query"))
		}
	}
	if op.Body == NoBody && len(c.Request().Body()) > 0 {
		r, err := strictjson.NewReader(c.Request().Body())
		if err != nil {
			return nil, err
		}
		err = r.Object(func(name []byte) error {
			found = append(found, fault.InvalidField(string(name), "unknown field: this call reads no body").At("body"))
			return r.Skip()
		})
		if err != nil {
			return nil, err
		}
	}
	return fault.Join(found...), nil
}

// query returns a query parameter of an operation; nil for none of this name.
func (op *Operation) query(name string) *huma.Param {
	for _, p := range op.parameters {
		if p.In == "query" && p.Name == name {
			return p
		}
	}
	return nil
}
