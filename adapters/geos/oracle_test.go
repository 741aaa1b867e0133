//go:build cgo

package geos

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/twpayne/go-geos"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// GEOS is an oracle of how far lines are apart, at all vertices of lines that have
// many.
func TestGEOSAgreesHowFarLinesAreApart(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5)) // repeatable
	gc := geos.NewContext()
	for range 30 {
		wander := func() geo.Line {
			var xy [][2]float64
			x, y := 0.0, 0.0
			for range 300 {
				x, y = x+8*r.NormFloat64(), y+10*r.Float64()
				xy = append(xy, [2]float64{x, y})
			}
			return path(t, xy...)
		}
		a, b := wander(), wander()
		plane := geo.NewPlane(middle(a))
		want := flat(gc, plane, a.Points()).FrechetDistance(flat(gc, plane, b.Points()))
		if got := geo.Apart(a, b); math.Abs(got-want) > 20 {
			t.Errorf("%.1f m; GEOS says %.1f m", got, want)
		}
	}
}

// GEOS is an oracle of the judge's distances, in a plane.
func TestGEOSAgreesWithTheJudge(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6)) // repeatable
	gc := geos.NewContext()
	for i := range 40 {
		line := winding(t, -85+170*float64(i)/39, 360*r.Float64()-180, 2+r.IntN(300), 5+r.Float64()*10)
		plane := geo.NewPlane(middle(line))
		prepared := flat(gc, plane, line.Points()).Prepare()
		course := judge.Prepare(line, judge.CurrentRules())
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
