package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestASuspectIsDoneAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(2)
		take := func(alone bool) (release func()) {
			t.Helper()
			release, err := turns.take(t.Context(), alone)
			if err != nil {
				t.Fatal(err)
			}
			return release
		}
		one, two := take(false), take(false)
		refused := func(alone bool) {
			t.Helper()
			began := time.Now()
			if _, err := turns.take(t.Context(), alone); err == nil {
				t.Error("somebody is beside a suspect")
			}
			if waited := time.Since(began); waited != turnPatience {
				t.Errorf("the turn was waited for %s, want %s", waited, turnPatience)
			}
		}
		refused(true)
		one()
		refused(true)
		two()
		two() // twice is once
		suspect := take(true)
		refused(false)
		suspect()
		take(false)()
	})
}

func TestATurnEndsWithItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		release, err := turns.take(ctx, true)
		if err != nil {
			t.Fatal(err)
		}
		again, err := turns.take(t.Context(), false) // the suspect does not end
		if err != nil {
			t.Fatalf("who ignores its deadline keeps the others: %v", err)
		}
		again()
		release()
	})
}
