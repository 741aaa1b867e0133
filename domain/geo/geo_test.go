package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
)

// Distances from GeographicLib's geodesic solver (C. F. F. Karney, J. Geodesy
// 87, 2013), as printed by GeodSolve -i.
func TestDistanceAgreesWithKarney(t *testing.T) {
	for _, c := range []struct {
		name                   string
		lat1, lng1, lat2, lng2 float64
		want, tolerance        float64
	}{
		{"one degree of the equator", 0, 0, 0, 1, 111_319.490793, 0.001},
		{"one degree of a meridian at the equator", 0, 0, 1, 0, 110_574.388558, 0.001},
		{"one degree of a meridian at the pole", 89, 0, 90, 0, 111_693.864914, 0.001},
		{"a quarter of the meridian", 0, 0, 90, 0, 10_001_965.729313, 0.001},
		{"JFK to LHR", 40.6, -73.8, 51.6, -0.5, 5_551_759.400319, 0.001},
	} {
		if got := Distance(MustPoint(c.lat1, c.lng1), MustPoint(c.lat2, c.lng2)); math.Abs(got-c.want) > c.tolerance {
			t.Errorf("%s: %.6f m, want %.6f", c.name, got, c.want)
		}
	}
}

func somePoint(t *rapid.T, label string) Point {
	return MustPoint(rapid.Float64Range(-85, 85).Draw(t, label+" lat"), rapid.Float64Range(-180, 180).Draw(t, label+" lng"))
}

func TestTheChordAndTheSeriesAgreeWhereOneTakesOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := somePoint(t, "p")
		q := NewPlane(p).Unproject(rapid.Float64Range(-7000, 7000).Draw(t, "east"), rapid.Float64Range(-7000, 7000).Draw(t, "north"))
		if p == q {
			return
		}
		if got, want := Distance(p, q), vincenty(p, q); math.Abs(got-want) > 3e-5 {
			t.Fatalf("%v to %v: chord %.7f m, series %.7f m", p, q, got, want)
		}
	})
}

func TestDistanceIsSymmetricAndKnowsNoAntimeridian(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := somePoint(t, "p"), somePoint(t, "q")
		if a, b := Distance(p, q), Distance(q, p); math.Abs(a-b) > 1e-3 {
			t.Fatalf("%v and %v", a, b)
		}
	})
	a, b := Distance(MustPoint(10, 179.999), MustPoint(10, -179.999)), Distance(MustPoint(10, 0.001), MustPoint(10, -0.001))
	if math.Abs(a-b) > 1e-5 {
		t.Errorf("across ±180°: %v, across 0°: %v", a, b)
	}
}

func TestDistanceWithinIsTheDistanceWhereItIsWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := somePoint(t, "p"), somePoint(t, "q")
		if rapid.Bool().Draw(t, "near") {
			q = NewPlane(p).Unproject(rapid.Float64Range(-9000, 9000).Draw(t, "east"), rapid.Float64Range(-9000, 9000).Draw(t, "north"))
		}
		want := Distance(p, q)
		for _, limit := range []float64{0, want / 2, want * (1 - 1e-9), want, want * (1 + 1e-9), 2 * want, 5000} {
			got, ok := PlaceOf(p).DistanceWithin(PlaceOf(q), limit)
			if ok != (want <= limit) || ok && got != want {
				t.Fatalf("%v to %v: %v, %v within %v, want %v", p, q, got, ok, limit, want)
			}
		}
	})
}

func TestNearlyAntipodalPointsHaveADistance(t *testing.T) {
	if d := Distance(MustPoint(0, 0), MustPoint(0.5, 179.7)); d < 19_900_000 || d > 20_040_000 {
		t.Errorf("%v m", d)
	}
}

func TestPointsOutOfRangeAreNotBuilt(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range [][2]float64{{90.0001, 0}, {-91, 0}, {0, 180.0001}, {0, -181}, {nan, 0}, {0, nan}, {inf, 0}, {0, -inf}, {1e308, 0}} {
		if _, err := NewPoint(c[0], c[1]); fault.KindOf(err) != fault.Invalid {
			t.Errorf("NewPoint(%v) = %v", c, err)
		}
	}
	p, err := NewPoint(math.Copysign(0, -1), -180)
	if err != nil || math.Signbit(p.Lat()) {
		t.Errorf("minus zero gave %v, %v", p, err)
	}
}

func TestPlaneRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plane := NewPlane(somePoint(t, "origin"))
		x, y := rapid.Float64Range(-50_000, 50_000).Draw(t, "x"), rapid.Float64Range(-50_000, 50_000).Draw(t, "y")
		px, py := plane.Project(plane.Unproject(x, y))
		if math.Hypot(px-x, py-y) > 1e-5 {
			t.Fatalf("(%v, %v) came back as (%v, %v)", x, y, px, py)
		}
	})
}

func TestBoundsOfALineAcrossTheAntimeridianIsTheNarrowBox(t *testing.T) {
	b := BoundsOf([]Point{MustPoint(-17, 179.9), MustPoint(-17.1, -179.8), MustPoint(-16.9, 179.95)})
	if b.West != 179.9 || b.East != -179.8 || !b.Contains(MustPoint(-17, 180)) || b.Contains(MustPoint(-17, 0)) {
		t.Errorf("%+v", b)
	}
}

func TestAroundHoldsTheWholeCircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		center := somePoint(t, "center")
		radius := rapid.Float64Range(1, 50_000).Draw(t, "radius")
		angle := rapid.Float64Range(0, 2*math.Pi).Draw(t, "angle")
		p := NewPlane(center).Unproject(radius*0.999*math.Sin(angle), radius*0.999*math.Cos(angle))
		if Distance(center, p) <= radius && !Around(center, radius).Contains(p) {
			t.Fatalf("%v is %v m from %v and not in %+v", p, Distance(center, p), center, Around(center, radius))
		}
	})
}

func TestACourseCrossesABoxItHasNoVertexIn(t *testing.T) {
	line, err := NewLine([]Point{MustPoint(0, -1), MustPoint(0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		box  Bounds
		want bool
	}{
		{Bounds{South: -0.1, West: -0.1, North: 0.1, East: 0.1}, true},
		{Bounds{South: 0.1, West: -0.1, North: 0.2, East: 0.1}, false},
		{Bounds{South: -90, West: -180, North: 90, East: 180}, true},
		{Bounds{South: -1, West: 170, North: 1, East: -170}, false},
	} {
		if got := c.box.Crosses(line); got != c.want {
			t.Errorf("%+v: %v", c.box, got)
		}
	}
	over, err := NewLine([]Point{MustPoint(0, 179), MustPoint(0, -179)})
	if err != nil {
		t.Fatal(err)
	}
	if !(Bounds{South: -1, West: 179.5, North: 1, East: -179.5}).Crosses(over) || (Bounds{South: -1, West: -10, North: 1, East: 10}).Crosses(over) {
		t.Error("a line across ±180° goes the short way")
	}
}

func TestDistanceToALine(t *testing.T) {
	origin := MustPoint(45, 7)
	plane := NewPlane(origin)
	line, err := NewLine([]Point{plane.Unproject(-5000, 0), plane.Unproject(5000, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if d := line.DistanceMeters(plane.Unproject(1234, 250)); math.Abs(d-250) > 0.05 {
		t.Errorf("%v m off a straight of 10 km, want 250", d)
	}
	if d := line.DistanceMeters(plane.Unproject(1234, 0)); d > 0.05 {
		t.Errorf("%v m off, on the line", d)
	}
}

func TestThinKeepsTheEndsAndThePath(t *testing.T) {
	plane := NewPlane(MustPoint(60, 25))
	var points []Point
	for i := 0; i < 5000; i++ {
		points = append(points, plane.Unproject(float64(i)*3, 400*math.Sin(float64(i)/300)))
	}
	thin := Thin(points, 500)
	if len(thin) > 500 || len(thin) < 20 || thin[0] != points[0] || thin[len(thin)-1] != points[len(points)-1] {
		t.Fatalf("%d points, from %v to %v", len(thin), thin[0], thin[len(thin)-1])
	}
	line, err := NewLine(thin)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if d := line.DistanceMeters(p); d > 2 {
			t.Fatalf("%v is %v m off the thinned path", p, d)
		}
	}
}

func TestAWalkerFindsTheSameVectors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Walker
		lat, lng := rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng")
		size := math.Pow(10, rapid.Float64Range(-7, 2).Draw(t, "size")) // degrees
		for range 50 {
			p, err := NewPoint(lat, lng)
			if err != nil {
				return
			}
			if d := w.Vector(p).Sub(p.Vector()).Norm(); d > 5e-9 {
				t.Fatalf("%v is %g m off", p, d)
			}
			lat += size * rapid.Float64Range(-1, 1).Draw(t, "north")
			lng += size * rapid.Float64Range(-1, 1).Draw(t, "east")
		}
	})
}

func TestTheArcOfAChordIsTheDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := MustPoint(rapid.Float64Range(-89, 89).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng"))
		reach := rapid.Float64Range(0, 7000).Draw(t, "reach")
		q := NewPlane(p).Unproject(reach*rapid.Float64Range(-1, 1).Draw(t, "x"), reach*rapid.Float64Range(-1, 1).Draw(t, "y"))
		if got, want := ArcMeters(p.Vector(), q.Vector()), Distance(p, q); math.Abs(got-want) > 2e-5 {
			t.Fatalf("%.9f, not %.9f", got, want)
		}
	})
}
