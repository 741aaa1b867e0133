package portstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// The part of the contract suite of ports.Workers about jobs that come to
// nothing, and that of ports.JobDesk.

var errIll = errors.New("the judge is ill")

func ill(int) error { return errIll }

// aside waits until n jobs are set aside, and returns them.
func aside(t *testing.T, f WorkersFixture, n int) (out []ports.JobEntry) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d jobs are set aside", n), func() bool {
		var err error
		out, err = f.Desk.Jobs(ctx, ports.JobFailed, 100)
		ok(t, err)
		return len(out) == n
	})
	return out
}

func failing(t *testing.T, f WorkersFixture) {
	job := settle()
	began := time.Now().Add(-time.Second)
	f.Enqueue(t, job)
	var seen journal
	w := start(t, f, seen.handler(ill))
	entry := aside(t, f, 1)[0]
	stop(t, w)
	calls := seen.all()
	equal(t, "calls", len(calls), ports.MaxFailures+1)
	for i, c := range calls {
		equal(t, "job", c.job, job)
		equal(t, "to give up", c.giveUp, i == ports.MaxFailures)
	}
	for _, reason := range []string{calls[ports.MaxFailures].reason, entry.Reason} {
		if !strings.Contains(reason, "failed 3 times") || !strings.Contains(reason, errIll.Error()) {
			t.Errorf("the reason is %q", reason)
		}
	}
	if entry.Since.Before(began) || entry.Since.After(time.Now().Add(time.Second)) {
		t.Errorf("it was set aside at %s", entry.Since)
	}
	equal(t, "entry", entry, ports.JobEntry{Number: entry.Number, Job: job, State: ports.JobFailed, Tries: ports.MaxFailures, Reason: entry.Reason, Since: entry.Since})
}

func panickingOn(t *testing.T, f WorkersFixture) {
	f.Enqueue(t, settle())
	var seen journal
	start(t, f, seen.handler(func(int) error { panic("a defect") }))
	if e := aside(t, f, 1)[0]; !strings.Contains(e.Reason, "a defect") {
		t.Errorf("the reason is %q", e.Reason)
	}
	equal(t, "calls", len(seen.all()), ports.MaxFailures+1)
}

var errDown = fault.New(fault.Unavailable, "store_unavailable", "the database is down")

// outage lasts for many tries, and two failures stand before it.
func outage(t *testing.T, f WorkersFixture) {
	f.Enqueue(t, settle())
	const down = 4 * ports.MaxFailures
	var seen journal
	w := start(t, f, seen.handler(func(n int) error {
		switch {
		case n < ports.MaxFailures:
			return errIll
		case n < down-1:
			return fmt.Errorf("settle: %w", errDown)
		case n < down:
			return context.Canceled
		}
		return nil
	}))
	seen.wait(t, down)
	stop(t, w)
	for _, c := range seen.all() {
		if c.giveUp {
			t.Error("it was given up")
		}
	}
	aside(t, f, 0)
}

func outageInGivingUp(t *testing.T, f WorkersFixture) {
	f.Enqueue(t, settle())
	var seen journal
	start(t, f, noting{&seen, ill, func(n int) error {
		if n < 2*ports.MaxFailures {
			return errDown
		}
		return nil
	}})
	aside(t, f, 1)
	equal(t, "calls", len(seen.all()), 2*ports.MaxFailures)
}

func givingUpFails(t *testing.T, f WorkersFixture) {
	f.Enqueue(t, settle())
	var seen journal
	start(t, f, noting{&seen, ill, ill})
	if e := aside(t, f, 1)[0]; !strings.Contains(e.Reason, "failed 3 times") {
		t.Errorf("the reason is %q", e.Reason)
	}
	equal(t, "calls", len(seen.all()), ports.MaxFailures+1)
}

func othersGoOn(t *testing.T, f WorkersFixture) {
	poison := settle()
	const n = 50
	all := make([]ports.Job, n)
	for i := range all {
		all[i] = settle()
	}
	var done atomic.Int32
	f.Enqueue(t, append([]ports.Job{poison}, all...)...)
	start(t, f, doing(func(_ context.Context, job ports.Job) error {
		if job == poison {
			return errIll
		}
		done.Add(1)
		return nil
	}))
	eventually(t, "the others are done", func() bool { return done.Load() == n })
	equal(t, "set aside", aside(t, f, 1)[0].Job, poison)
}

// failed sets jobs aside. The workers are stopped.
func failed(t *testing.T, f WorkersFixture, jobs ...ports.Job) []ports.JobEntry {
	t.Helper()
	f.Enqueue(t, jobs...)
	var seen journal
	w := start(t, f, seen.handler(ill))
	entries := aside(t, f, len(jobs))
	stop(t, w)
	return entries
}

func retried(t *testing.T, f WorkersFixture) {
	job := settle()
	number := failed(t, f, job)[0].Number
	again, err := f.Desk.Retry(ctx, number)
	ok(t, err)
	equal(t, "retried", again, true)
	aside(t, f, 0)
	waiting, err := f.Desk.Jobs(ctx, ports.JobWaiting, 10)
	ok(t, err)
	equal(t, "waiting", len(waiting), 1)
	equal(t, "tries", waiting[0].Tries, 0)
	// It has all its tries again.
	var seen journal
	w := start(t, f, seen.handler(func(n int) error {
		if n < ports.MaxFailures {
			return errIll
		}
		return nil
	}))
	seen.wait(t, ports.MaxFailures)
	stop(t, w)
	equal(t, "calls", len(seen.all()), ports.MaxFailures)
	aside(t, f, 0)
}

func retriedAll(t *testing.T, f WorkersFixture) {
	failed(t, f, settle(), settle(), settle())
	n, err := f.Desk.RetryAll(ctx)
	ok(t, err)
	equal(t, "retried", n, 3)
	var seen journal
	start(t, f, seen.handler(fine))
	seen.wait(t, 3)
}

func dropped(t *testing.T, f WorkersFixture) {
	entries := failed(t, f, settle(), settle())
	gone, err := f.Desk.Drop(ctx, entries[0].Number)
	ok(t, err)
	equal(t, "dropped", gone, true)
	equal(t, "left", aside(t, f, 1)[0], entries[1])
	gone, err = f.Desk.Drop(ctx, entries[0].Number)
	ok(t, err)
	equal(t, "dropped twice", gone, false)
}

func onlyAside(t *testing.T, f WorkersFixture) {
	f.Enqueue(t, settle())
	waiting, err := f.Desk.Jobs(ctx, ports.JobWaiting, 10)
	ok(t, err)
	for name, verb := range map[string]func(context.Context, int64) (bool, error){"retried": f.Desk.Retry, "dropped": f.Desk.Drop} {
		for _, number := range []int64{waiting[0].Number, 1 << 40} {
			done, err := verb(ctx, number)
			ok(t, err)
			equal(t, name, done, false)
		}
	}
	var seen journal
	start(t, f, seen.handler(fine))
	seen.wait(t, 1)
}

func singleAside(t *testing.T, f WorkersFixture) {
	session := ports.Job{Kind: ports.JobEndSession, ID: settle().ID}
	failed(t, f, session)
	f.Enqueue(t, session, session)
	waiting, err := f.Desk.Jobs(ctx, ports.JobWaiting, 10)
	ok(t, err)
	equal(t, "waiting", len(waiting), 0)
	aside(t, f, 1)
}

func counted(t *testing.T, f WorkersFixture) {
	began := time.Now().Add(-2 * time.Second) // SQLite's clock may tell whole seconds
	session := ports.Job{Kind: ports.JobEndSession, ID: settle().ID}
	failed(t, f, session, settle(), settle())
	none, err := f.Desk.Counts(ctx)
	ok(t, err)
	equal(t, "nothing waits", none.Oldest.IsZero() && len(none.Waiting) == 0, true)
	f.Enqueue(t, settle(), ports.Job{Kind: ports.JobEndSilent})
	got, err := f.Desk.Counts(ctx)
	ok(t, err)
	equal(t, "set aside", got.SetAside, map[ports.JobKind]int{ports.JobEndSession: 1, ports.JobSettleRun: 2})
	equal(t, "waiting", got.Waiting, map[ports.JobKind]int{ports.JobSettleRun: 1, ports.JobEndSilent: 1})
	if got.Oldest.Before(began) || got.Oldest.After(time.Now().Add(time.Second)) {
		t.Errorf("the oldest waits since %s", got.Oldest)
	}
}
