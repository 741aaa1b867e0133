package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/runvs/runvs/ports"
)

// Desk implements ports.JobDesk on a Store's queue. No job has deaths, for the
// queue dies with the process.
type Desk struct{ queue *queue }

var _ ports.JobDesk = Desk{}

// Desk returns the desk of the store's jobs.
func (s *Store) Desk() Desk { return Desk{s.queue} }

// Jobs implements ports.JobDesk.
func (d Desk) Jobs(_ context.Context, state ports.JobState, limit int) (out []ports.JobEntry, _ error) {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	d.queue.each(func(t task, s ports.JobState) {
		if s != state {
			return
		}
		e := ports.JobEntry{Number: t.number, Job: t.Job, State: s, Tries: t.failures, Reason: t.reason, Since: t.added.UTC()}
		if s == ports.JobFailed {
			e.Since = t.since.UTC()
		}
		out = append(out, e)
	})
	slices.SortFunc(out, func(a, b ports.JobEntry) int { return cmp.Compare(b.Number, a.Number) })
	return out[:min(limit, len(out))], nil
}

// Counts implements ports.JobDesk.
func (d Desk) Counts(context.Context) (ports.JobCounts, error) {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	out := ports.JobCounts{SetAside: map[ports.JobKind]int{}, Waiting: map[ports.JobKind]int{}}
	d.queue.each(func(t task, s ports.JobState) {
		switch s {
		case ports.JobFailed:
			out.SetAside[t.Kind]++
		case ports.JobWaiting:
			out.Waiting[t.Kind]++
			if at := t.added.UTC(); out.Oldest.IsZero() || at.Before(out.Oldest) {
				out.Oldest = at
			}
		}
	})
	return out, nil
}

// Retry implements ports.JobDesk.
func (d Desk) Retry(_ context.Context, number int64) (bool, error) {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	return d.retry(number), nil
}

// RetryAll implements ports.JobDesk.
func (d Desk) RetryAll(context.Context) (n int, _ error) {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	for number := range d.queue.aside {
		d.retry(number)
		n++
	}
	return n, nil
}

func (d Desk) retry(number int64) bool {
	t, ok := d.queue.aside[number]
	if !ok {
		return false
	}
	delete(d.queue.aside, number)
	t.failures = 0
	d.queue.push(t)
	return true
}

// Drop implements ports.JobDesk.
func (d Desk) Drop(_ context.Context, number int64) (bool, error) {
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	_, ok := d.queue.aside[number]
	delete(d.queue.aside, number)
	return ok, nil
}
