package web

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// operationKey is where huma keeps our operation beside its own.
const operationKey = "runvs"

// everywhere are the errors that any operation may answer with: of requests that
// cannot be read, are too slow, too large, too many, or say what nobody asked for,
// and of us.
var everywhere = []int{
	http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
	http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge,
	http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// SchemaOf adds a type's schema to the document and returns a reference to it.
func (s *Server) SchemaOf(v any) *huma.Schema {
	return s.Schemas().Schema(reflect.TypeOf(v), true, "")
}

// Schemas returns the schemas of all types that the document describes.
func (s *Server) Schemas() huma.Registry { return s.api.OpenAPI().Components.Schemas }

// describe makes what huma is told of an operation.
func (s *Server) describe(op *Operation) huma.Operation {
	out := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description, Tags: []string{op.Tag},
		Security: security[op.Access], DefaultStatus: op.Status, MaxBodyBytes: int64(intakes[op.Body].limit),
		Parameters: op.Parameters, Responses: map[string]*huma.Response{}, Metadata: map[string]any{operationKey: op},
	}
	for status, media := range op.Answers {
		answer := &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{}}
		for name, schema := range media {
			answer.Content[name] = &huma.MediaType{Schema: schema}
		}
		out.Responses[strconv.Itoa(status)] = answer
	}
	out.Errors = append(out.Errors, everywhere...)
	if op.Access != Anybody {
		out.Errors = append(out.Errors, http.StatusUnauthorized)
	}
	out.Errors = append(out.Errors, op.Errors...)
	problem := map[string]*huma.MediaType{problemType: {Schema: s.SchemaOf(Problem{})}}
	for _, status := range out.Errors {
		out.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: problem}
	}
	if op.Schema != nil {
		out.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{intakes[op.Body].media: {Schema: op.Schema}}}
	}
	return out
}

// finish says of an operation what follows from its rules, once huma has said what
// follows from its types.
func (s *Server) finish(op *Operation) {
	described := operationOf(s.api.OpenAPI().Paths[op.Path], op.Method)
	op.parameters = described.Parameters
	if op.Repeats {
		done := described.Responses[strconv.Itoa(op.Status)]
		described.Responses["200"] = &huma.Response{Description: "It was done before: this is what came of it", Content: done.Content, Headers: done.Headers}
	}
	if op.Cache.Tagged {
		tag := &huma.Param{Description: "Send it as If-None-Match", Schema: &huma.Schema{Type: huma.TypeString}}
		headers := map[string]*huma.Param{fiber.HeaderETag: tag}
		if described.Responses["200"].Headers == nil {
			described.Responses["200"].Headers = map[string]*huma.Param{}
		}
		described.Responses["200"].Headers[fiber.HeaderETag] = tag
		described.Responses["304"] = &huma.Response{Description: "It is as it was", Headers: headers}
		described.Parameters = append(described.Parameters, &huma.Param{
			Name: fiber.HeaderIfNoneMatch, In: "header", Description: "ETags of what is there already", Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		described.Responses[strconv.Itoa(status)].Headers = map[string]*huma.Param{
			fiber.HeaderRetryAfter: {Description: "Seconds", Schema: &huma.Schema{Type: huma.TypeInteger}},
		}
	}
	s.tellNulls()
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[method]
}

// tellNulls says of each member that is a pointer that it may be null: huma says it
// of simple types alone. A member that is left out instead is none.
func (s *Server) tellNulls() {
	schemas := s.Schemas()
	for name, schema := range schemas.Map() {
		if s.described[name] {
			continue
		}
		s.described[name] = true
		for _, f := range reflect.VisibleFields(schemas.TypeFromRef("#/components/schemas/" + name)) {
			member, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			property := schema.Properties[member]
			if property == nil {
				continue
			}
			if f.Type.Kind() == reflect.Pointer && !strings.Contains(options, "omitempty") {
				property = orNull(property)
				schema.Properties[member] = property
			}
			if property.Nullable && len(property.Enum) > 0 {
				property.Enum = append(property.Enum, nil)
			}
		}
	}
}

// orNull returns a schema that takes null, too.
func orNull(s *huma.Schema) *huma.Schema {
	if s.Ref == "" {
		s.Nullable = true
		return s
	}
	return &huma.Schema{Description: s.Description, AnyOf: []*huma.Schema{{Ref: s.Ref}, {Type: "null"}}}
}
