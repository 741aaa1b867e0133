package geos

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

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

func TestHowFarApartTwoLinesAre(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5)) //nolint:gosec // repeatable
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
		a, b         geo.Line
		least, worst float64
	}{
		"itself":            {path(t, road...), path(t, road...), 0, 0.01},
		"another recording": {path(t, road...), path(t, recorded...), 2, 20},
		"the next street":   {path(t, road...), path(t, [2]float64{0, 80}, [2]float64{620, 80}, [2]float64{620, 780}, [2]float64{2000, 780}), 80, 125},
		"the way back":      {path(t, road...), path(t, road[3], road[2], road[1], road[0]), 1500, 2200},
		"a detour of 300 m": {path(t, road...), path(t, road[0], [2]float64{350, 0}, [2]float64{350, -300}, [2]float64{350, 0}, road[1], road[2], road[3]), 280, 320},
	} {
		got, err := geometry().Apart(t.Context(), c.a, c.b)
		if err != nil || got < c.least || got > c.worst {
			t.Errorf("%s: %.1f m, not in [%g, %g], %v", name, got, c.least, c.worst, err)
		}
		if other, err := geometry().Apart(t.Context(), c.b, c.a); err != nil || math.Abs(other-got) > 12 {
			t.Errorf("%s: %.1f m the other way round, %v", name, other, err)
		}
	}
}

func TestLinesOf100KilometresAreComparedQuickly(t *testing.T) {
	long := winding(t, 46, 8, 20_000, 5)
	if got, err := geometry().Apart(t.Context(), long, long); err != nil || got > 0.01 {
		t.Errorf("%.2f m from itself, %v", got, err)
	}
}

// GEOS is an oracle of the judge's distances, in a plane.
func TestGEOSAgreesWithTheJudge(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6)) //nolint:gosec // repeatable
	gc := geos.NewContext()
	for i := range 40 {
		line := winding(t, -85+170*float64(i)/39, 360*r.Float64()-180, 2+r.IntN(300), 5+r.Float64()*10)
		plane := geo.NewPlane(middle(line))
		prepared := flat(gc, plane, line.Points()).Prepare()
		course := judge.NewCourse(line, judge.CurrentRules())
		for range 100 {
			p := geo.NewPlane(line.At(r.IntN(line.Len()))).Unproject(80*r.NormFloat64(), 80*r.NormFloat64())
			x, y := plane.Project(p)
			near := prepared.NearestPoints(gc.NewPoint([]float64{x, y}))
			theirs := math.Hypot(near.X(0)-x, near.Y(0)-y)
			if ours, _ := course.Nearest(p); math.Abs(ours-theirs) > 1e-3 {
				t.Fatalf("%.5f m; GEOS says %.5f m, %.0f m from the middle", ours, theirs, math.Hypot(x, y))
			}
		}
	}
}
