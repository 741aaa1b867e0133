package jobs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/runvs/runvs/ports"
)

// A process that is killed leaves its jobs marked as running. River takes those
// up again only when they have run for RescueStuckJobsAfter, since it cannot
// tell a dead process from a slow one. A lock can: the system that keeps it
// frees it when its holder dies, and never before. So whoever works holds a
// lock, and the jobs of a client whose lock is free are handed out again, with the
// death on their account.

// presence shows the others that a client lives, and finds those that do not.
type presence interface {
	// appear takes the client's lock, or makes sure that it is held still, and
	// decides over the jobs of clients that are found dead. It returns how many.
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
	deaths               int
	suspect              bool // it was in suspectQueue
	alone                bool // it had its turn there
}

// fate is what becomes of an orphan.
type fate struct {
	aside    bool // it is set aside; else it is handed out again
	suspect  bool
	attempt  int // how many River is to count
	failures int // of these, those that the job failed itself
	deaths   int
	reason   string // to be noted; "" for none
}

// fate decides over an orphan. The try is given back, for a death is no failure;
// the death is counted apart. A suspect that was waiting for its turn stays as it
// was: another job was running. After ports.MaxDeaths only giving up is left,
// which needs no turn of its own; who dies in that is set aside without a word.
func (o orphan) fate() fate {
	failures := o.attempt - 1
	switch {
	case o.suspect && !o.alone:
		return fate{suspect: true, attempt: failures, failures: failures, deaths: o.deaths}
	case o.attempt >= o.maxAttempts:
		return fate{aside: true, attempt: o.attempt, failures: failures, deaths: o.deaths + 1, reason: reasonSilent}
	case o.deaths+1 >= ports.MaxDeaths:
		return fate{attempt: o.maxAttempts - 1, failures: failures, deaths: o.deaths + 1, reason: reasonDied}
	}
	return fate{suspect: true, attempt: failures, failures: failures, deaths: o.deaths + 1}
}

// reasonSilent is noted when nobody could be told why a job is set aside.
const reasonSilent = "the process died while giving it up"

func (f fate) state() string {
	if f.aside {
		return string(rivertype.JobStateDiscarded)
	}
	return string(rivertype.JobStateAvailable)
}

func (f fate) queue() string {
	if f.suspect {
		return suspectQueue
	}
	return river.QueueDefault
}

// written is a fate as rows keep it, in JSON: the reason in River's words, nil
// for none, and the account.
func (f fate) written() (note *string, entry string, err error) {
	account, err := json.Marshal(map[string]int{"deaths": f.deaths, "failures": f.failures})
	if err != nil || f.reason == "" {
		return nil, string(account), err
	}
	raw, err := json.Marshal(rivertype.AttemptError{At: time.Now().UTC(), Attempt: f.attempt, Error: f.reason})
	text := string(raw)
	return &text, string(account), err
}
