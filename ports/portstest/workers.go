package portstest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// MaxTries is how often the queue of a WorkersFixture tries a job.
const MaxTries = 4

// WorkersFixture is a queue under test. Its jobs are tried MaxTries times with
// pauses of milliseconds, and no periodic jobs come by themselves.
type WorkersFixture struct {
	// Enqueue adds jobs in one transaction that commits.
	Enqueue func(t *testing.T, jobs ...ports.Job)
	// Workers makes workers that do four jobs at once.
	Workers func(t *testing.T, handler ports.JobHandler) ports.Workers
}

// RunWorkers is the contract suite of ports.Workers. open gives an empty queue.
func RunWorkers(t *testing.T, open func(t *testing.T) WorkersFixture) {
	for _, c := range []struct {
		name string
		test func(*testing.T, WorkersFixture)
	}{
		{"every kind is worked", everyKind},
		{"two crews do each job once", twoCrews},
		{"a periodic job is not doubled while one waits", periodicOnce},
		{"a job of the same kind and ID is never swallowed", neverSwallowed},
		{"a failing job is tried again and told its last try", failing},
		{"a job that panics is tried again", panicking},
		{"starting and stopping twice is harmless", startStop},
		{"workers outlive the context they were started with", outlive},
		{"stop waits for running jobs", stopWaits},
		{"a job that does not end in time is released with its try", released},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func settle() ports.Job {
	return ports.Job{Kind: ports.JobSettleRun, ID: id.New[id.RecordKind](ids{}).String()}
}

// call is what a handler was asked.
type call struct {
	job  ports.Job
	last bool
}

// journal remembers the calls of a handler.
type journal struct {
	mu    sync.Mutex
	calls []call
}

func (j *journal) note(job ports.Job, last bool) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, call{job, last})
	return len(j.calls)
}

func (j *journal) all() []call {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.calls)
}

// wait returns the calls when there are n.
func (j *journal) wait(t *testing.T, n int) []call {
	t.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-ticker.C {
		calls := j.all()
		if len(calls) >= n {
			return calls
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 20 s the handler was asked %d times, want %d: %v", len(calls), n, calls)
		}
	}
}

// handler notes what it is asked and answers with what work says.
func (j *journal) handler(work func(n int) error) ports.JobHandler {
	return func(_ context.Context, job ports.Job, last bool) error { return work(j.note(job, last)) }
}

func fine(int) error { return nil }

// start starts workers that are stopped when the test ends.
func start(t *testing.T, f WorkersFixture, handler ports.JobHandler) ports.Workers {
	t.Helper()
	w := f.Workers(t, handler)
	ok(t, w.Start(ctx))
	t.Cleanup(func() { stop(t, w) })
	return w
}

// stop lets running jobs end.
func stop(t *testing.T, w ports.Workers) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ok(t, w.Stop(limited))
}

func everyKind(t *testing.T, f WorkersFixture) {
	var want []call
	for _, kind := range ports.JobKinds() {
		job := ports.Job{Kind: kind}
		if !kind.Periodic() {
			job.ID = settle().ID
		}
		want = append(want, call{job, false})
		f.Enqueue(t, job)
	}
	var seen journal
	w := start(t, f, seen.handler(fine))
	seen.wait(t, len(want))
	stop(t, w)
	got := seen.all()
	equal(t, "calls", len(got), len(want))
	for _, c := range want {
		if !slices.Contains(got, c) {
			t.Errorf("the handler never got %v", c)
		}
	}
}

func twoCrews(t *testing.T, f WorkersFixture) {
	const n = 200
	all := make([]ports.Job, n)
	for i := range all {
		all[i] = settle()
	}
	var seen journal
	a, b := start(t, f, seen.handler(fine)), start(t, f, seen.handler(fine))
	f.Enqueue(t, all...)
	seen.wait(t, n)
	stop(t, a)
	stop(t, b)
	times := map[ports.Job]int{}
	for _, c := range seen.all() {
		times[c.job]++
	}
	for _, job := range all {
		if times[job] != 1 {
			t.Errorf("%v was done %d times", job, times[job])
		}
	}
}

func periodicOnce(t *testing.T, f WorkersFixture) {
	periodic := ports.Job{Kind: ports.JobEndSilent}
	f.Enqueue(t, periodic)
	f.Enqueue(t, periodic, periodic)
	f.Enqueue(t, settle())
	var seen journal
	w := start(t, f, seen.handler(fine))
	seen.wait(t, 2)
	stop(t, w)
	equal(t, "calls", len(seen.all()), 2)
	f.Enqueue(t, periodic) // none waits any more
	start(t, f, seen.handler(fine))
	seen.wait(t, 3)
}

// neverSwallowed adds a job while its like runs, which may have read what was
// there before.
func neverSwallowed(t *testing.T, f WorkersFixture) {
	job := settle()
	running, release := make(chan struct{}, 2), make(chan struct{})
	var seen journal
	start(t, f, seen.handler(func(int) error {
		running <- struct{}{}
		<-release
		return nil
	}))
	f.Enqueue(t, job)
	<-running
	f.Enqueue(t, job)
	close(release)
	seen.wait(t, 2)
}

func failing(t *testing.T, f WorkersFixture) {
	f.Enqueue(t, settle())
	var seen journal
	w := start(t, f, seen.handler(func(int) error { return errors.New("the judge is ill") }))
	seen.wait(t, MaxTries)
	stop(t, w)
	for i, c := range seen.all() {
		equal(t, "last", c.last, i == MaxTries-1)
	}
	equal(t, "tries", len(seen.all()), MaxTries)
}

func panicking(t *testing.T, f WorkersFixture) {
	f.Enqueue(t, settle())
	var seen journal
	w := start(t, f, seen.handler(func(n int) error {
		if n == 1 {
			panic("a defect")
		}
		return nil
	}))
	seen.wait(t, 2)
	stop(t, w)
	equal(t, "tries", len(seen.all()), 2)
}

func startStop(t *testing.T, f WorkersFixture) {
	var seen journal
	w := f.Workers(t, seen.handler(fine))
	stop(t, w)
	for i := range 2 {
		ok(t, w.Start(ctx))
		ok(t, w.Start(ctx))
		f.Enqueue(t, settle())
		seen.wait(t, i+1)
		stop(t, w)
		stop(t, w)
	}
	equal(t, "jobs done", len(seen.all()), 2)
}

func outlive(t *testing.T, f WorkersFixture) {
	var seen journal
	w := f.Workers(t, seen.handler(fine))
	cancelled, cancel := context.WithCancel(ctx)
	ok(t, w.Start(cancelled))
	cancel()
	f.Enqueue(t, settle())
	seen.wait(t, 1)
	stop(t, w)
}

func stopWaits(t *testing.T, f WorkersFixture) {
	running, release := make(chan struct{}), make(chan struct{})
	left := make(chan error, 1)
	w := f.Workers(t, func(ctx context.Context, _ ports.Job, _ bool) error {
		close(running)
		<-release
		left <- ctx.Err() // was it left in peace?
		return nil
	})
	ok(t, w.Start(ctx))
	f.Enqueue(t, settle())
	<-running
	stopped := make(chan error)
	go func() { stopped <- w.Stop(ctx) }()
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a running job: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	ok(t, <-stopped)
	ok(t, <-left)
}

// released cuts the last try of a job off: whoever starts next gets it again, as
// the last try.
func released(t *testing.T, f WorkersFixture) {
	running := make(chan struct{})
	var seen journal
	w := f.Workers(t, func(ctx context.Context, job ports.Job, last bool) error {
		if seen.note(job, last) == MaxTries {
			close(running)
			<-ctx.Done()
		}
		return errors.New("something else") // hides that it was cancelled
	})
	ok(t, w.Start(ctx))
	f.Enqueue(t, settle())
	<-running
	ended, cancel := context.WithCancel(ctx)
	cancel()
	ok(t, w.Stop(ended))
	start(t, f, seen.handler(fine))
	calls := seen.wait(t, MaxTries+1)
	equal(t, "the try that was given back is the last", calls[MaxTries].last, true)
}
