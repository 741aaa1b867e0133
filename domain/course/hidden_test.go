package course

import (
	"testing"

	"github.com/runvs/runvs/domain/fault"
)

// beside moves places away.
func beside(meters [][2]float64, x, y float64) (out [][2]float64) {
	for _, m := range meters {
		out = append(out, [2]float64{m[0] + x, m[1] + y})
	}
	return out
}

func TestAScribbleDoesNotHideBehindLaps(t *testing.T) {
	for name, c := range map[string][][2]float64{
		"up and down a short hill": upAndDown(70, 100),
		"100 laps of a track":      track(100),
	} {
		hidden := beside(random(220, 25), 500, 500)
		if _, err := CheckLine(path(t, hidden)); !fault.HasCode(err, "course_scribble") {
			t.Fatalf("alone it is a course: %v", err)
		}
		if _, err := CheckLine(path(t, c)); err != nil {
			t.Fatal(err)
		}
		line := append(c, hidden...) // some 60 passes
		_, err := CheckLine(path(t, line))
		if !fault.HasCode(err, "course_scribble") {
			t.Errorf("a scribble beside %s: %v", name, err)
		}
	}
}

// A few visits that each scribble are no laps, however alike.
func TestAFewVisitsThatScribbleAreNoLaps(t *testing.T) {
	var line [][2]float64
	for range 8 {
		for i := range 10 { // 110 m within 12 m
			line = append(line, [2]float64{12 * float64(i%2), float64(i) * 1.2})
		}
		line = append(line, [2]float64{200, 0}, [2]float64{200, 200}, [2]float64{0, 200})
	}
	if _, err := CheckLine(path(t, line)); !fault.HasCode(err, "course_scribble") {
		t.Errorf("got %v", err)
	}
}
