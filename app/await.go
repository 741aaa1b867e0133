package app

import (
	"context"
	"sync"
	"time"

	"github.com/runvs/runvs/ports"
)

// How often something is looked at that a job of another process does. Most jobs are
// done within milliseconds, and who waits for long must not look often: so the pause
// doubles, and nobody waits for more than as long again.
const (
	firstLook = 10 * time.Millisecond
	slowLook  = 500 * time.Millisecond
)

// await looks until something is so that a job makes so, looking fails, or d is
// over; ctx ending is d being over. A job that ends in this process is told, and
// looked at once.
func await(ctx context.Context, jobs *endings, of ports.Job, d time.Duration, look func() (bool, error)) (bool, error) {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	for pause := firstLook; ; pause = min(2*pause, slowLook) {
		ended, leave := jobs.listen(of) // before looking: what ends meanwhile is heard
		so, err := look()
		if so || err != nil {
			leave()
			return so, err
		}
		next := time.NewTimer(pause)
		over := false
		select {
		case <-ended:
		case <-next.C:
		case <-deadline.C:
			over = true
		case <-ctx.Done():
			over = true
		}
		next.Stop()
		leave()
		if over {
			return false, nil
		}
	}
}

// endings tells who waits in this process for a job that it has ended. It keeps
// nothing of a job that nobody waits for.
type endings struct {
	mu   sync.Mutex
	jobs map[ports.Job]*ending
}

type ending struct {
	told      chan struct{} // closed when the job ends
	listeners int
}

// listen gives what is closed when the job next ends. Whoever listens leaves.
func (e *endings) listen(of ports.Job) (ended <-chan struct{}, leave func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.jobs == nil {
		e.jobs = map[ports.Job]*ending{}
	}
	mine := e.jobs[of]
	if mine == nil {
		mine = &ending{told: make(chan struct{})}
		e.jobs[of] = mine
	}
	mine.listeners++
	return mine.told, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if mine.listeners--; mine.listeners == 0 && e.jobs[of] == mine {
			delete(e.jobs, of)
		}
	}
}

// tell says that a job has ended.
func (e *endings) tell(of ports.Job) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if heard := e.jobs[of]; heard != nil {
		close(heard.told)
		delete(e.jobs, of)
	}
}
