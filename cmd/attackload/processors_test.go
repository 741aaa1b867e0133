package main

import (
	"os"
	"testing"
	"time"
)

func TestWhatOthersTookIsNotTheProgramsDelay(t *testing.T) {
	for name, c := range map[string]struct {
		all, others int64
		want        time.Duration
	}{
		"alone":               {400, 0, 2 * time.Second},
		"beside one of two":   {400, 200, time.Second},
		"hardly there":        {400, 400, 0},
		"more than there are": {400, 401, 0}, // one is read after the other
		"within a tick":       {0, 0, 2 * time.Second},
		"less than before":    {400, -3, 2 * time.Second},
	} {
		if got := undisturbed(2*time.Second, ticks{all: 10, others: 5}, ticks{all: 10 + c.all, others: 5 + c.others}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestProcessesAreReadWhatTheyWorked(t *testing.T) {
	before, _ := worked(os.Getpid())
	now := before
	for now < before+5 { // a loop is work
		now, _ = worked(os.Getpid())
	}
	if read, ok := processors(os.Getpid()); !ok || read.all < now || read.others > read.all {
		t.Errorf("%+v after %d ticks of our own", read, now)
	}
	if _, ok := processors(-1); ok {
		t.Error("a process that is not there has worked")
	}
}
