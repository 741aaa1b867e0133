package memory

import (
	"sync"
	"time"

	"github.com/runvs/runvs/ports"
)

// task is a job on its way.
type task struct {
	ports.Job
	tries int // ended in failure so far
}

// queue holds the jobs that committed transactions added, in their order, until
// a worker takes them.
type queue struct {
	mu      sync.Mutex
	ready   []task
	later   map[*time.Timer]ports.Job // to be tried again when the timer fires
	running map[ports.JobKind]int
	wake    chan struct{} // has a token when something may be ready
	closed  bool
}

func newQueue() *queue {
	return &queue{later: map[*time.Timer]ports.Job{}, running: map[ports.JobKind]int{}, wake: make(chan struct{}, 1)}
}

// add appends jobs. A periodic one is left out while its like waits or runs.
func (q *queue) add(jobs ...ports.Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, job := range jobs {
		if !job.Kind.Periodic() || !q.has(job.Kind) {
			q.push(task{Job: job})
		}
	}
}

func (q *queue) has(kind ports.JobKind) bool {
	for _, t := range q.ready {
		if t.Kind == kind {
			return true
		}
	}
	for _, job := range q.later {
		if job.Kind == kind {
			return true
		}
	}
	return q.running[kind] > 0
}

func (q *queue) push(t task) {
	if q.closed {
		return
	}
	q.ready = append(q.ready, t)
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default: // it has a token already
	}
}

// take returns the first job that is ready, if any.
func (q *queue) take() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ready) == 0 {
		return task{}, false
	}
	t := q.ready[0]
	q.ready = q.ready[1:]
	q.running[t.Kind]++
	if len(q.ready) > 0 {
		q.signal() // for the next worker
	}
	return t, true
}

// done ends a task that was taken.
func (q *queue) done(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[t.Kind]--
}

// giveBack puts a task that was taken first in line again.
func (q *queue) giveBack(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[t.Kind]--
	q.ready = append([]task{t}, q.ready...)
	q.signal()
}

// retry has a task that was taken come back after a pause.
func (q *queue) retry(t task, pause time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[t.Kind]--
	if q.closed {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(pause, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.later, timer)
		q.push(t)
	})
	q.later[timer] = t.Job
}

// waiting returns the jobs that no worker has taken.
func (q *queue) waiting() []ports.Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	jobs := make([]ports.Job, 0, len(q.ready))
	for _, t := range q.ready {
		jobs = append(jobs, t.Job)
	}
	return jobs
}

// close forgets all jobs.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.ready = true, nil
	for timer := range q.later {
		timer.Stop()
	}
	clear(q.later)
}
