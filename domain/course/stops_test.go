package course

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// drawn is a line through places, metres east and north, with a vertex every 5 m.
func drawn(t *testing.T, places ...[2]float64) geo.Line {
	t.Helper()
	plane := geo.NewPlane(geo.MustPoint(37.5, 127))
	var points []geo.Point
	for i := 1; i < len(places); i++ {
		a, b := places[i-1], places[i]
		n := max(1, int(math.Hypot(b[0]-a[0], b[1]-a[1])/5))
		for k := range n {
			s := float64(k) / float64(n)
			points = append(points, plane.Unproject(a[0]+s*(b[0]-a[0]), a[1]+s*(b[1]-a[1])))
		}
	}
	last := places[len(places)-1]
	l, err := geo.NewLine(append(points, plane.Unproject(last[0], last[1])))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func round(laps int, radius float64) (out [][2]float64) {
	for k := range 36*laps + 1 {
		sin, cos := math.Sincos(float64(k) * math.Pi / 18)
		out = append(out, [2]float64{radius * cos, radius * sin})
	}
	return out
}

func ball(at [2]float64, steps int) (out [][2]float64) {
	r := rand.New(rand.NewPCG(1, 1)) // repeatable
	for range steps {
		out = append(out, [2]float64{at[0] + 6*r.NormFloat64(), at[1] + 6*r.NormFloat64()})
	}
	return out
}

func TestStopsAreLeftOutOfACourse(t *testing.T) {
	stood := append([][2]float64{{0, 0}, {500, 0}}, append(ball([2]float64{500, 0}, 60), [2]float64{500, 0}, [2]float64{1000, 0})...)
	atCorner := append([][2]float64{{0, 0}, {500, 0}}, append(ball([2]float64{500, 0}, 60), [2]float64{500, 0}, [2]float64{500, 500})...)
	for _, c := range []struct {
		name   string
		line   geo.Line
		meters float64 // that are left; 0 for all
	}{
		{"a straight road", drawn(t, [2]float64{0, 0}, [2]float64{1000, 0}), 0},
		{"stood at a light", drawn(t, stood...), 1000},
		{"stood at a corner", drawn(t, atCorner...), 1000},
		{"three times to and fro over 60 m", drawn(t, [2]float64{0, 0}, [2]float64{500, 0}, [2]float64{440, 3}, [2]float64{500, 3}, [2]float64{440, 0}, [2]float64{500, 3}, [2]float64{440, 0}, [2]float64{500, 0}, [2]float64{1000, 0}), 1000},
		{"out and back", drawn(t, [2]float64{0, 0}, [2]float64{1000, 0}, [2]float64{0, 0}), 0},
		{"a spur of 200 m", drawn(t, [2]float64{0, 0}, [2]float64{500, 0}, [2]float64{500, 200}, [2]float64{500, 0}, [2]float64{1000, 0}), 0},
		{"a spur of 60 m beside a straight", drawn(t, [2]float64{0, 0}, [2]float64{500, 0}, [2]float64{500, 60}, [2]float64{500, 0}, [2]float64{1000, 0}), 1000},
		{"laps of 200 m", drawn(t, round(20, 32)...), 0},
		{"a hairpin", drawn(t, [2]float64{0, 0}, [2]float64{500, 0}, [2]float64{500, 20}, [2]float64{0, 20}), 0},
	} {
		got := WithoutStops(c.line)
		if c.meters == 0 {
			if !got.Equal(c.line) {
				t.Errorf("%s: %.0f m are left of %.0f", c.name, got.LengthMeters(), c.line.LengthMeters())
			}
			continue
		}
		if math.Abs(got.LengthMeters()-c.meters) > 80 || got.Start() != c.line.Start() || got.End() != c.line.End() {
			t.Errorf("%s: %.0f m are left of %.0f, want %.0f", c.name, got.LengthMeters(), c.line.LengthMeters(), c.meters)
		}
	}
}

func TestACourseCanBeCompletedByTheRunItWasMadeFrom(t *testing.T) {
	road := drawn(t, [2]float64{0, 0}, [2]float64{1000, 0})
	for name, c := range map[string]struct {
		course, made geo.Line
		usable       bool
	}{
		"a road":                {road, road, true},
		"laps":                  {drawn(t, round(20, 64)...), drawn(t, round(20, 64)...), true},
		"a line that was lost":  {drawn(t, [2]float64{0, 0}, [2]float64{500, 0}, [2]float64{500, 400}, [2]float64{500, 0}, [2]float64{1000, 0}), road, false},
		"the longest of places": {drawn(t, [2]float64{0, 0}, [2]float64{30_000, 0}), drawn(t, [2]float64{0, 0}, [2]float64{30_000, 0}), true},
	} {
		err := CheckUsable(t.Context(), judge.Prepare(c.course, judge.CurrentRules()), c.made)
		if (err == nil) != c.usable || err != nil && !errors.Is(err, ErrUnusable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := CheckUsable(ended, judge.Prepare(road, judge.CurrentRules()), road); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context: %v", err)
	}
}
