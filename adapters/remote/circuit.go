package remote

import (
	"sync"
	"time"

	"github.com/runvs/runvs/ports"
)

const (
	// failuresToOpen is how many calls in a row must fail before calls stop.
	failuresToOpen = 5
	// cooldown is how long calls stop before one of them may try again.
	cooldown = 10 * time.Second
	// probeWait is what others are told while that one is under way.
	probeWait = time.Second
)

// outcome is how a call went, as far as it says anything about the provider.
type outcome int

const (
	unknown outcome = iota // the caller went away first
	success
	failure
)

// circuit keeps calls from a provider that is down: it opens after
// failuresToOpen failures in a row; after the cooldown it lets one call through
// (it is half open), which closes it or opens it again.
type circuit struct {
	clock ports.Clock

	mu       sync.Mutex
	failures int // in a row; the circuit is open at failuresToOpen
	openedAt time.Time
	probing  bool
	period   int // counts openings and closings
}

// begin asks to make a call. When it may be made, wait is 0 and end must be
// called with the period; otherwise wait says when to ask again.
func (c *circuit) begin() (period int, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures < failuresToOpen {
		return c.period, 0
	}
	// A clock that was set back must not keep the circuit open for hours.
	if since := c.clock.Now().Sub(c.openedAt); since >= 0 && since < cooldown {
		return 0, cooldown - since
	}
	if c.probing {
		return 0, probeWait
	}
	c.probing = true
	return c.period, 0
}

// end says how a call went. A call that began before the circuit last opened or
// closed says nothing of the provider as it is now. Changed is true when this
// call opened or closed the circuit.
func (c *circuit) end(period int, o outcome) (open, changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wasOpen := c.failures >= failuresToOpen
	if period != c.period {
		return wasOpen, false
	}
	c.probing = false
	switch o {
	case unknown:
		return wasOpen, false
	case success:
		c.failures = 0
	case failure:
		c.failures++
	}
	open = c.failures >= failuresToOpen
	if open {
		c.failures = failuresToOpen
		c.openedAt = c.clock.Now()
	}
	if open || wasOpen {
		c.period++
	}
	return open, open != wasOpen
}
