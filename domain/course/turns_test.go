package course_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// walked is the line of who goes ahead, a metre at a time, and turns left by so many
// degrees after each leg; a turn is made within so many metres.
func walked(at geo.Point, turnMeters int, legs ...float64) geo.Line {
	plane := geo.NewPlane(at)
	x, y, heading := 0.0, 0.0, math.Pi/2
	points := []geo.Point{at}
	step := func() {
		x, y = x+math.Cos(heading), y+math.Sin(heading)
		points = append(points, plane.Unproject(x, y))
	}
	for i, leg := range legs {
		if i%2 == 0 {
			for range int(leg) {
				step()
			}
			continue
		}
		for range turnMeters {
			heading += leg * math.Pi / 180 / float64(turnMeters)
			step()
		}
	}
	line, err := geo.NewLine(points)
	if err != nil {
		panic(err)
	}
	return line
}

func turnsOf(line geo.Line) []course.Turn {
	return course.Turns(line, judge.Prepare(line, judge.CurrentRules()).Sections())
}

func told(turns []course.Turn) string {
	names := []string{"", "left", "right", "slight left", "slight right"}
	var out []string
	for _, t := range turns {
		out = append(out, fmt.Sprintf("%s at %.0f", names[t.Bend], t.AlongMeters/10))
	}
	return strings.Join(out, ", ")
}

func TestTurnsOfACourse(t *testing.T) {
	seoul := geo.MustPoint(37.5, 127)
	for name, c := range map[string]struct {
		line geo.Line
		want string // with tens of metres
	}{
		"straight on":                     {walked(seoul, 1, 500), ""},
		"a corner to the left":            {walked(seoul, 1, 200, 90, 200), "left at 20"},
		"a corner to the right":           {walked(seoul, 1, 200, -90, 200), "right at 20"},
		"a slight bend":                   {walked(seoul, 1, 200, 45, 200), "slight left at 20"},
		"another":                         {walked(seoul, 1, 200, -45, 200), "slight right at 20"},
		"a wide bend":                     {walked(seoul, 60, 200, -120, 200), "right at 23"},
		"round the block":                 {walked(seoul, 1, 100, 90, 100, 90, 100, 90, 100), "left at 10, left at 20, left at 30"},
		"left, and at once right":         {walked(seoul, 1, 200, 90, 40, -90, 200), "left at 20, right at 24"},
		"a corner far away from it":       {walked(geo.MustPoint(-54.8, -68.3), 1, 200, -90, 200), "right at 20"},
		"a corner on the antimeridian":    {walked(geo.MustPoint(-17, 180), 1, 200, 90, 200), "left at 20"},
		"back on the other side":          {walked(seoul, 1, 305, 90, 30, 90, 300), "left at 32"},
		"one bend for each of a zigzag":   {walked(seoul, 1, 100, 60, 60, -120, 60, 60, 100), "left at 10, right at 16, left at 22"},
		"a corner that is hardly a curve": {walked(seoul, 1, 200, 15, 200), ""},
	} {
		t.Run(name, func(t *testing.T) {
			turns := turnsOf(c.line)
			if got := told(turns); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			for _, turn := range turns {
				if _, off := nearest(c.line, turn.Point); off > 0.01 {
					t.Errorf("it lies %v m beside the course", off)
				}
			}
		})
	}
}

func nearest(line geo.Line, p geo.Point) (i int, meters float64) {
	plane := geo.NewPlane(p)
	meters = math.Inf(1)
	for k := 1; k < line.Len(); k++ {
		ax, ay := plane.Project(line.At(k - 1))
		bx, by := plane.Project(line.At(k))
		dx, dy := bx-ax, by-ay
		t := max(0, min(1, -(ax*dx+ay*dy)/(dx*dx+dy*dy)))
		if d := math.Hypot(ax+t*dx, ay+t*dy); d < meters {
			i, meters = k, d
		}
	}
	return i, meters
}

// Whatever the course: turns lie on it, one behind the other.
func TestTurnsLieOnTheCourse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		legs := []float64{100}
		for range rapid.IntRange(0, 6).Draw(t, "corners") {
			legs = append(legs, rapid.Float64Range(-170, 170).Draw(t, "turn"), rapid.Float64Range(5, 150).Draw(t, "leg"))
		}
		line := walked(geo.MustPoint(37.5, 127), rapid.IntRange(1, 40).Draw(t, "turn within"), append(legs, 0, 100)...)
		last := 0.0
		for _, turn := range turnsOf(line) {
			if turn.AlongMeters < last || turn.AlongMeters > line.LengthMeters()+1e-6 {
				t.Fatalf("a turn at %v m, behind one at %v", turn.AlongMeters, last)
			}
			last = turn.AlongMeters
			if _, off := nearest(line, turn.Point); off > 0.01 {
				t.Fatalf("a turn lies %v m beside the course", off)
			}
		}
	})
}
