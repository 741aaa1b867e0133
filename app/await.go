package app

import (
	"context"
	"time"
)

// awaitStep is how often something is looked at that is waited for.
const awaitStep = 10 * time.Millisecond

// await looks until something is so, looking fails, or d is over; ctx ending is
// d being over.
func await(ctx context.Context, d time.Duration, look func() (bool, error)) (bool, error) {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	tick := time.NewTicker(awaitStep)
	defer tick.Stop()
	for {
		if so, err := look(); so || err != nil {
			return so, err
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			return false, nil
		case <-ctx.Done():
			return false, nil
		}
	}
}
