package memory

import (
	"sync"
	"time"

	"github.com/runvs/runvs/ports"
)

// task is a job on its way.
type task struct {
	ports.Job
	number   int64
	failures int
	reason   string    // of the last failure
	added    time.Time // to the queue
	since    time.Time // it was set aside
}

// queue holds the jobs that committed transactions added, in their order, until
// a worker takes them.
type queue struct {
	mu      sync.Mutex
	last    int64 // number given to a job
	ready   []task
	later   map[*time.Timer]task // to be tried again when the timer fires
	running map[int64]task
	aside   map[int64]task
	wake    chan struct{} // has a token when something may be ready
	closed  bool
}

func newQueue() *queue {
	return &queue{later: map[*time.Timer]task{}, running: map[int64]task{}, aside: map[int64]task{}, wake: make(chan struct{}, 1)}
}

// add appends jobs. A single one is left out while its like is there. A periodic
// one that was set aside makes way: it only failed, or the queue would be gone.
func (q *queue) add(jobs ...ports.Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, job := range jobs {
		if job.Kind.Periodic() {
			q.forget(job)
		}
		if !job.Kind.Single() || !q.has(job) {
			q.last++
			q.push(task{Job: job, number: q.last, added: time.Now()})
		}
	}
}

func (q *queue) forget(job ports.Job) {
	for number, t := range q.aside {
		if t.Job == job {
			delete(q.aside, number)
		}
	}
}

func (q *queue) has(job ports.Job) (has bool) {
	q.each(func(t task, _ ports.JobState) { has = has || t.Job == job })
	return has
}

// each visits every job that is not done.
func (q *queue) each(visit func(task, ports.JobState)) {
	for _, t := range q.ready {
		visit(t, ports.JobWaiting)
	}
	for _, t := range q.later {
		visit(t, ports.JobWaiting)
	}
	for _, t := range q.running {
		visit(t, ports.JobRunning)
	}
	for _, t := range q.aside {
		visit(t, ports.JobFailed)
	}
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
	q.running[t.number] = t
	if len(q.ready) > 0 {
		q.signal() // for the next worker
	}
	return t, true
}

// done ends a task that was taken.
func (q *queue) done(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, t.number)
}

// giveBack puts a task that was taken first in line again.
func (q *queue) giveBack(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, t.number)
	q.ready = append([]task{t}, q.ready...)
	q.signal()
}

// retry has a task that was taken come back after a pause.
func (q *queue) retry(t task, pause time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, t.number)
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
	q.later[timer] = t
}

// setAside keeps a task that was taken for somebody to decide.
func (q *queue) setAside(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, t.number)
	if q.closed {
		return
	}
	t.since = time.Now()
	q.aside[t.number] = t
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
	clear(q.aside)
}
