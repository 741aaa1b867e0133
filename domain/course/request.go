package course

import (
	"time"

	"github.com/runvs/runvs/domain/fault"
)

// RequestKept is how long a request that made a course is known by its
// Idempotency-Key: whoever lost the answer asks again within a day.
const RequestKept = 24 * time.Hour

// ErrRequestConflict answers for a key that another request has used.
var ErrRequestConflict = fault.New(fault.Conflict, "idempotency_key_conflict", "this Idempotency-Key was used for another course within 24 hours; make a new one")

// RequestHash is the SHA-256 of a request's key, or of what it says. Zero is none.
type RequestHash [32]byte

// Request is a request to make a course, as far as a repeat of it is known by it.
type Request struct{ Key, Body RequestHash }

// Named reports whether the client gave the request a key.
func (r Request) Named() bool { return r.Key != RequestHash{} }

// CheckRepeat says whether a request repeats one of the same key. Fault:
// idempotency_key_conflict.
func (r Request) CheckRepeat(of Request) error {
	if r != of {
		return ErrRequestConflict
	}
	return nil
}
