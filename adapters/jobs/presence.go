package jobs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"
)

// A process that is killed leaves its jobs marked as running. River takes those
// up again only when they have run for RescueStuckJobsAfter, since it cannot
// tell a dead process from a slow one. A lock can: the system that keeps it
// frees it when its holder dies, and never before. So whoever works holds a
// lock, and the jobs of a client whose lock is free are made available again.

// presence shows the others that a client lives, and finds those that do not.
type presence interface {
	// appear takes the client's lock, or makes sure that it is held still, and
	// makes the jobs of clients that are found dead available. It returns how many.
	appear(ctx context.Context, client string) (revived int, err error)
	// leave frees the lock. Leaving twice, or before appearing, is harmless.
	leave(ctx context.Context) error
}

// presencePeriod is how often a client looks after its lock and those of others.
const presencePeriod = time.Second

// clientPrefix begins the ids of all our clients; River's own begin otherwise.
const clientPrefix = "runvs-"

func newClientID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails; see crypto/rand
	return clientPrefix + hex.EncodeToString(b[:])
}

// orphan is a running job whose client died.
type orphan struct {
	id                   int64
	attempt, maxAttempts int
}

// revival is what becomes of an orphan.
type revival struct {
	abandon     bool          // it is given up
	pause       time.Duration // before the next try
	maxAttempts int
}

// revive decides over an orphan. The first death costs it no pause. A job that
// was killed in its last try gets another, for only a handler that comes to its
// end can say that the job has failed. A job that seems to kill every process
// that touches it is given up after twice its tries.
func (o orphan) revive(backoff func(attempt int) time.Duration, configured int) revival {
	r := revival{maxAttempts: max(o.maxAttempts, o.attempt+1)}
	if o.attempt >= 2*max(configured, 1) {
		return revival{abandon: true, maxAttempts: o.maxAttempts}
	}
	if o.attempt > 1 {
		r.pause = backoff(o.attempt - 1)
	}
	return r
}

// seconds is a pause as SQL wants it.
func (r revival) seconds() float64 { return r.pause.Seconds() }
