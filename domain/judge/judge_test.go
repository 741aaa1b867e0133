package judge

import (
	"math"
	"testing"

	"github.com/runvs/runvs/domain/geo"
)

// origin is where the shapes below lie: away from the equator and the prime
// meridian, so that swapped or scaled degrees show.
var origin = geo.MustPoint(37.5, 127)

// at returns the place so many metres east and north of origin.
func at(east, north float64) geo.Point { return geo.NewPlane(origin).Unproject(east, north) }

func path(t *testing.T, places ...geo.Point) geo.Line {
	t.Helper()
	l, err := geo.NewLine(places)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// along is a run over places at 3 m/s with a fix every 3 m.
func along(places ...geo.Point) []Fix {
	var fixes []Fix
	const start = 1_700_000_000_000
	meters := 0.0
	for i := 1; i < len(places); i++ {
		d := geo.Distance(places[i-1], places[i])
		for s := 0.0; s < d; s += 3 {
			fixes = append(fixes, Fix{
				Point:     places[i-1].Interpolate(places[i], s/d),
				Timestamp: start + int64((meters+s)/3*1000), AccuracyMeters: math.NaN(),
			})
		}
		meters += d
	}
	return append(fixes, Fix{Point: places[len(places)-1], Timestamp: start + int64(meters/3*1000), AccuracyMeters: math.NaN()})
}

func arc(radius, fromDegrees, toDegrees float64, centerEast, centerNorth float64) []geo.Point {
	var out []geo.Point
	n := int(math.Abs(toDegrees-fromDegrees)/2) + 1
	for i := 0; i <= n; i++ {
		a := (fromDegrees + (toDegrees-fromDegrees)*float64(i)/float64(n)) * math.Pi / 180
		out = append(out, at(centerEast+radius*math.Cos(a), centerNorth+radius*math.Sin(a)))
	}
	return out
}

func TestCurveSectionsOfKnownShapes(t *testing.T) {
	track := []geo.Point{at(0, 0), at(84.4, 0)}
	track = append(track, arc(36.5, -90, 90, 84.4, 36.5)...)
	track = append(track, at(0, 73))
	track = append(track, arc(36.5, 90, 270, 0, 36.5)...)
	for _, c := range []struct {
		name   string
		places []geo.Point
		want   int
	}{
		{"a straight road", []geo.Point{at(0, 0), at(2000, 0)}, 0},
		{"an L-turn", []geo.Point{at(0, 0), at(500, 0), at(500, 500)}, 1},
		{"one lap of a 400 m track", track, 2},
		{"a circle of 30 m", arc(30, 0, 359, 0, 0), 1},
		{"a circle of 200 m", arc(200, 0, 359, 0, 0), 0},
		{"shorter than two arcs", []geo.Point{at(0, 0), at(30, 0)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			course := Prepare(path(t, c.places...), CurrentRules())
			if got := course.Sections(); len(got) != c.want {
				t.Errorf("sections %v, want %d", got, c.want)
			}
			if c.name == "a circle of 30 m" {
				s := course.Sections()[0]
				if s.FromMeters > 0 || s.ToMeters < course.LengthMeters()-0.01 {
					t.Errorf("the section is %v of %v m, want all round", s, course.LengthMeters())
				}
			}
		})
	}
}

func TestNoiseOnAStraightRoadMakesNoCurve(t *testing.T) {
	var places []geo.Point
	seed := uint64(1)
	noise := func() float64 { // a fixed sequence, evenly spread over ±5.2 m: 3 m of standard deviation
		seed = seed*6364136223846793005 + 1442695040888963407
		return (float64(seed>>11)/(1<<53) - 0.5) * 10.4
	}
	wander := 0.0
	for d := 0.0; d < 3000; d += 3 {
		wander = 0.97*wander + 0.24*noise() // receivers wander, they do not jump
		places = append(places, at(d, wander))
	}
	if got := Prepare(path(t, places...), CurrentRules()).Sections(); len(got) > 0 {
		t.Errorf("curves %v", got)
	}
}

func TestTheFoundingThresholdsCountInside(t *testing.T) {
	road := Prepare(path(t, at(0, 0), at(2000, 0)), CurrentRules())
	corner := Prepare(path(t, at(0, 0), at(500, 0), at(500, 500)), CurrentRules())
	for _, c := range []struct {
		name          string
		course        *Course
		place         geo.Point
		status, where string
	}{
		{"on the line", road, at(1000, 0), "ok", "straight"},
		{"29.9 m off a straight", road, at(1000, 29.9), "ok", "straight"},
		{"30.1 m off a straight", road, at(1000, 30.1), "warned", "straight"},
		{"49.9 m off a straight", road, at(1000, 49.9), "warned", "straight"},
		{"50.1 m off a straight", road, at(1000, 50.1), "deviated", "straight"},
		{"39.9 m off a curve", corner, at(500+28.2, -28.2), "ok", "curve"},
		{"45 m off a curve", corner, at(500+31.8, -31.8), "warned", "curve"},
		{"55 m off a curve", corner, at(500+38.9, -38.9), "warned", "curve"},
		{"61 m off a curve", corner, at(500+43.2, -43.2), "deviated", "curve"},
	} {
		t.Run(c.name, func(t *testing.T) {
			explained, err := c.course.Explain(t.Context(), []Fix{{Point: c.place}})
			if err != nil {
				t.Fatal(err)
			}
			got := explained[0]
			if got.Status != c.status || got.Section != c.where {
				t.Errorf("%+v, want %s on a %s", got, c.status, c.where)
			}
		})
	}
}

func TestTheCourseTimeIsGateToGate(t *testing.T) {
	road := Prepare(path(t, at(0, 0), at(2100, 0)), CurrentRules())
	v := judging(t, road, along(at(-300, 0), at(2400, 0)))
	if v.CourseDurationSeconds == nil || *v.CourseDurationSeconds != 700 {
		t.Errorf("course time %v, want 700 s: 2,100 m at 3 m/s", v.CourseDurationSeconds)
	}
}
