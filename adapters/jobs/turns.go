package jobs

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// A process that dies leaves several running jobs behind, and nobody can tell
// which one killed it, or whether somebody else did: a deploy, a lack of memory,
// a power cut. Setting all of them aside at their second death would harm the
// innocent; so a job whose process died becomes a suspect. Suspects wait in a
// queue of their own, which a process takes up only when it has lived for a
// while, and each is done alone. So a second death is the suspect's own doing,
// or a very rare accident, and a process that something else kills over and over
// tries no suspect at all.

// suspectQueue is where suspects wait. Who is there has a death on its account.
const suspectQueue = "suspects"

// suspectCalm is how long a process has lived before it tries suspects. It is
// longer than a crash loop's rounds, and short beside what a runner waits.
const suspectCalm = 5 * time.Second

// turnPatience is how long a job waits for its turn before it goes back to the
// queue: a suspect until others have ended, the others until a suspect has.
const turnPatience = 30 * time.Second

// turns lets jobs run beside each other, and suspects alone.
type turns struct {
	all  *semaphore.Weighted
	size int64
}

func newTurns(concurrency int) *turns {
	size := int64(concurrency)
	return &turns{semaphore.NewWeighted(size), size}
}

// take waits for a turn, for turnPatience at most. The turn ends with its release
// or with ctx, whichever comes first: a job that does not heed its deadline must
// not keep the others waiting.
func (t *turns) take(ctx context.Context, alone bool) (release func(), err error) {
	weight := int64(1)
	if alone {
		weight = t.size
	}
	patient, cancel := context.WithTimeout(ctx, turnPatience)
	defer cancel()
	if err := t.all.Acquire(patient, weight); err != nil {
		return nil, err
	}
	free := sync.OnceFunc(func() { t.all.Release(weight) })
	unwatch := context.AfterFunc(ctx, free)
	return func() { unwatch(); free() }, nil
}
