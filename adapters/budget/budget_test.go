package budget

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// impatient is a budget whose requests give up at once.
func impatient(bytes int64) *Budget {
	b := New(bytes)
	b.patience = time.Millisecond
	return b
}

func TestWhoFindsNoRoomIsToldToComeBack(t *testing.T) {
	b := impatient(100)
	release, err := b.Take(t.Context(), 60)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Take(t.Context(), 60)
	if f := fault.As(err); f == nil || f.Kind != fault.Unavailable || f.Code != "server_busy" || f.Details["retry_after"] != 2 {
		t.Fatalf("a full budget says %v", err)
	}
	if again, err := b.Take(t.Context(), 40); err != nil {
		t.Errorf("what is left is not given: %v", err)
	} else {
		again()
	}
	release()
	release() // twice is once
	if all, err := b.Take(t.Context(), 100); err != nil {
		t.Errorf("what was given back is not there: %v", err)
	} else {
		all()
	}
}

func TestWorkLargerThanTheBudgetWorksAlone(t *testing.T) {
	b := impatient(100)
	release, err := b.Take(t.Context(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Take(t.Context(), 1); err == nil {
		t.Error("it does not work alone")
	}
	release()
}

func TestAJobWaitsForItsTurn(t *testing.T) {
	b := impatient(1)
	release, err := b.Take(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		_, err := b.Take(ports.AsJob(context.Background()), 1)
		got <- err
	}()
	for range 3 { // requests give up meanwhile
		if _, err := b.Take(t.Context(), 1); err == nil {
			t.Fatal("a request was given what is taken")
		}
	}
	release()
	if err := <-got; err != nil {
		t.Errorf("a job was refused: %v", err)
	}
}

func TestACallerWhoLeavesWaitsNoLonger(t *testing.T) {
	b := New(1)
	if _, err := b.Take(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Take(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody who left gets %v", err)
	}
}

func TestAJobWhoseDeadlineEndsTheWaitingWasRefused(t *testing.T) {
	b := New(1)
	if _, err := b.Take(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ports.AsJob(t.Context()), time.Millisecond)
	defer cancel()
	if _, err := b.Take(ctx, 1); !fault.HasCode(err, "server_busy") {
		t.Errorf("a job that found no room gets %v, which would count as its failure", err)
	}
}

func TestOnlySoManyWorkAtOnce(t *testing.T) {
	b := WithPlaces(1<<20, 2)
	b.patience = time.Millisecond
	one, err := b.Take(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Take(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Take(t.Context(), 1); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a third works: %v", err)
	}
	one()
	if _, err := b.Take(t.Context(), 1); err != nil {
		t.Errorf("a place that was given back is not there: %v", err)
	}
	// Who got a place and no memory gives the place back.
	c := WithPlaces(10, 2)
	c.patience = time.Millisecond
	all, err := c.Take(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := c.Take(t.Context(), 5); err == nil {
			t.Fatal("more memory is given than there is")
		}
	}
	all()
	if _, err := c.Take(t.Context(), 10); err != nil {
		t.Errorf("a place was lost: %v", err)
	}
}

// TestALargeShareIsCollectedBeforeItIsGivenBack, or what two took at once would be
// more than their shares.
func TestALargeShareIsCollectedBeforeItIsGivenBack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nobody else collects
	b := New(2 * largeShare)
	work := func(bytes int64) {
		release, err := b.Take(t.Context(), bytes)
		if err != nil {
			t.Fatal(err)
		}
		waste(bytes)
		release()
	}
	heap := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	runtime.GC()
	before := heap()
	work(largeShare)
	if left := heap() - before; left > largeShare/2 {
		t.Errorf("%d bytes of a large share are left behind", left)
	}
	before = heap()
	work(largeShare - 1)
	if left := heap() - before; left < largeShare/2 {
		t.Errorf("a share of less than %d bytes was collected at once", largeShare)
	}
}

// waste leaves so much behind for the collector.
//
//go:noinline
func waste(bytes int64) { wasted.Store(len(make([]byte, bytes))) }

var wasted atomic.Value

func TestWhoFindsNoShareLeavesTheirPlace(t *testing.T) {
	b := WithPlaces(100, 2)
	b.patience = time.Millisecond
	all, err := b.Take(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := b.Take(t.Context(), 1); err == nil {
			t.Fatal("there was room")
		}
	}
	all()
	if again, err := b.Take(t.Context(), 1); err != nil {
		t.Errorf("a place was lost: %v", err)
	} else {
		again()
	}
}

func TestALargeShareIsHeldUntilItIsCollected(t *testing.T) {
	b := WithPlaces(largeShare, 1)
	collected := 0
	b.collect = func() {
		collected++
		if b.shares.TryAcquire(1) {
			t.Error("the next may have the share before it is collected")
		}
	}
	release, err := b.Take(t.Context(), largeShare)
	if err != nil {
		t.Fatal(err)
	}
	release()
	if collected != 1 || !b.shares.TryAcquire(largeShare) {
		t.Errorf("collected %d times, and not all is given back", collected)
	}
}
