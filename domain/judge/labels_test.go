package judge_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// courseOf is the course that the server makes of a recorded run.
func courseOf(t testing.TB, points []geo.Point) *judge.Course {
	t.Helper()
	line, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return judge.Prepare(course.WithoutStops(line), judge.CurrentRules())
}

// tally counts the verdicts of one group.
type tally struct{ right, passed, refused, implausible int }

// disputed are the labels that the judge does not follow, and why.
var disputed = map[string]string{
	"city_10k/laps_02.gpx.gz":     "leaves out 187 m and runs 1,178 m round them; near_02 does the same, and is called completed",
	"track_sparse/same_14.gpx.gz": "begins 90 m from the start; hill_loop/same_06 does so, and is called not completed",
}

// TestLabels compares the verdicts with what people say, where recorded runs are
// at hand, and prints how many of each group are right.
func TestLabels(t *testing.T) {
	courses := map[string]*judge.Course{}
	groups := map[string]*tally{}
	var order []string
	for _, l := range labels(t) {
		if courses[l.group] == nil {
			courses[l.group] = courseOf(t, readRecorded(t, filepath.Join(recordedTracks, l.group, "course.gpx.gz")).points)
			groups[l.group], order = &tally{}, append(order, l.group)
		}
		r := readRecorded(t, filepath.Join(recordedTracks, l.file))
		v, err := courses[l.group].Judge(t.Context(), r.fixes, r.known...)
		if err != nil {
			t.Fatal(err)
		}
		g := groups[l.group]
		if slices.Contains(v.Reasons, judge.ImplausibleMovement) {
			g.implausible++
			t.Errorf("%s is called implausible", l.file)
		}
		switch done := v.Status == judge.Completed; {
		case done == l.completed:
			g.right++
			continue
		case done:
			g.passed++
		default:
			g.refused++
		}
		if disputed[l.file] == "" {
			t.Errorf("%s: %s %v, covered %.1f %%, match %.1f %%, missed %v (%s)", l.file, v.Status, v.Reasons, v.CoveragePercent, v.RouteMatchPercent, v.Missed, l.note)
		}
	}
	all := tally{}
	print := func(name string, g tally) {
		t.Logf("%-16s %3d right, %2d passed wrongly, %2d refused wrongly, %2d implausible", name, g.right, g.passed, g.refused, g.implausible)
	}
	for _, name := range order {
		g := *groups[name]
		print(name, g)
		all = tally{all.right + g.right, all.passed + g.passed, all.refused + g.refused, all.implausible + g.implausible}
	}
	print("all", all)
}
