package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/runvs/runvs/ports"
)

const (
	// farewellTime bounds one revocation.
	farewellTime = 5 * time.Second
	// farewellsAtOnce bounds how many go on beside each other.
	farewellsAtOnce = 16
)

// farewells tell Apple about people who left, after they got their answer. What
// is under way when the process dies is lost: the code may not be stored.
type farewells struct {
	revoker ports.Revoker // nil when it is not set up
	log     *slog.Logger
	slots   chan struct{}
	done    sync.WaitGroup
}

func newFarewells(revoker ports.Revoker, log *slog.Logger) *farewells {
	return &farewells{revoker: revoker, log: log, slots: make(chan struct{}, farewellsAtOnce)}
}

// revoke begins a revocation, if it is set up and not too many are under way.
func (f *farewells) revoke(code string) {
	if f.revoker == nil {
		f.log.Warn("somebody left with an authorization code of Apple, and no key to revoke with is set up")
		return
	}
	select {
	case f.slots <- struct{}{}:
	default:
		f.log.Warn("a grant is not revoked at Apple: too many are under way")
		return
	}
	f.done.Go(func() {
		defer func() { <-f.slots }()
		ctx, cancel := context.WithTimeout(context.Background(), farewellTime)
		defer cancel()
		if err := f.revoker.Revoke(ctx, code); err != nil {
			f.log.Warn("a grant was not revoked at Apple", "error", err)
		}
	})
}

// finish waits for what is under way.
func (f *farewells) finish(ctx context.Context) error {
	ended := make(chan struct{})
	go func() { f.done.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("revocations at Apple are still under way: %w", ctx.Err())
	}
}
