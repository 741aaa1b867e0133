package mapimage

import (
	"context"
	"errors"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/geo"
)

// scribbles are courses of as many legs as one may have, which fill the picture.
func scribbles(t *testing.T) map[string]geo.Line {
	const legs = 20_000
	made := func(at func(i int) (east, north float64)) geo.Line {
		points := make([]geo.Point, legs)
		for i := range points {
			east, north := at(i)
			points[i] = geo.MustPoint(37+0.1*north, 127+0.25*east)
		}
		return line(t, points...)
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // to be repeated
	return map[string]geo.Line{
		"a zigzag":      made(func(i int) (float64, float64) { return float64(i) / legs, float64(i % 2) }),
		"any which way": made(func(int) (float64, float64) { return r.Float64(), r.Float64() }),
		"a fan":         made(func(i int) (float64, float64) { return float64(i%2) * float64(i) / legs, float64(i % 2) }),
		"laps": made(func(i int) (float64, float64) {
			s, c := math.Sincos(2 * math.Pi * float64(i) / 200)
			return 0.5 + 0.1*c + 0.002*r.Float64(), 0.5 + 0.3*s + 0.002*r.Float64()
		}),
	}
}

// peak is how much memory work holds at once, with little rubbish.
func peak(work func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	highest, stop, stopped := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(200 * time.Microsecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			highest = max(highest, sample[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	work()
	close(stop)
	<-stopped
	return int64(highest - before)
}

// most is generous, for the race detector's sake: each of these takes a second of
// a processor. Their outlines took a minute.
const most = 20 * time.Second

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
}

// Any course is drawn in a time and in memory that its picture's size sets.
func TestAScribbleCostsNoMoreThanItsPicture(t *testing.T) {
	for name, l := range scribbles(t) {
		t.Run(name, func(t *testing.T) {
			budget, before := &purse{}, processorTime(t)
			held := peak(func() {
				if _, err := New(nil, budget).Render(t.Context(), l); err != nil {
					t.Error(err)
				}
			})
			took := processorTime(t) - before
			t.Logf("%s of a processor, holds %.1f of %.1f MiB", took, float64(held)/(1<<20), float64(budget.taken)/(1<<20))
			if took > most {
				t.Errorf("it takes %s of a processor", took)
			}
			if held > budget.taken {
				t.Errorf("it holds %d bytes, and took %d", held, budget.taken)
			}
			if budget.held != 0 {
				t.Error("the share is not given back")
			}
		})
	}
}

func TestNobodyDrawsForACallerWhoLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := scribbles(t)["a zigzag"]
	if err := stroke(ctx, image.NewRGBA(image.Rect(0, 0, Width, Height)), fit(l, mercator(l)).pixels(mercator(l))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestWhoCannotPayIsNotDrawn(t *testing.T) {
	busy := errors.New("busy")
	if _, err := New(nil, &purse{refuse: busy}).Render(t.Context(), loop(t)); !errors.Is(err, busy) {
		t.Errorf("%v", err)
	}
}

// A server may be slow: who waits for it keeps nobody else from working. Tiles
// are paid for when they are drawn.
func TestNoShareIsHeldWhileAServerIsWaitedFor(t *testing.T) {
	budget := &purse{}
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		budget.mu.Lock()
		held := budget.held
		budget.mu.Unlock()
		if held != 0 {
			t.Errorf("%d bytes are held", held)
		}
		gray(w, r, tile)
	})
	if _, err := New(wd.tiles, budget).Render(t.Context(), loop(t)); err != nil {
		t.Fatal(err)
	}
	if budget.taken != pictureBytes+tileBytes || budget.held != 0 {
		t.Errorf("%d bytes were taken, %d not given back", budget.taken, budget.held)
	}
}

func TestLargeTilesAreDrawnWithinTheirPrice(t *testing.T) {
	wd := newWorld(t, func(w http.ResponseWriter, _ *http.Request, _ tileID) {
		e := png.Encoder{CompressionLevel: png.BestSpeed}
		_ = e.Encode(w, image.NewNRGBA64(image.Rect(0, 0, maxTileSide, maxTileSide)))
	})
	render(t, wd.tiles, loop(t)) // the files are at hand
	budget := &purse{}
	held := peak(func() { _, _ = New(wd.tiles, budget).Render(t.Context(), loop(t)) })
	if held > budget.taken {
		t.Errorf("it holds %d bytes, and took %d", held, budget.taken)
	}
}

func TestABrokenTileIsNotKept(t *testing.T) {
	wd := newWorld(t, func(w http.ResponseWriter, _ *http.Request, _ tileID) { _, _ = w.Write(bomb(256, 256)) })
	render(t, wd.tiles, loop(t))
	asked := len(wd.requests())
	render(t, wd.tiles, loop(t))
	if len(wd.requests()) == asked {
		t.Error("it is not asked for again")
	}
}
