package geos

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runvs/runvs/adapters/budget"
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

// path is a line through places given in metres east and north of Seoul.
func path(t testing.TB, xy ...[2]float64) geo.Line {
	t.Helper()
	plane := geo.NewPlane(geo.MustPoint(37.5, 127))
	points := make([]geo.Point, len(xy))
	for i, c := range xy {
		points[i] = plane.Unproject(c[0], c[1])
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

// geometry is GEOS with all the memory it asks for.
func geometry() *Geometry { return New(budget.New(4 << 30)) }

// rings reads what Corridor wrote.
func rings(t testing.TB, geoJSON []byte) (out [][][]geo.Point) {
	t.Helper()
	var read struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(geoJSON, &read); err != nil {
		t.Fatal(err)
	}
	var polygons [][][][2]float64
	if read.Type == "Polygon" {
		polygons = make([][][][2]float64, 1)
		if err := json.Unmarshal(read.Coordinates, &polygons[0]); err != nil {
			t.Fatal(err)
		}
	} else if err := json.Unmarshal(read.Coordinates, &polygons); err != nil || read.Type != "MultiPolygon" {
		t.Fatal(read.Type, err)
	}
	for _, polygon := range polygons {
		var all [][]geo.Point
		for _, ring := range polygon {
			var points []geo.Point
			for _, c := range ring {
				points = append(points, geo.MustPoint(c[1], c[0]))
			}
			all = append(all, points)
		}
		out = append(out, all)
	}
	return out
}

func TestTheCorridorIsWhereNobodyIsWarned(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1)) // repeatable
	for name, line := range map[string]geo.Line{
		"on the equator": winding(t, 0, 10, 400, 10), "in Seoul": winding(t, 37.5, 127, 400, 10), "at 80° north": winding(t, 80, 20, 400, 10),
		"across ±180°": winding(t, -17, 180, 400, 10), "100 km": winding(t, 46, 8, 2000, 50), "two vertices": winding(t, 60, 25, 2, 3000),
		"there and back": thereAndBack(t, 800), "laps": path(t, laps(40, 30)...), "a square wave": path(t, squareWave(400, 50)...),
	} {
		t.Run(name, func(t *testing.T) {
			length := line.LengthMeters()
			sections := []judge.Section{{FromMeters: length * 0.4, ToMeters: length * 0.5}}
			drawn, err := geometry().Corridor(context.Background(), line, sections, 30, 40)
			if err != nil {
				t.Fatal(err)
			}
			pieces, err := ribbons(context.Background(), line, sections, 30, 40)
			if err != nil {
				t.Fatal(err)
			}
			covers(t, r, map[string][][][]geo.Point{"as one": rings(t, drawn), "in pieces": rings(t, polygonsJSON(pieces))}, line, sections[0])
		})
	}
}

// covers holds polygons, each drawn in another way, against the distances from a line
// and its curve section.
func covers(t *testing.T, r *rand.Rand, drawn map[string][][][]geo.Point, line geo.Line, section judge.Section) {
	curve, err := geo.NewLine(line.Between(section.FromMeters, section.ToMeters))
	if err != nil {
		t.Fatal(err)
	}
	for how, polygons := range drawn {
		for _, rings := range polygons {
			for _, ring := range rings {
				if ring[0] != ring[len(ring)-1] {
					t.Fatalf("%s: a ring is not closed", how)
				}
			}
		}
	}
	length := line.LengthMeters()
	for range 2000 {
		at := r.Float64() * length
		near := line.Between(at, at+1)[0]
		p := geo.NewPlane(near).Unproject(r.NormFloat64()*25, r.NormFloat64()*25)
		d, dCurve := line.DistanceMeters(p), curve.DistanceMeters(p)
		for how, polygons := range drawn {
			in := inside(p, polygons)
			if (d < 29 || dCurve < 39) && !in {
				t.Fatalf("%s: %v is %.2f m off, %.2f m off the curve, and outside", how, p, d, dCurve)
			}
			if d > 31 && dCurve > 41 && in {
				t.Fatalf("%s: %v is %.2f m off, %.2f m off the curve, and inside", how, p, d, dCurve)
			}
		}
	}
}

func TestManyCorridorsAtOnce(t *testing.T) {
	line := winding(t, 37.5, 127, 300, 10)
	var wg sync.WaitGroup
	for range 30 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := geometry().Corridor(context.Background(), line, nil, 30, 40); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
}

// thereAndBack is a way and the same way back, by a receiver.
func thereAndBack(t testing.TB, n int) geo.Line {
	r := rand.New(rand.NewPCG(7, 7)) // repeatable
	var xy [][2]float64
	for i := range n {
		along := float64(min(i, n-i)) * 5
		xy = append(xy, [2]float64{along + r.NormFloat64(), 100*math.Sin(along/300) + 2*r.NormFloat64()})
	}
	return path(t, xy...)
}

// laps is rounds of 250 m with a receiver's noise.
func laps(rounds, vertices int) (xy [][2]float64) {
	r := rand.New(rand.NewPCG(8, 8)) // repeatable
	for i := range rounds * vertices {
		a := 2 * math.Pi * float64(i) / float64(vertices)
		xy = append(xy, [2]float64{40*math.Cos(a) + 3*r.NormFloat64(), 40*math.Sin(a) + 3*r.NormFloat64()})
	}
	return xy
}

func squareWave(vertices int, high float64) (xy [][2]float64) {
	for i := range vertices {
		xy = append(xy, [2]float64{float64(i / 2), high * float64((i+1)/2%2)})
	}
	return xy
}

func chords(vertices int, box float64) (xy [][2]float64) {
	r := rand.New(rand.NewPCG(9, 9)) // repeatable
	x, y := box/2, box/2
	for range vertices {
		x, y = min(box, max(0, x+25*r.NormFloat64())), min(box, max(0, y+25*r.NormFloat64()))
		xy = append(xy, [2]float64{x, y})
	}
	return xy
}

// What the worst lines that are courses cost; 2,000 vertices of the square wave
// took 74 s and 2.3 GB when a ribbon was put around the whole line.
func TestTheWorstCorridors(t *testing.T) {
	for name, line := range map[string]geo.Line{
		"500 km":                      winding(t, 46, 8, 20_000, 24),
		"a square wave of 2,000":      path(t, squareWave(2_000, 200)...),
		"450 laps":                    path(t, laps(450, 44)...),
		"20,000 vertices within 1 km": path(t, chords(20_000, 1_000)...),
		"20,000 vertices within 20 m": path(t, squareWave(20_000, 20)[:2_000]...),
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("takes seconds")
			}
			peak(t)
			began, before := time.Now(), peak(t)
			drawn, err := geometry().Corridor(t.Context(), line, []judge.Section{{FromMeters: 0, ToMeters: line.LengthMeters()}}, 30, 40)
			if err != nil {
				t.Fatal(err)
			}
			took := peak(t) - before
			t.Logf("%v, %d MiB, %d kB of GeoJSON", time.Since(began), took>>20, len(drawn)>>10)
			if limit := corridorBytes(line.Len()); took > limit {
				t.Errorf("it took %d MiB; its price is %d", took>>20, limit>>20)
			}
		})
	}
}

// peak is the most memory that the process had since the last call, GEOS's
// included, in bytes.
func peak(t testing.TB) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil || os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) != nil {
		t.Skip("this system does not tell how much memory a process had")
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

func TestADoneContextDrawsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := geometry().Corridor(ctx, winding(t, 0, 0, 10, 10), nil, 30, 40); err == nil {
		t.Error("drawn all the same")
	}
}
