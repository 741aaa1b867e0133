package gormstore

import (
	"context"
	"errors"

	"github.com/runvs/runvs/domain/fault"
)

// errUnavailable answers when the database cannot do its work now.
var errUnavailable = fault.New(fault.Unavailable, "store_unavailable", "the database is down, full or too busy; try again in a moment")

// fault classifies an error of the database, once, at the adapter's edge. What
// is a fault already, and what the caller's context ended, passes through.
func (r *repo) fault(err error) error {
	switch {
	case err == nil, fault.As(err) != nil:
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case r.dialect.outage(err), r.dialect.transient(err):
		return errUnavailable.Because(err)
	}
	return err
}
