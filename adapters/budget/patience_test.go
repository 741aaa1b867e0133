package budget

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestARequestWaitsForTwoSecondsAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(1)
		release, err := b.Take(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := b.Take(t.Context(), 1); err == nil || time.Since(began) != 2*time.Second {
			t.Errorf("refused after %v: %v", time.Since(began), err)
		}
		time.AfterFunc(time.Second, release)
		if again, err := b.Take(t.Context(), 1); err != nil {
			t.Errorf("what was given back within a second: %v", err)
		} else {
			again()
		}
	})
}
