package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// CodeOf is the code of errors that the framework finds.
var CodeOf = map[int]string{
	http.StatusBadRequest:                  ErrMalformedBody.Code,
	http.StatusUnauthorized:                ports.ErrTokenInvalid.Code,
	http.StatusNotFound:                    "not_found",
	http.StatusMethodNotAllowed:            "method_not_allowed",
	http.StatusNotAcceptable:               "not_acceptable",
	http.StatusRequestTimeout:              "request_timeout",
	http.StatusRequestEntityTooLarge:       ErrTooLarge.Code,
	http.StatusUnsupportedMediaType:        errMediaType.Code,
	http.StatusUnprocessableEntity:         fault.CodeValidation,
	http.StatusRequestHeaderFieldsTooLarge: "headers_too_large",
	http.StatusServiceUnavailable:          "unavailable",
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
		if op, ok := ctx.Operation().Metadata[operationKey].(*Operation); ok && status < http.StatusInternalServerError {
			p = withRules(ctx, op, p)
		}
		p.Instance = requestOf(ctx.Context()).path
		return p
	}
}

// Check looks at a body for mistakes that its schema cannot tell.
type Check func(ctx context.Context, body []byte) error

// CheckOf makes a check of a body that is read as far as it can be: of what cannot,
// the schema tells.
func CheckOf[B any](rules func(ctx context.Context, body *B) error) Check {
	return func(ctx context.Context, raw []byte) error {
		var b B
		_ = json.Unmarshal(raw, &b)
		return rules(ctx, &b)
	}
}

// withRules adds to what the schema found wrong what else is wrong with a request.
func withRules(ctx huma.Context, op *Operation, p *Problem) *Problem {
	mistakes := requestOf(ctx.Context()).mistakes
	if mistakes != nil && p.Code == ErrMalformedBody.Code { // of fields there is more to say
		return problemOf(mistakes, "")
	}
	more := []error{mistakes}
	if raw := humafiber.UnwrapV2(ctx).Request().Body(); op.Check != nil && len(raw) > 0 {
		if f := fault.As(op.Check(ctx.Context(), raw)); f != nil {
			more = append(more, f.At("body"))
		}
	}
	if f := fault.As(fault.Join(more...)); f != nil && f.Code == fault.CodeValidation {
		for _, field := range f.Fields {
			p.blame(field.Location, field.Message)
		}
	}
	slices.SortStableFunc(p.Errors, func(a, b FieldError) int { return comparePlaces(a.Location, b.Location) })
	for _, e := range p.Errors {
		if f := op.Credentials[e.Location]; f != nil {
			return problemOf(f, "")
		}
	}
	return p
}

// placeOf is where a mistake is that the framework found.
func placeOf(err error) string {
	var d huma.ErrorDetailer
	if !errors.As(err, &d) {
		return ""
	}
	return d.ErrorDetail().Location
}

// frameworkProblem is the answer to what the framework finds wrong. A value of
// the wrong JSON type in a body is 400, as in the bodies that we read ourselves.
func frameworkProblem(status int, msg string, errs []error) *Problem {
	code, ok := CodeOf[status]
	if !ok {
		code = "internal_error"
	}
	p := newProblem(status, code, msg)
	// The validator walks a map: without an order, equal requests got other answers.
	slices.SortStableFunc(errs, func(a, b error) int { return comparePlaces(placeOf(a), placeOf(b)) })
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
		if name, missing := missingName(e.Message); missing {
			e = FieldError{Location: join(e.Location, name), Message: "is required"}
		}
		p.blame(e.Location, e.Message)
		if status == http.StatusUnprocessableEntity && strings.HasPrefix(e.Location, "body") && (wrongTypes[e.Message] || strings.Contains(e.Message, "cannot unmarshal")) {
			p.Status, p.Code, p.Title = http.StatusBadRequest, fault.CodeWrongType, http.StatusText(http.StatusBadRequest)
		}
	}
	return p
}

// missingName returns which member an object lacks, if that is what the validator
// says: its location is the object's.
func missingName(message string) (name string, ok bool) {
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	rest, begins := strings.CutPrefix(message, before)
	name, ends := strings.CutSuffix(rest, after)
	return name, begins && ends
}
