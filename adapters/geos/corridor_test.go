package geos

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// winding is a line of n vertices that winds eastwards around a place.
func winding(t testing.TB, lat, lng float64, n int, step float64) geo.Line {
	t.Helper()
	plane := geo.NewPlane(geo.MustPoint(lat, lng))
	points := make([]geo.Point, n)
	for i := range points {
		points[i] = plane.Unproject((float64(i)-float64(n)/2)*step, 150*math.Sin(float64(i)*step/200))
	}
	l, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// inside reports whether a place lies in polygons, by counting crossings.
func inside(p geo.Point, polygons [][][]geo.Point) bool {
	for _, rings := range polygons {
		in := false
		for _, ring := range rings {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				if (a.Lat() > p.Lat()) != (b.Lat() > p.Lat()) &&
					p.Lng() < (b.Lng()-a.Lng())*(p.Lat()-a.Lat())/(b.Lat()-a.Lat())+a.Lng() {
					in = !in
				}
			}
		}
		if in {
			return true
		}
	}
	return false
}

func TestTheCorridorIsWhereNobodyIsWarned(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // repeatable
	for name, line := range map[string]geo.Line{
		"on the equator": winding(t, 0, 10, 400, 10), "in Seoul": winding(t, 37.5, 127, 400, 10), "at 80° north": winding(t, 80, 20, 400, 10),
		"across ±180°": winding(t, -17, 180, 400, 10), "100 km": winding(t, 46, 8, 2000, 50), "two vertices": winding(t, 60, 25, 2, 3000),
	} {
		t.Run(name, func(t *testing.T) {
			length := line.LengthMeters()
			sections := []judge.Section{{FromMeters: length * 0.4, ToMeters: length * 0.5}}
			polygons, err := New().Corridor(context.Background(), line, sections, 30, 40)
			if err != nil {
				t.Fatal(err)
			}
			curve, err := geo.NewLine(line.Between(sections[0].FromMeters, sections[0].ToMeters))
			if err != nil {
				t.Fatal(err)
			}
			for _, rings := range polygons {
				for _, ring := range rings {
					if ring[0] != ring[len(ring)-1] {
						t.Fatal("a ring is not closed")
					}
				}
			}
			for range 2000 {
				at := r.Float64() * length
				near := line.Between(at, at+1)[0]
				p := geo.NewPlane(near).Unproject(r.NormFloat64()*25, r.NormFloat64()*25)
				d, dCurve := line.DistanceMeters(p), curve.DistanceMeters(p)
				in := inside(p, polygons)
				if (d < 29 || dCurve < 39) && !in {
					t.Fatalf("%v is %.2f m off, %.2f m off the curve, and outside", p, d, dCurve)
				}
				if d > 31 && dCurve > 41 && in {
					t.Fatalf("%v is %.2f m off, %.2f m off the curve, and inside", p, d, dCurve)
				}
			}
		})
	}
}

func TestManyCorridorsAtOnce(t *testing.T) {
	line := winding(t, 37.5, 127, 300, 10)
	var wg sync.WaitGroup
	for range 30 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := New().Corridor(context.Background(), line, nil, 30, 40); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
}

func TestTheLongestCourseHasACorridor(t *testing.T) {
	began := time.Now()
	if _, err := New().Corridor(context.Background(), winding(t, 46, 8, 20_000, 5), nil, 30, 40); err != nil {
		t.Fatal(err)
	}
	t.Logf("20,000 vertices in %v", time.Since(began))
}

func TestADoneContextDrawsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New().Corridor(ctx, winding(t, 0, 0, 10, 10), nil, 30, 40); err == nil {
		t.Error("drawn all the same")
	}
}
