package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/domain/fault"
)

// problemType is the media type of every error (RFC 9457).
const problemType = "application/problem+json"

// StatusOf is the one table from a fault's kind to its status.
var StatusOf = map[fault.Kind]int{
	fault.Internal:     http.StatusInternalServerError,
	fault.Malformed:    http.StatusBadRequest,
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.TooLarge:     http.StatusRequestEntityTooLarge,
	fault.Unsupported:  http.StatusUnsupportedMediaType,
	fault.RateLimited:  http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// FieldError is one thing wrong in a request.
type FieldError struct {
	Location string `json:"location" doc:"Where, such as body.raw_gps_points[3].lat"`
	Message  string `json:"message" doc:"What is wrong there"`
}

// Problem is the body of every error answer.
type Problem struct {
	Type     string       `json:"type" example:"about:blank"`
	Title    string       `json:"title" doc:"The status in words"`
	Status   int          `json:"status"`
	Detail   string       `json:"detail" doc:"For a person: what happened, and what to do"`
	Instance string       `json:"instance" doc:"The path that was asked for"`
	Code     string       `json:"code" doc:"Stable word to branch on; the description of this API lists all"`
	Errors   []FieldError `json:"errors" nullable:"true" doc:"The fields that are wrong, for validation_failed and wrong_type"`

	details map[string]any
	cause   error
}

// Members are what a problem may have beside: what a fault carries for the client.
var Members = map[string]*huma.Schema{
	"value":            {Type: huma.TypeNumber, Description: "What was given, where it is over the limit"},
	"limit":            {Type: huma.TypeNumber, Description: "How much it may be"},
	"unit":             {Type: huma.TypeString, Description: "Of value and limit"},
	"what":             {Type: huma.TypeString, Description: "What is over its limit, or differs"},
	"bound":            {Type: huma.TypeString, Description: "The code of the bound that is broken"},
	"retry_after":      {Type: huma.TypeInteger, Description: "Seconds after which it may be tried again, as in Retry-After"},
	"missing":          {Type: huma.TypeArray, Description: "Sequences that have not arrived, as ranges with both ends", Items: sequences},
	"total_chunks":     {Type: huma.TypeInteger, Description: "How many chunks there should be, as was said"},
	"expected":         {Type: huma.TypeInteger, Description: "How many there are"},
	"final_sequence":   {Type: huma.TypeInteger, Description: "The sequence of the final chunk"},
	"highest_sequence": {Type: huma.TypeInteger, Description: "The highest sequence that is stored"},
	"active":           {Type: huma.TypeArray, Description: "The active sessions", Items: &huma.Schema{Type: huma.TypeString}},
	"vertex":           {Type: huma.TypeInteger, Description: "Which vertex of the line"},
	"run_id":           {Type: huma.TypeString, Description: "The run that is there already, or that this one is part of"},
	"processing":       {Type: huma.TypeString, Description: "How far the run is processed"},
	"started_at":       {Type: huma.TypeString, Description: "When the run begins"},
	"finished_at":      {Type: huma.TypeString, Description: "When the run ends"},
	"sport":            {Type: huma.TypeString, Description: "What was done instead of running"},
	"at_meters":        {Type: huma.TypeNumber, Description: "Where along the line"},
	"from_meters":      {Type: huma.TypeNumber, Description: "Where along the line it begins"},
	"to_meters":        {Type: huma.TypeNumber, Description: "Where along the line it ends"},
	"reason":           {Type: huma.TypeString, Description: "Why the run that the course was made from does not complete it"},
}

var sequences = func() *huma.Schema {
	two := 2
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeInteger}, MinItems: &two, MaxItems: &two}
}()

// TransformSchema implements huma.SchemaTransformer.
func (*Problem) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	for name, member := range Members {
		schema.Properties[name] = member
	}
	return schema
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap returns what the log may say of it.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// retryAfterSeconds is when to come again where nobody knows better.
const retryAfterSeconds = 2

// GetHeaders implements huma.HeadersError: the headers that a status asks for.
func (p *Problem) GetHeaders() http.Header {
	if p.Status == http.StatusUnauthorized {
		return http.Header{"Www-Authenticate": {`Bearer realm="runvs"`}}
	}
	seconds, known := p.details["retry_after"].(int)
	switch {
	case known:
	case p.Status == http.StatusServiceUnavailable:
		seconds = retryAfterSeconds
	default:
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(seconds)}}
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

// MarshalJSON adds a fault's details as members of their own (RFC 9457 §3.2).
func (p *Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	b, err := json.Marshal((*plain)(p))
	if err != nil || len(p.details) == 0 {
		return b, err
	}
	more, err := json.Marshal(p.details)
	if err != nil {
		return nil, err
	}
	return append(append(b[:len(b)-1], ','), more[1:]...), nil
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// ProblemOf returns the problem that an error is answered with, within an answer about
// several things.
func ProblemOf(err error) *Problem { return problemOf(err, "") }

// problemOf makes the answer to an error. What is not a fault tells nothing.
// prefix is put before the locations of fields.
func problemOf(err error, prefix string) *Problem {
	if p, ok := err.(*Problem); ok { //nolint:errorlint // made here, never wrapped
		return p
	}
	f := fault.As(err)
	if f == nil || f.Kind == fault.Internal {
		p := newProblem(http.StatusInternalServerError, "internal_error", "something went wrong on our side; the request id helps us find it")
		p.cause = err
		return p
	}
	p := newProblem(StatusOf[f.Kind], f.Code, f.Message)
	p.details, p.cause = f.Details, err
	fields := slices.SortedStableFunc(slices.Values(f.Fields), func(a, b fault.Field) int { return comparePlaces(a.Location, b.Location) })
	for _, field := range fields {
		p.blame(join(prefix, field.Location), field.Message)
	}
	return p
}

// InQuery makes the answer to a mistake in the query.
func InQuery(err error) error {
	if err == nil {
		return nil
	}
	return problemOf(err, "query")
}

// maxMistakes is how many mistakes are told at once: more help nobody, and a body
// of 1 MiB can have a hundred thousand.
const maxMistakes = 20

// blame adds what is wrong somewhere. Of two mistakes at one place the first is told.
func (p *Problem) blame(location, message string) {
	mistake := FieldError{Location: cut(location), Message: cut(message)}
	told := slices.ContainsFunc(p.Errors, func(e FieldError) bool { return e.Location == mistake.Location })
	if !told && len(p.Errors) < maxMistakes {
		p.Errors = append(p.Errors, mistake)
	}
}

// comparePlaces orders places by their names, and by their indexes as numbers: [2]
// comes before [10].
func comparePlaces(a, b string) int {
	for a != "" && b != "" {
		m, restA := leadingNumber(a)
		n, restB := leadingNumber(b)
		switch {
		case m != "" && n != "":
			if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); c != 0 {
				return c
			}
			a, b = restA, restB
		case a[0] != b[0]:
			return cmp.Compare(a[0], b[0])
		default:
			a, b = a[1:], b[1:]
		}
	}
	return cmp.Compare(len(a), len(b))
}

// leadingNumber cuts the digits off that a text begins with.
func leadingNumber(s string) (digits, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	return s[:len(s)-len(rest)], rest
}

// maxWords is how much of a place or a message is told: names of unknown fields are
// a stranger's.
const maxWords = 200

func cut(s string) string {
	if len(s) <= maxWords {
		return s
	}
	return strings.ToValidUTF8(s[:maxWords], "") + "…"
}

func join(prefix, location string) string {
	switch {
	case prefix == "":
		return location
	case location == "":
		return prefix
	case location[0] == '[':
		return prefix + location
	}
	return prefix + "." + location
}
