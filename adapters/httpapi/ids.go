package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

// UUID is an id as clients send it.
type UUID string

// Schema implements huma.SchemaProvider. Other ways of writing a UUID have the
// format, too: the pattern leaves one.
func (UUID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Format: "uuid",
		Pattern: `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`, PatternDescription: "a UUID of 36 characters",
	}
}

// parseID reads a path's id. A malformed one names nobody's resource: missing
// is what its absence would give.
func parseID[K id.Kind](s string, missing error) (id.ID[K], error) {
	x, err := id.Parse[K](s)
	if err != nil {
		return x, missing
	}
	return x, nil
}

// bodyID reads an id in a body, where a malformed one is a mistake in a field.
func bodyID[K id.Kind](field string, s *UUID) (id.ID[K], error) {
	if s == nil {
		return id.ID[K]{}, nil
	}
	x, err := id.Parse[K](string(*s))
	if err != nil {
		return x, fault.InvalidField(field, "not an id: a UUID of 36 characters is needed")
	}
	return x, nil
}

// queryID reads an id in a query; the zero id when there is none.
func queryID[K id.Kind](name string, s UUID) (id.ID[K], error) {
	if s == "" {
		return id.ID[K]{}, nil
	}
	x, err := id.Parse[K](string(s))
	if err != nil {
		return x, queryFault(name, "not an id: a UUID of 36 characters is needed")
	}
	return x, nil
}
