package providertest

import (
	"bytes"
	"log/slog"
	"testing"
	"time"
)

// Bench is a provider for one test, with a clock and what is logged.
type Bench struct {
	*Server
	Clock *Clock
	Log   *bytes.Buffer
}

// NewBench starts a provider whose clock shows now. It ends with the test.
func NewBench(t testing.TB, now time.Time) Bench {
	t.Helper()
	b := Bench{Server: New(), Clock: NewClock(now), Log: &bytes.Buffer{}}
	t.Cleanup(b.Close)
	b.SetNow(b.Clock.Now)
	return b
}

// Logger writes to Log.
func (b Bench) Logger() *slog.Logger { return slog.New(slog.NewTextHandler(b.Log, nil)) }
