package judge

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
)

// geodesic returns the shortest geodesic distance from p to the course, by
// looking along each piece for the place where it is least.
func geodesic(c *Course, p geo.Point) float64 {
	best := math.Inf(1)
	for i := 1; i < len(c.at); i++ {
		a, b := c.at[i-1], c.at[i]
		if d, _ := geo.SegmentDistance(p.Vector(), a, b); d > best+1 {
			continue
		}
		at := func(t float64) float64 {
			return geo.Distance(p, geo.Vector{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y), Z: a.Z + t*(b.Z-a.Z)}.Point())
		}
		low, high := 0.0, 1.0
		for high-low > 1e-9 { // the distance falls, and then rises
			third := (high - low) / 3
			if at(low+third) < at(high-third) {
				high -= third
			} else {
				low += third
			}
		}
		best = min(best, at((low+high)/2))
	}
	return best
}

// Every latitude, across ±180°, pieces of every length, deviations up to 200 m.
func TestDeviationsAreGeodesicWithinAMillimetre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		center := geo.MustPoint(rapid.Float64Range(-85, 85).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng"))
		plane := geo.NewPlane(center)
		step := rapid.Float64Range(2, 2000).Draw(t, "step")
		var places []geo.Point
		x, y, heading := 0.0, 0.0, 0.0
		for range rapid.IntRange(2, 12).Draw(t, "vertices") {
			places = append(places, plane.Unproject(x, y))
			heading += rapid.Float64Range(-2, 2).Draw(t, "turn")
			x, y = x+step*math.Cos(heading), y+step*math.Sin(heading)
		}
		line, err := geo.NewLine(places)
		if err != nil {
			t.Fatal(err)
		}
		c := Prepare(line, CurrentRules())
		near := places[rapid.IntRange(0, len(places)-1).Draw(t, "near")]
		p := geo.NewPlane(near).Unproject(rapid.Float64Range(-140, 140).Draw(t, "east"), rapid.Float64Range(-140, 140).Draw(t, "north"))
		got, _ := c.Nearest(p)
		if want := geodesic(c, p); math.Abs(got-want) > 1e-3 {
			t.Fatalf("%.6f m; the geodesic is %.6f m", got, want)
		}
	})
}
