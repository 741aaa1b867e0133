package geo

import (
	"math"
	"math/rand/v2"
	"testing"
)

// flatPath is a line through places given in metres east and north of Seoul.
func flatPath(t testing.TB, xy ...[2]float64) Line {
	t.Helper()
	plane := NewPlane(MustPoint(37.5, 127))
	points := make([]Point, len(xy))
	for i, c := range xy {
		points[i] = plane.Unproject(c[0], c[1])
	}
	l, err := NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestHowFarApartTwoLinesAre(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	road := [][2]float64{{0, 0}, {700, 0}, {700, 700}, {2000, 700}}
	var recorded [][2]float64 // the same with a receiver's noise, and other vertices
	for i := 1; i < len(road); i++ {
		for k := range 40 {
			f := float64(k) / 40
			recorded = append(recorded, [2]float64{road[i-1][0] + f*(road[i][0]-road[i-1][0]) + 3*r.NormFloat64(), road[i-1][1] + f*(road[i][1]-road[i-1][1]) + 3*r.NormFloat64()})
		}
	}
	recorded = append(recorded, road[3])
	for name, c := range map[string]struct {
		a, b         Line
		least, worst float64
	}{
		"itself":            {flatPath(t, road...), flatPath(t, road...), 0, 0.01},
		"another recording": {flatPath(t, road...), flatPath(t, recorded...), 2, 20},
		"the next street":   {flatPath(t, road...), flatPath(t, [2]float64{0, 80}, [2]float64{620, 80}, [2]float64{620, 780}, [2]float64{2000, 780}), 80, 125},
		"the way back":      {flatPath(t, road...), flatPath(t, road[3], road[2], road[1], road[0]), 1500, 2200},
		"a detour of 300 m": {flatPath(t, road...), flatPath(t, road[0], [2]float64{350, 0}, [2]float64{350, -300}, [2]float64{350, 0}, road[1], road[2], road[3]), 280, 320},
	} {
		got := Apart(c.a, c.b)
		if got < c.least || got > c.worst {
			t.Errorf("%s: %.1f m, not in [%g, %g]", name, got, c.least, c.worst)
		}
		if other := Apart(c.b, c.a); math.Abs(other-got) > 1e-6 {
			t.Errorf("%s: %.1f m the other way round", name, other)
		}
	}
}

func BenchmarkApart(b *testing.B) {
	var xy [][2]float64
	for i := range 20_000 {
		xy = append(xy, [2]float64{float64(i) * 20, 300 * math.Sin(float64(i)/50)})
	}
	l := flatPath(b, xy...)
	for b.Loop() {
		Apart(l, l)
	}
}
