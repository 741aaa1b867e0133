package mapimage

import (
	"context"
	"errors"
	"sync"
)

// purse is a budget that remembers what was taken, and what was not given back.
type purse struct {
	mu          sync.Mutex
	taken, held int64
	refuse      error
}

func (p *purse) Take(ctx context.Context, n int64) (func(), error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != nil || ctx.Err() != nil {
		return nil, errors.Join(p.refuse, ctx.Err())
	}
	p.taken += n
	p.held += n
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.held -= n
	}, nil
}
