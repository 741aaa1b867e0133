package run

import (
	"math"
	"reflect"
	"testing"

	"github.com/runvs/runvs/domain/geo"
)

// ramp is a climb of 50 m over 1,000 m eastwards, a point every 10 m.
func ramp() (points []geo.Point, altitudes []float64) {
	for i := range 101 {
		points, altitudes = append(points, course.Unproject(10*float64(i), 0)), append(altitudes, float64(i)/2)
	}
	return points, altitudes
}

func TestTheClimbOfALine(t *testing.T) {
	up := ClimbAlong(ramp())
	if up.GainMeters < 48 || up.GainMeters > 50 || up.LossMeters != 0 {
		t.Errorf("up: %d m gained, %d lost", up.GainMeters, up.LossMeters)
	}
	if p := up.Profile; len(p) != 101 || p[0].DistanceMeters != 0 || math.Abs(p[100].DistanceMeters-1000) > 0.2 || math.Abs(p[50].AltitudeMeters-25) > 0.5 {
		t.Errorf("its profile is %v", p)
	}
	points, altitudes := ramp()
	for i := range altitudes {
		altitudes[i] = 50 - altitudes[i]
	}
	if down := ClimbAlong(points, altitudes); down.LossMeters != up.GainMeters || down.GainMeters != 0 {
		t.Errorf("down: %d m gained, %d lost", down.GainMeters, down.LossMeters)
	}
	for i := range altitudes {
		altitudes[i] = Absent
	}
	if none := ClimbAlong(points, altitudes); none.GainMeters != 0 || none.Profile == nil || len(none.Profile) != 0 {
		t.Errorf("without altitudes: %+v", none)
	}
	if again := ClimbOf(up.Profile); abs(again.GainMeters-up.GainMeters) > 3 || again.LossMeters != 0 {
		t.Errorf("of its profile: %d m", again.GainMeters)
	}
}

func TestTheMiddleOfAProfile(t *testing.T) {
	profile := []ProfileSample{{0, 10}, {100, 20}, {200, 30}, {300, 40}, {400, 50}}
	for cut, want := range map[float64][]ProfileSample{
		0:   profile,
		50:  {{50, 20}, {150, 30}, {250, 40}},
		100: {{0, 20}, {100, 30}, {200, 40}},
		150: {{50, 30}},
		250: {},
	} {
		if got := Stretch(profile, cut); !reflect.DeepEqual(got, want) {
			t.Errorf("without %v m: %v, want %v", cut, got, want)
		}
	}
	if got := Stretch(nil, 10); got == nil || len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
}

func TestAHeavierRunnerUsesMoreEnergy(t *testing.T) {
	heavy := float32(140)
	m, err := Measure(t.Context(), Recording{Fixes: steady(1000, 2.5), Body: Body{WeightKG: &heavy}}, DefaultFilter())
	if err != nil {
		t.Fatal(err)
	}
	// Twice the weight that stands in where none is known: see TestASteadyRun.
	if usual := measure(t, steady(1000, 2.5)).Calories; m.Calories != 2*usual && m.Calories != 2*usual+1 && m.Calories != 2*usual-1 {
		t.Errorf("%d kcal, and %d of half the weight", m.Calories, usual)
	}
}
