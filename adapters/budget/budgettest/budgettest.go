// Package budgettest tells tests whether work holds more memory than it took of a
// budget. It is not for production.
package budgettest

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// Purse is a budget that remembers what was taken, and what was not given back.
type Purse struct {
	Refuse error // what everybody is told, when it is not nil

	mu          sync.Mutex
	taken, held int64
}

// Take implements ports.Budget. Who has left takes nothing.
func (p *Purse) Take(ctx context.Context, n int64) (func(), error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Refuse != nil || ctx.Err() != nil {
		return nil, errors.Join(p.Refuse, ctx.Err())
	}
	p.taken += n
	p.held += n
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held -= n
	}, nil
}

// Taken is how many bytes were taken, whether they were given back or not.
func (p *Purse) Taken() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// Held is how many bytes were not given back.
func (p *Purse) Held() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// Peak is how much memory work holds at once, with little rubbish.
func Peak(work func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	highest, stop, stopped := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(200 * time.Microsecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			highest = max(highest, sample[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	work()
	close(stop)
	<-stopped
	return int64(highest - before)
}
