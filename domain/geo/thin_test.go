package geo

import (
	"math"
	"testing"
)

// spiral is the worst line to thin: the farthest point of every stretch is its
// neighbour.
func spiral(n int) []Point {
	plane := NewPlane(MustPoint(37.5, 127))
	out := make([]Point, n)
	for i := range out {
		a := float64(i) / 50
		r := 5_000 * math.Exp(-float64(i)/float64(n)*6)
		out[i] = plane.Unproject(r*math.Cos(a), r*math.Sin(a))
	}
	return out
}

func TestAThinnedLineStaysNearAllItsPoints(t *testing.T) {
	points := spiral(5_000)
	for _, limit := range []int{2, 3, 100, 1_000, 4_999} {
		thin := Thin(points, limit)
		if len(thin) > limit || thin[0] != points[0] || thin[len(thin)-1] != points[len(points)-1] {
			t.Fatalf("%d points of at most %d", len(thin), limit)
		}
	}
	line, err := NewLine(Thin(points, 1_000))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range points {
		if d := line.DistanceMeters(p); d > 64 {
			t.Fatalf("point %d lies %.1f m from what is left", i, d)
		}
	}
	if few := points[:10]; len(Thin(few, 10)) != 10 {
		t.Error("a line that is short enough is changed")
	}
}

func BenchmarkThin(b *testing.B) {
	points := spiral(300_000)
	for b.Loop() {
		Thin(points, 20_000)
	}
}
