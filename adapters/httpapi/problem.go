package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// problemType is the media type of every error (RFC 9457).
const problemType = "application/problem+json"

// statusOf is the one table from a fault's kind to its status.
var statusOf = map[fault.Kind]int{
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
	_        struct{}     `additionalProperties:"true"` // such as limit and value, missing, retry_after
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
	p := newProblem(statusOf[f.Kind], f.Code, f.Message)
	p.details, p.cause = f.Details, err
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, FieldError{Location: join(prefix, field.Location), Message: field.Message})
	}
	return p
}

func join(prefix, location string) string {
	switch {
	case location == "":
		return prefix
	case location[0] == '[':
		return prefix + location
	}
	return prefix + "." + location
}

// codeOf is the code of errors that the framework finds.
var codeOf = map[int]string{
	http.StatusBadRequest:                  errMalformedBody.Code,
	http.StatusUnauthorized:                ports.ErrTokenInvalid.Code,
	http.StatusNotFound:                    "not_found",
	http.StatusMethodNotAllowed:            "method_not_allowed",
	http.StatusNotAcceptable:               "not_acceptable",
	http.StatusRequestTimeout:              "request_timeout",
	http.StatusRequestEntityTooLarge:       errTooLarge.Code,
	http.StatusUnsupportedMediaType:        errMediaType.Code,
	http.StatusUnprocessableEntity:         fault.CodeValidation,
	http.StatusRequestHeaderFieldsTooLarge: "headers_too_large",
	http.StatusServiceUnavailable:          errManyExports.Code,
}

// wrongTypes are the validator's words for a value of the wrong JSON type.
var wrongTypes = map[string]bool{
	validation.MsgExpectedBoolean: true, validation.MsgExpectedNumber: true, validation.MsgExpectedInteger: true,
	validation.MsgExpectedString: true, validation.MsgExpectedArray: true, validation.MsgExpectedObject: true,
}

func init() {
	huma.ValidateStrictCasing = true // a name in another case is another name
	// huma's way to be given another shape of error is these variables.
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return frameworkProblem(status, msg, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		p := frameworkProblem(status, msg, errs)
		for _, e := range p.Errors {
			if f := badCredential(ctx.Operation().OperationID, e.Location); f != nil {
				p = problemOf(f, "")
				break
			}
		}
		p.Instance = infoOf(ctx.Context()).path
		return p
	}
}

// frameworkProblem is the answer to what the framework finds wrong. A value of
// the wrong JSON type in a body is 400, as in the bodies that we read ourselves.
func frameworkProblem(status int, msg string, errs []error) *Problem {
	code, ok := codeOf[status]
	if !ok {
		code = "internal_error"
	}
	p := newProblem(status, code, msg)
	for _, err := range errs {
		if err == nil {
			continue
		}
		if strings.Contains(err.Error(), "cannot read multipart form") {
			return problemOf(errForm, "")
		}
		e := FieldError{Message: err.Error()}
		if d, ok := err.(huma.ErrorDetailer); ok {
			e = FieldError{Location: d.ErrorDetail().Location, Message: d.ErrorDetail().Message}
		}
		p.Errors = append(p.Errors, e)
		if status == http.StatusUnprocessableEntity && strings.HasPrefix(e.Location, "body") && (wrongTypes[e.Message] || strings.Contains(e.Message, "cannot unmarshal")) {
			p.Status, p.Code, p.Title = http.StatusBadRequest, "wrong_type", http.StatusText(http.StatusBadRequest)
		}
	}
	return p
}
