package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
)

func line(t interface{ Fatal(...any) }, points ...Point) Line {
	l, err := NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALineHasTwoDistinctPoints(t *testing.T) {
	here, there := MustPoint(37, 127), MustPoint(37, 127.001)
	for name, points := range map[string][]Point{"none": nil, "one": {here}, "one three times": {here, here, here}} {
		if l, err := NewLine(points); fault.KindOf(err) != fault.Invalid || fault.As(err).Fields[0].Location != "route_geometry" || !l.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	points := []Point{here, here, there}
	l := line(t, points...)
	points[0] = there
	l.Points()[1] = there
	if l.IsZero() || l.Len() != 3 || l.Start() != here || l.At(1) != here || l.End() != there {
		t.Errorf("the line is %v", l.Points())
	}
	if !l.Equal(line(t, here, here, there)) || l.Equal(line(t, here, there)) || l.Equal(line(t, here, there, there)) {
		t.Error("lines are equal when their points are")
	}
}

// road is a line of legs of up to 200 m, as courses have, where people live.
func road(t *rapid.T) Line {
	plane := NewPlane(MustPoint(rapid.Float64Range(-60, 60).Draw(t, "lat"), rapid.Float64Range(-179, 179).Draw(t, "lng")))
	points, x, y := []Point{plane.Unproject(0, 0)}, 0.0, 0.0
	for range rapid.IntRange(1, 30).Draw(t, "legs") {
		x, y = x+rapid.Float64Range(1, 150).Draw(t, "east"), y+rapid.Float64Range(-130, 130).Draw(t, "north")
		points = append(points, plane.Unproject(x, y))
	}
	return line(t, points...)
}

// TestAStretchOfALine holds that what lies between two distances along a line is
// as long as their difference, and begins and ends on the line.
func TestAStretchOfALine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := road(t)
		length := l.LengthMeters()
		from := rapid.Float64Range(0, 0.9).Draw(t, "from") * length
		to := from + rapid.Float64Range(0.01, 1).Draw(t, "share")*(length-from)
		points := l.Between(from, to)
		sum := 0.0
		for i, p := range points {
			if i > 0 {
				sum += Distance(points[i-1], p)
			}
			if d := l.DistanceMeters(p); d > 0.02 {
				t.Fatalf("a point lies %v m off the line", d)
			}
		}
		if math.Abs(sum-(to-from)) > 0.02 {
			t.Fatalf("from %v to %v m it is %v m long", from, to, sum)
		}
	})
}

func TestTheWholeOfALineAndWhatLiesBeyond(t *testing.T) {
	a, b, c := MustPoint(0, 0), MustPoint(0, 0.001), MustPoint(0, 0.002)
	l := line(t, a, b, b, c)
	if got := l.Between(-5, 1000); len(got) != 3 || got[0] != a || got[2] != c {
		t.Errorf("all of it is %v", got)
	}
	if got := l.Between(500, 600); len(got) != 2 || got[0] != c || got[1] != c {
		t.Errorf("beyond the end lies %v", got)
	}
	half := l.LengthMeters() / 2
	if got := l.Between(half/2, half); Distance(got[0], MustPoint(0, 0.0005)) > 0.01 || Distance(got[len(got)-1], b) > 0.01 {
		t.Errorf("the second quarter is %v", got)
	}
	if box := l.Bounds(); box != (Bounds{South: 0, West: 0, North: 0, East: 0.002}) {
		t.Errorf("its box is %+v", box)
	}
}

func TestABoxOfCorners(t *testing.T) {
	sw, ne := MustPoint(10, 170), MustPoint(20, -170)
	b, err := NewBounds(sw, ne)
	if err != nil || b != (Bounds{South: 10, West: 170, North: 20, East: -170}) {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, err := NewBounds(ne, sw); fault.KindOf(err) != fault.Invalid || fault.As(err).Fields[0].Location != "sw_lat" {
		t.Errorf("upside down: %v", err)
	}
	if _, err := NewBounds(sw, MustPoint(10, 171)); err != nil {
		t.Errorf("of no height: %v", err)
	}
	if got := b.Split(); len(got) != 2 || got[0] != (Bounds{10, 170, 20, 180}) || got[1] != (Bounds{10, -180, 20, -170}) {
		t.Errorf("split: %+v", got)
	}
}

func TestTheHalvesOfABoxHoldWhatTheBoxHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := somePoint(t, "a"), somePoint(t, "b")
		box := Bounds{South: min(a.lat, b.lat), North: max(a.lat, b.lat), West: a.lng, East: b.lng}
		p, some := somePoint(t, "p"), false
		for _, half := range box.Split() {
			if half.West > half.East {
				t.Fatalf("%+v crosses the antimeridian", half)
			}
			some = some || half.Contains(p)
		}
		if some != box.Contains(p) {
			t.Fatalf("%+v holds %v: %v, and its halves: %v", box, p, box.Contains(p), some)
		}
	})
}

func TestOnTheWayBetweenTwoPoints(t *testing.T) {
	for name, c := range map[string]struct {
		p, q Point
		t    float64
		want Point
	}{
		"the first":             {MustPoint(1, 2), MustPoint(3, 4), 0, MustPoint(1, 2)},
		"the second":            {MustPoint(1, 2), MustPoint(3, 4), 1, MustPoint(3, 4)},
		"a quarter":             {MustPoint(1, 2), MustPoint(3, 4), 0.25, MustPoint(1.5, 2.5)},
		"east over 180°":        {MustPoint(0, 179), MustPoint(0, -179), 0.75, MustPoint(0, -179.5)},
		"west over 180°":        {MustPoint(0, -179), MustPoint(0, 179), 0.75, MustPoint(0, 179.5)},
		"east, not over it yet": {MustPoint(0, 179), MustPoint(0, -179), 0.25, MustPoint(0, 179.5)},
	} {
		if got := c.p.Interpolate(c.q, c.t); Distance(got, c.want) > 1e-6 || math.Abs(got.Lng()) > 180 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestDegreesAreCut(t *testing.T) {
	if got := MustPoint(37.123456789, -127.987654321).Round(7); got != MustPoint(37.1234568, -127.9876543) {
		t.Errorf("%v", got)
	}
	if got := MustPoint(-1e-9, -1e-9).Round(7); got != (Point{}) || math.Signbit(got.lat) || math.Signbit(got.lng) {
		t.Errorf("what rounds to zero is %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		if p := somePoint(t, "p"); Distance(p, p.Round(7)) > 0.008 {
			t.Fatalf("%v and %v are %v m apart", p, p.Round(7), Distance(p, p.Round(7)))
		}
	})
}

func TestAConstantThatIsNoPointPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MustPoint(91, 0)
}

func TestAWayEndsWhereItsLineDoes(t *testing.T) {
	l := line(t, MustPoint(0, 0), MustPoint(0, 0.001), MustPoint(0.001, 0.001))
	w := l.Way()
	for along, want := range map[float64]Point{-10: l.Start(), 0: l.Start(), w.Along[1]: l.At(1), w.LengthMeters(): l.End(), 1e6: l.End(), w.Along[1] / 2: MustPoint(0, 0.0005)} {
		if d := w.Place(along).Sub(want.Vector()).Norm(); d > 0.01 {
			t.Errorf("at %v m it is %v m from %v", along, d, want)
		}
	}
}
