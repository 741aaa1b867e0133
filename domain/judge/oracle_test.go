package judge_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// The oracle is the judge's question in its plainest form: of places of the
// course, 10 m apart, and places of the run, 5 m apart, the longest list of pairs
// in which both go forwards and the two of each are within the threshold. It looks
// at every pair, and knows nothing of time.
const (
	oracleCourseMeters = 10
	oracleRunMeters    = 5
)

// oracle is what the whole table says of a run.
type oracle struct {
	course, run []geo.Vector
	pairs       [][2]int // ascending in both
}

// evenly returns places of a path so many metres apart, and where they are.
func evenly(points []geo.Point, every float64) []geo.Vector {
	var out []geo.Vector
	next, along := 0.0, 0.0
	for i := 1; i < len(points); i++ {
		a, b := points[i-1].Vector(), points[i].Vector()
		d := b.Sub(a).Norm()
		for ; next <= along+d && d > 0; next += every {
			t := (next - along) / d
			out = append(out, geo.Vector{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y), Z: a.Z + t*(b.Z-a.Z)})
		}
		along += d
	}
	return out
}

func askOracle(course []geo.Point, sections []judge.Section, run []geo.Point) oracle {
	o := oracle{course: evenly(course, oracleCourseMeters), run: evenly(run, oracleRunMeters)}
	rules := judge.CurrentRules()
	n, m := len(o.course), len(o.run)
	longest := make([]int32, (n+1)*(m+1)) // of the places before j and i
	for j := range n {
		limit := rules.Straight.DeviateMeters
		for _, s := range sections {
			if p := float64(j * oracleCourseMeters); s.FromMeters <= p && p <= s.ToMeters {
				limit = rules.Curve.DeviateMeters
			}
		}
		for i := range m {
			at := (j+1)*(m+1) + i + 1
			longest[at] = max(longest[at-1], longest[at-m-1])
			if d := o.course[j].Sub(o.run[i]); d.Dot(d) <= limit*limit {
				longest[at] = max(longest[at], longest[j*(m+1)+i]+1)
			}
		}
	}
	for j, i := n, m; j > 0 && i > 0; {
		at := j*(m+1) + i
		switch longest[at] {
		case longest[at-1]:
			i--
		case longest[at-m-1]:
			j--
		default:
			j, i = j-1, i-1
			o.pairs = append(o.pairs, [2]int{j, i})
		}
	}
	for a, b := 0, len(o.pairs)-1; a < b; a, b = a+1, b-1 {
		o.pairs[a], o.pairs[b] = o.pairs[b], o.pairs[a]
	}
	return o
}

// coverage is the share of the course that the run explains, in percent.
func (o oracle) coverage() float64 { return 100 * float64(len(o.pairs)) / float64(len(o.course)) }

// completed is the verdict that the table gives: the ends within the threshold,
// four fifths covered, no shortcut.
func (o oracle) completed() bool {
	if len(o.pairs) == 0 || o.pairs[0][0] > 5 || o.pairs[len(o.pairs)-1][0] < len(o.course)-6 || o.coverage() < 80 {
		return false
	}
	for k := 1; k < len(o.pairs); k++ {
		hole := float64((o.pairs[k][0] - o.pairs[k-1][0] - 1) * oracleCourseMeters)
		ran := float64((o.pairs[k][1] - o.pairs[k-1][1]) * oracleRunMeters)
		if hole > 100 && ran < 0.9*hole {
			return false
		}
	}
	return true
}

// TestOracleOnLabels says how the plain table agrees with people. It takes minutes, so
// it is asked for with RUNVS_ORACLE=1.
func TestOracleOnLabels(t *testing.T) {
	if os.Getenv("RUNVS_ORACLE") == "" {
		t.Skip("takes minutes; RUNVS_ORACLE=1 asks for it")
	}
	right := 0
	all := labels(t)
	for _, l := range all {
		course := readRecorded(t, filepath.Join(recordedTracks, l.group, "course.gpx.gz")).points
		r := readRecorded(t, filepath.Join(recordedTracks, l.file))
		o := askOracle(course, courseOf(t, course).Sections(), r.points)
		if o.completed() == l.completed {
			right++
			continue
		}
		t.Logf("%s: %v, want %v, covered %.1f (%s)", l.file, o.completed(), l.completed, o.coverage(), l.note)
	}
	t.Logf("%d right of %d", right, len(all))
}

// loops draws a small course: legs with corners, run once, in laps, or there and
// back, so that it lies on itself.
func loops(t *rapid.T) []geo.Point {
	plane := geo.NewPlane(geo.MustPoint(rapid.Float64Range(-80, 80).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng")))
	var lap [][2]float64
	x, y, heading := 0.0, 0.0, 0.0
	for range rapid.IntRange(2, 5).Draw(t, "legs") {
		lap = append(lap, [2]float64{x, y})
		d := rapid.Float64Range(150, 500).Draw(t, "metres")
		heading += rapid.Float64Range(0.8, 2.2).Draw(t, "turn")
		x, y = x+d*math.Cos(heading), y+d*math.Sin(heading)
	}
	lap = append(lap, [2]float64{x, y})
	var out []geo.Point
	for range rapid.IntRange(1, 3).Draw(t, "laps") {
		for _, p := range lap {
			out = append(out, plane.Unproject(p[0], p[1]))
		}
	}
	if rapid.Bool().Draw(t, "and back") {
		for i := len(out) - 2; i >= 0; i-- {
			out = append(out, out[i])
		}
	}
	return out
}

// ran is a run over places at 3 m/s, with noise that wanders.
func ran(places []geo.Point, every, noise float64, seed uint64) []judge.Fix {
	var fixes []judge.Fix
	for i, v := range evenly(places, 3*every) {
		fixes = append(fixes, judge.Fix{Point: v.Point(), Timestamp: 1_777_600_000_000 + int64(float64(i)*every*1000), AccuracyMeters: math.NaN()})
	}
	return shaken(fixes, noise, seed)
}

func pointsOf(fixes []judge.Fix) (out []geo.Point) {
	for _, f := range fixes {
		out = append(out, f.Point)
	}
	return out
}

// The judge covers all that was run, and nothing that the whole table does not.
func TestCoverageIsThatOfTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		course := loops(t)
		line, err := geo.NewLine(course)
		if err != nil {
			t.Fatal(err)
		}
		c := judge.Prepare(line, judge.CurrentRules())
		places := evenly(course, 10)
		from := rapid.IntRange(0, len(places)/2).Draw(t, "from") * rapid.IntRange(0, 1).Draw(t, "late")
		to := len(places) - rapid.IntRange(0, len(places)/3).Draw(t, "short")*rapid.IntRange(0, 1).Draw(t, "early")
		var way []geo.Point
		for _, v := range places[from:to] {
			way = append(way, v.Point())
		}
		if len(way) < 20 {
			t.Skip("hardly a run")
		}
		fixes := ran(way, rapid.SampledFrom([]float64{1, 2, 5}).Draw(t, "every"), rapid.Float64Range(0, 4).Draw(t, "noise"), rapid.Uint64().Draw(t, "seed"))
		v, err := c.Judge(context.Background(), fixes)
		if err != nil {
			t.Fatal(err)
		}
		o := askOracle(course, c.Sections(), pointsOf(fixes))
		// The table gains up to a threshold wherever the run turns, for it may take one
		// place for the next; the judge asks that it was run. And it adds what is missing
		// at the ends.
		added := 100 * 2 * 90 / c.LengthMeters()
		truth := 100 * 10 * float64(to-from) / c.LengthMeters()
		if from > 0 { // a reading that passes the start comes before one that does not
			truth -= 100 * judge.CurrentRules().Reading.LateShare
		}
		if v.CoveragePercent > o.coverage()+2+added || v.CoveragePercent < truth-2-added/2 {
			t.Fatalf("covered %.1f %%, run %.1f %%, the table %.1f %% of %.0f m; missed %v", v.CoveragePercent, truth, o.coverage(), c.LengthMeters(), v.Missed)
		}
		if from == 0 && to == len(places) && v.Status != judge.Completed {
			t.Fatalf("the whole course: %s %v", v.Status, v.Reasons)
		}
	})
}

// Who skips both ends is not timed better than who runs them.
func TestSkippingTheEndsNeverPays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		course := loops(t)
		line, err := geo.NewLine(course)
		if err != nil {
			t.Fatal(err)
		}
		c := judge.Prepare(line, judge.CurrentRules())
		fixes := ran(course, 1, 0, 0)
		whole, err := c.Judge(context.Background(), fixes)
		if err != nil || whole.Status != judge.Completed {
			t.Skip("a course that comes by its own ends")
		}
		skip := rapid.IntRange(0, 16).Draw(t, "seconds at the start")
		stop := rapid.IntRange(0, 16).Draw(t, "seconds at the finish")
		v, err := c.Judge(context.Background(), fixes[skip:len(fixes)-stop])
		if err != nil {
			t.Fatal(err)
		}
		if v.Status == judge.Completed && v.FinishGateAt.Sub(*v.StartGateAt) < whole.FinishGateAt.Sub(*whole.StartGateAt)-2*time.Second {
			t.Fatalf("%v, the whole course %v", v.FinishGateAt.Sub(*v.StartGateAt), whole.FinishGateAt.Sub(*whole.StartGateAt))
		}
	})
}
