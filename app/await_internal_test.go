package app

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runvs/runvs/ports"
)

var settling = ports.Job{Kind: ports.JobSettleRun, ID: "1"}

// Who waits is told at once, all of them, and nothing is kept afterwards.
func TestWhoWaitsIsToldThatAJobEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var jobs endings
		var mu sync.Mutex
		done := false
		began := time.Now()
		var waiting sync.WaitGroup
		for range 50 {
			waiting.Go(func() {
				so, err := await(t.Context(), &jobs, settling, time.Hour, func() (bool, error) {
					mu.Lock()
					defer mu.Unlock()
					return done, nil
				})
				if !so || err != nil {
					t.Errorf("%v, %v", so, err)
				}
			})
		}
		const at = 100*time.Second + time.Millisecond
		time.Sleep(at) // by synctest's clock
		jobs.tell(ports.Job{Kind: ports.JobSettleRun, ID: "another"})
		mu.Lock()
		done = true
		mu.Unlock()
		jobs.tell(settling)
		waiting.Wait()
		if late := time.Since(began) - at; late != 0 {
			t.Errorf("they heard of it %v late", late)
		}
		if len(jobs.jobs) != 0 {
			t.Errorf("%d jobs are kept that nobody waits for", len(jobs.jobs))
		}
	})
}

// What ends between a look and the wait is heard: else the next look would be late.
func TestNothingIsMissedBetweenLookingAndWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var jobs endings
		began, looks := time.Now(), 0
		so, err := await(t.Context(), &jobs, settling, time.Hour, func() (bool, error) {
			looks++
			jobs.tell(settling)
			return looks == 3, nil
		})
		if !so || err != nil || time.Since(began) != 0 {
			t.Errorf("%v, %v after %v", so, err, time.Since(began))
		}
	})
}

// A job of another process is looked for, ever less often: who waits ten seconds
// looks 24 times.
func TestAJobOfAnotherProcessIsLookedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var jobs endings
		looks := 0
		began := time.Now()
		so, err := await(t.Context(), &jobs, settling, 10*time.Second, func() (bool, error) { looks++; return false, nil })
		if so || err != nil || time.Since(began) != 10*time.Second || looks < 20 || looks > 30 {
			t.Errorf("%v, %v after %v and %d looks", so, err, time.Since(began), looks)
		}
		for _, takes := range []time.Duration{5 * time.Millisecond, 100 * time.Millisecond, 3 * time.Second} {
			began = time.Now()
			so, err = await(t.Context(), &jobs, settling, 10*time.Second, func() (bool, error) { return time.Since(began) >= takes, nil })
			if late := time.Since(began) - takes; !so || err != nil || late > takes+firstLook || late > slowLook {
				t.Errorf("of %v: %v, %v, %v late", takes, so, err, late)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if so, err := await(ctx, &jobs, settling, time.Hour, func() (bool, error) { return false, nil }); so || err != nil || time.Since(began) != time.Second {
			t.Errorf("when its context ended: %v, %v after %v", so, err, time.Since(began))
		}
		down := errors.New("down")
		if _, err := await(t.Context(), &jobs, settling, time.Hour, func() (bool, error) { return false, down }); !errors.Is(err, down) {
			t.Errorf("when looking fails: %v", err)
		}
		if len(jobs.jobs) != 0 {
			t.Errorf("%d jobs are kept", len(jobs.jobs))
		}
	})
}
