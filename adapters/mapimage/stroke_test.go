package mapimage

import (
	"context"
	"errors"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/budget/budgettest"
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
	r := rand.New(rand.NewPCG(1, 2)) // to be repeated
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
			budget, before := &budgettest.Purse{}, processorTime(t)
			held := budgettest.Peak(func() {
				if _, err := New(nil, budget).Render(t.Context(), l); err != nil {
					t.Error(err)
				}
			})
			took := processorTime(t) - before
			t.Logf("%s of a processor, holds %.1f of %.1f MiB", took, float64(held)/(1<<20), float64(budget.Taken())/(1<<20))
			if took > most {
				t.Errorf("it takes %s of a processor", took)
			}
			if held > budget.Taken() {
				t.Errorf("it holds %d bytes, and took %d", held, budget.Taken())
			}
			if budget.Held() != 0 {
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
	if _, err := New(nil, &budgettest.Purse{Refuse: busy}).Render(t.Context(), loop(t)); !errors.Is(err, busy) {
		t.Errorf("%v", err)
	}
}

// A server may be slow: who waits for it keeps nobody else from working. Tiles
// are paid for when they are drawn.
func TestNoShareIsHeldWhileAServerIsWaitedFor(t *testing.T) {
	budget := &budgettest.Purse{}
	wd := newWorld(t, func(w http.ResponseWriter, r *http.Request, tile tileID) {
		if held := budget.Held(); held != 0 {
			t.Errorf("%d bytes are held", held)
		}
		gray(w, r, tile)
	})
	if _, err := New(wd.tiles, budget).Render(t.Context(), loop(t)); err != nil {
		t.Fatal(err)
	}
	if budget.Taken() != pictureBytes+tileBytes || budget.Held() != 0 {
		t.Errorf("%d bytes were taken, %d not given back", budget.Taken(), budget.Held())
	}
}

func TestLargeTilesAreDrawnWithinTheirPrice(t *testing.T) {
	wd := newWorld(t, func(w http.ResponseWriter, _ *http.Request, _ tileID) {
		e := png.Encoder{CompressionLevel: png.BestSpeed}
		_ = e.Encode(w, image.NewNRGBA64(image.Rect(0, 0, maxTileSide, maxTileSide)))
	})
	render(t, wd.tiles, loop(t)) // the files are at hand
	budget := &budgettest.Purse{}
	held := budgettest.Peak(func() { _, _ = New(wd.tiles, budget).Render(t.Context(), loop(t)) })
	if held > budget.Taken() {
		t.Errorf("it holds %d bytes, and took %d", held, budget.Taken())
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
