package judge

import (
	"math"
	"testing"

	"github.com/runvs/runvs/domain/geo"
)

func TestHowMuchOfACourseLiesAlongItself(t *testing.T) {
	square := [][2]float64{{0, 0}, {500, 0}, {500, 500}, {0, 500}, {0, 0}}
	laps := func(n int) [][2]float64 {
		out := square[:1:1]
		for range n {
			out = append(out, square[1:]...)
		}
		return out
	}
	for _, c := range []struct {
		name   string
		meters [][2]float64
		want   float64
	}{
		{"a road", [][2]float64{{0, 0}, {2000, 0}}, 0},
		{"a loop", square, 0},
		{"out and back", [][2]float64{{0, 0}, {2000, 0}, {0, 3}}, 0.5},
		{"three laps", laps(3), 2.0 / 3},
		{"a hundred laps", laps(100), 0.99},
		{"both sides of a way", [][2]float64{{0, 0}, {2000, 0}, {2000, 60}, {0, 60}}, 0},
		{"a figure of eight", [][2]float64{{0, 0}, {400, 400}, {400, 0}, {0, 400}}, 0},
	} {
		plane := geo.NewPlane(geo.MustPoint(37.5, 127))
		points := make([]geo.Point, len(c.meters))
		for i, m := range c.meters {
			points[i] = plane.Unproject(m[0], m[1])
		}
		line, err := geo.NewLine(points)
		if err != nil {
			t.Fatal(err)
		}
		if got := Prepare(line, CurrentRules()).Overlap(12); math.Abs(got-c.want) > 0.03 {
			t.Errorf("%s: %.3f, want %.3f", c.name, got, c.want)
		}
	}
}
