package app

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestOfManyWhoWantTheSameOneWorksAtATime(t *testing.T) {
	var all turns[string]
	var wg sync.WaitGroup
	working, most, works := 0, 0, 0
	for range 50 {
		wg.Go(func() {
			done, err := all.take(t.Context(), "one")
			if err != nil {
				t.Error(err)
				return
			}
			working++ // the race detector sees who is not alone
			most, works = max(most, working), works+1
			working--
			done()
		})
	}
	wg.Wait()
	if most != 1 || works != 50 {
		t.Errorf("%d worked at once, %d in all", most, works)
	}
	if len(all.queue) != 0 {
		t.Errorf("%d turns are kept that nobody waits for", len(all.queue))
	}
}

func TestTurnsOfDifferentThingsDoNotWait(t *testing.T) {
	var all turns[string]
	done, err := all.take(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	other, err := all.take(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	other()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := all.take(ctx, "one"); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody who left waits: %v", err)
	}
}
