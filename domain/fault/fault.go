// Package fault has the one error type that crosses the borders of RUNVS.
//
// An Error says of which kind a failure is (which decides the HTTP status, in
// one table in adapters/httpapi), carries a stable snake_case code that clients
// branch on, and a message that tells a person what to do next. Errors that
// are not an *Error are unexpected: a client learns nothing of them.
package fault

import (
	"errors"
	"fmt"
)

// Kind classifies a failure by what the caller can do about it.
type Kind int

// The kinds. Their order has no meaning.
const (
	Internal     Kind = iota // a defect or a broken environment; details stay in the log
	Malformed                // the request cannot be read at all
	Invalid                  // it can be read, and says something that cannot be
	Unauthorized             // who are you?
	NotFound                 // not there, or not yours
	Conflict                 // it contradicts the state as it is
	TooLarge                 // over a size limit
	Unsupported              // a media type that is not understood
	RateLimited              // too many requests
	Unavailable              // a part we depend on is down or slow; try again
)

// Field is one thing wrong in a request: where, and what.
type Field struct {
	Location string // a path such as "body.raw_gps_points[3].lat"
	Message  string
}

// Error is a classified failure.
type Error struct {
	Kind    Kind
	Code    string // stable, documented, snake_case
	Message string // for a person; never holds a secret, a query or a path
	Fields  []Field
	Details map[string]any // extra members of the problem document, such as "missing"
	Cause   error          // for the log only
}

// Error implements error: code, message and the cause for the log.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is compare by kind and code, so that a fault can be declared
// once as a variable and matched after details were added to a copy.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Code == e.Code
}

// New makes a fault of a kind with a stable code and a formatted message.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// The codes of requests whose fields are wrong.
const (
	CodeValidation = "validation_failed" // they break a rule
	CodeWrongType  = "wrong_type"        // they are of another JSON type
)

// InvalidField makes an Invalid fault with one field error.
func InvalidField(location, format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	return &Error{
		Kind: Invalid, Code: CodeValidation, Message: location + ": " + msg,
		Fields: []Field{{Location: location, Message: msg}},
	}
}

// With returns a copy that carries one more detail for the client.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Details = make(map[string]any, len(e.Details)+1)
	for k, v := range e.Details {
		c.Details[k] = v
	}
	c.Details[name] = value
	return &c
}

// Saying returns a copy with another message: the same failure, said where one
// knows more of it.
func (e *Error) Saying(format string, args ...any) *Error {
	c := *e
	c.Message = fmt.Sprintf(format, args...)
	return &c
}

// Because returns a copy with a cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// At returns a copy whose field locations are put under prefix.
func (e *Error) At(prefix string) *Error {
	c := *e
	c.Fields = make([]Field, len(e.Fields))
	for i, f := range e.Fields {
		c.Fields[i] = Field{Location: join(prefix, f.Location), Message: f.Message}
		if e.Message == f.Location+": "+f.Message { // the message of InvalidField names the field
			c.Message = c.Fields[i].Location + ": " + f.Message
		}
	}
	return &c
}

// Join makes one fault of several, so that who made three mistakes hears of three.
// It is of the first one's message, and of wrong types when one is: such a request
// cannot be read. What tells of no field, or has a code of its own, stands alone;
// nil when there is nothing.
func Join(errs ...error) error {
	var joined *Error
	for _, err := range errs {
		f := As(err)
		switch {
		case err == nil:
			continue
		case f == nil, f.Code != CodeValidation && f.Code != CodeWrongType, len(f.Fields) == 0:
			if joined == nil {
				return err
			}
			continue // it is told when the fields are right
		case joined == nil:
			c := *f
			joined = &c
			continue
		case f.Code == CodeWrongType:
			joined.Kind, joined.Code = f.Kind, f.Code
		}
		joined.Fields = append(joined.Fields[:len(joined.Fields):len(joined.Fields)], f.Fields...)
	}
	if joined == nil {
		return nil
	}
	return joined
}

func join(prefix, location string) string {
	if location == "" || location[0] == '[' {
		return prefix + location
	}
	return prefix + "." + location
}

// As returns the fault in err's chain, or nil when there is none.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf returns the kind of err; an error without a fault is Internal.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// HasCode reports whether err carries a fault with this code.
func HasCode(err error, code string) bool {
	e := As(err)
	return e != nil && e.Code == code
}
