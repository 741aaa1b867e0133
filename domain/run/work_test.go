package run

import (
	"context"
	"errors"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/geo"
)

// hard are recordings that something about measuring might take long for: the
// fixes, and the pauses that were sent with them.
var hard = map[string]func(n int) ([]Fix, []Pause){
	"a fix a second":      func(n int) ([]Fix, []Pause) { return every(n, 0.85, 3), nil },
	"a fix a millisecond": func(n int) ([]Fix, []Pause) { return every(n, 0.001, 0.003), nil },
	"every step is a jump": func(n int) ([]Fix, []Pause) {
		return scattered(every(n, 0.1, 0), func(i int) (x, y float64) { return float64(i*7919%1000) * 40, float64(i*104729%1000) * 40 }), nil
	},
	"every step leads to the other side of the earth": func(n int) ([]Fix, []Pause) {
		fixes := every(n, 0.1, 0)
		for i := range fixes {
			fixes[i].Point = geo.MustPoint(0.1*float64(i%2), 179.9*float64(i%2))
		}
		return fixes, nil
	},
	"every tenth step is a jump": func(n int) ([]Fix, []Pause) {
		return scattered(every(n, 0.1, 0), func(i int) (x, y float64) { return float64(i/10*7919%1000) * 40, 0 }), nil
	},
	"every step is a standstill of its own": func(n int) ([]Fix, []Pause) { return every(n, 0.85, 0), nil },
	"blocks that stand two by two": func(n int) ([]Fix, []Pause) {
		return scattered(every(n, 0.85, 0), func(i int) (x, y float64) { return float64(i / 24 % 2 * 20), 0 }), nil
	},
	"duplicates": func(n int) ([]Fix, []Pause) { return every(n, 0, 0), nil },
	"shuffled times": func(n int) ([]Fix, []Pause) {
		fixes := every(n, 0.5, 3)
		for i := range fixes {
			fixes[i].Timestamp = noon.UnixMilli() + int64(i*7919%n)*500
		}
		return fixes, nil
	},
	"a clock set back every six fixes": func(n int) ([]Fix, []Pause) {
		fixes := every(n, 0.5, 3)
		for i := range fixes {
			fixes[i].Timestamp = noon.UnixMilli() + int64(i%7)
		}
		return fixes, nil
	},
	"newest first": func(n int) ([]Fix, []Pause) {
		fixes := every(n, 0.5, 3)
		for i := range fixes {
			fixes[i].Timestamp = noon.UnixMilli() + int64(n-i)*500
		}
		return fixes, nil
	},
	"bad accuracy all the time but once": func(n int) ([]Fix, []Pause) {
		fixes := every(n, 0.85, 3)
		for i := range fixes[:n-1] {
			fixes[i].Accuracy = 500
		}
		return fixes, nil
	},
	"every other accuracy is bad": func(n int) ([]Fix, []Pause) {
		fixes := every(n, 0.85, 3)
		for i := range fixes {
			fixes[i].Accuracy = float64(i % 2 * 500)
		}
		return fixes, nil
	},
	"altitudes that are all alike": func(n int) ([]Fix, []Pause) {
		fixes := every(n, 0.85, 3)
		for i := range fixes {
			fixes[i].Altitude = 20
		}
		return fixes, nil
	},
	"as many pauses as fixes, apart": func(n int) ([]Fix, []Pause) { return every(n, 0.85, 3), paused(n, 850, 400) },
	"as many pauses as fixes, overlapping": func(n int) ([]Fix, []Pause) {
		return every(n, 0.85, 3), paused(n, 850, 100_000_000)
	},
}

func scattered(fixes []Fix, at func(i int) (x, y float64)) []Fix {
	for i := range fixes {
		x, y := at(i)
		fixes[i].Point = geo.MustPoint(37+y/111_000, 127+x/111_000)
	}
	return fixes
}

// paused are n pauses, each begun so many milliseconds after the one before, the
// last one first.
func paused(n int, every, length int64) []Pause {
	pauses := make([]Pause, n)
	for i := range pauses {
		from := noon.Add(time.Duration(int64(n-i)*every) * time.Millisecond)
		pauses[i] = Pause{StartedAt: from, EndedAt: from.Add(time.Duration(length) * time.Millisecond)}
	}
	return pauses
}

// Measuring takes a number of steps for each fix and pause, whatever they are.
func TestMeasuringIsLinear(t *testing.T) {
	for name, recording := range hard {
		t.Run(name, func(t *testing.T) {
			steps := func(n int) int {
				fixes, pauses := recording(n)
				spans := make([]span, len(pauses))
				for i, p := range pauses {
					spans[i] = spanOf(p)
				}
				w := free()
				if _, err := w.measure(fixes, spans, Source{}, Body{}, DefaultFilter()); err != nil && !errors.Is(err, ErrRunTooShort) && !errors.Is(err, ErrRunTooLong) {
					t.Fatal(err)
				}
				return w.steps
			}
			const n = 4000
			few, many := steps(n), steps(4*n)
			if many > 6*few || many > 60*4*n { // a longer run has more lengths with a best
				t.Errorf("%d steps for %d fixes, %d for four times as many", few, n, many)
			}
		})
	}
}

func TestMeasuringTakesNoMoreMemoryThanItSays(t *testing.T) {
	for name, recording := range hard {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{2, 1000, 20_000} {
				fixes, pauses := recording(n)
				for i := range fixes {
					if !Has(fixes[i].Altitude) {
						fixes[i].Altitude = math.Sin(float64(i))
					}
				}
				chunks := []Chunk{RestoreChunk(ChunkInput{Fixes: fixes, Pauses: pauses}, Digest{})}
				in := RecordInput{Session: session(t), Chunks: chunks, Filter: DefaultFilter(), Now: noon.Add(100 * time.Hour)}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, _ = NewRecord(t.Context(), in)
				runtime.ReadMemStats(&after)
				if took := int64(after.TotalAlloc - before.TotalAlloc); took > MeasureBytes(n) {
					t.Errorf("%d bytes for %d fixes, want %d at most", took, n, MeasureBytes(n))
				}
			}
		})
	}
}

func TestAnExcursionThatJumpsOnIsLookedAtForAWhile(t *testing.T) {
	for jumps, dropped := range map[int]bool{CurrentMeasure().MaxSpikeJumps - 1: true, CurrentMeasure().MaxSpikeJumps: false} {
		fixes := steady(60, 3)
		for s := 0.0; s < 600; s += 0.5 { // two fixes a second
			fixes = append(fixes, east(60.5+s, 181.5+3*s))
		}
		for i := range jumps + 1 {
			fixes[100+i].Point = course.Unproject(300, 500*float64(1+i%7))
		}
		usable, err := Filter(t.Context(), fixes, DefaultFilter())
		if err != nil || (len(usable) == len(fixes)-jumps-1) != dropped {
			t.Errorf("an excursion of %d jumps: %d of %d fixes stay, %v", jumps, len(usable), len(fixes), err)
		}
	}
}

func TestMeasuringEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fixes := every(20_000, 1, 3)
	if _, err := Measure(ctx, Recording{Fixes: fixes}, DefaultFilter()); !errors.Is(err, context.Canceled) {
		t.Errorf("Measure: %v", err)
	}
	if _, err := Filter(ctx, fixes, DefaultFilter()); !errors.Is(err, context.Canceled) {
		t.Errorf("Filter: %v", err)
	}
	if _, err := NewRecord(ctx, RecordInput{Session: session(t), Chunks: []Chunk{RestoreChunk(ChunkInput{Fixes: fixes}, Digest{})}, Filter: DefaultFilter(), Now: noon.Add(100 * time.Hour)}); !errors.Is(err, context.Canceled) {
		t.Errorf("NewRecord: %v", err)
	}
	// Wherever it ends, nothing of the record is believed.
	for n := 1; ; n++ {
		w := newWork(&endsAfter{Context: t.Context(), looks: n})
		m, err := w.measure(every(8000, 1, 3), nil, Source{}, Body{}, DefaultFilter())
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) || m.Route != nil {
			t.Fatalf("after %d looks: %v, %d points", n, err, len(m.Route))
		}
	}
}

// endsAfter is a context that ends after so many looks at it.
type endsAfter struct {
	context.Context
	looks int
}

func (c *endsAfter) Err() error {
	if c.looks--; c.looks < 0 {
		return context.Canceled
	}
	return nil
}

// BenchmarkMeasure measures the longest recording that there is.
func BenchmarkMeasure(b *testing.B) {
	for name, recording := range hard {
		b.Run(name, func(b *testing.B) {
			fixes, pauses := recording(MaxSessionFixes)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Measure(b.Context(), Recording{Fixes: fixes, Pauses: pauses}, DefaultFilter()); err != nil && !errors.Is(err, ErrRunTooShort) && !errors.Is(err, ErrRunTooLong) {
					b.Fatal(err)
				}
			}
		})
	}
}
