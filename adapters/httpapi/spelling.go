package httpapi

import (
	"io"
	"regexp"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/strictjson"
)

// jsonNumber is a number as JSON and people write it; Go reads 3_7.5 and 0x1p4 too.
var jsonNumber = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d+)?$`)

// spelling refuses what the framework would pass over: numbers of another
// language in the query, and a body where none is read. Somebody who sends one
// believes that it does something.
func (s *Server) spelling(ctx huma.Context, next func(huma.Context)) {
	if err := misspelt(ctx); err != nil {
		if werr := s.write(humafiber.UnwrapV2(ctx), problemOf(err, "body")); werr != nil {
			s.cfg.Log.Error("an answer could not be written", "error", werr)
		}
		return
	}
	next(ctx)
}

func misspelt(ctx huma.Context) error {
	op := ctx.Operation()
	for _, p := range op.Parameters {
		if p.In != "query" || p.Schema == nil || p.Schema.Type != huma.TypeNumber && p.Schema.Type != huma.TypeInteger {
			continue
		}
		if value := ctx.Query(p.Name); value != "" && !jsonNumber.MatchString(value) {
			return problemOf(fault.InvalidField(p.Name, "is no number"), "query")
		}
	}
	if op.RequestBody != nil {
		return nil
	}
	raw, err := io.ReadAll(ctx.BodyReader())
	if err != nil || len(raw) == 0 {
		return err
	}
	r, err := strictjson.NewReader(raw)
	if err != nil {
		return err
	}
	return r.Object(func(name []byte) error {
		return fault.InvalidField(string(name), "unknown field: this call reads no body")
	})
}
