package judge_test

import (
	"path/filepath"
	"testing"

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
	within := func(j, i int) bool {
		limit := rules.Straight.DeviateMeters
		for _, s := range sections {
			if p := float64(j * oracleCourseMeters); s.FromMeters <= p && p <= s.ToMeters {
				limit = rules.Curve.DeviateMeters
			}
		}
		d := o.course[j].Sub(o.run[i])
		return d.Dot(d) <= limit*limit
	}
	near := make([]bool, n*m)
	longest := make([]int32, (n+1)*(m+1)) // of the places before j and i
	for j := range n {
		for i := range m {
			at := (j+1)*(m+1) + i + 1
			longest[at] = max(longest[at-1], longest[at-m-1-1+1])
			if near[j*m+i] = within(j, i); near[j*m+i] {
				longest[at] = max(longest[at], longest[j*(m+1)+i]+1)
			}
		}
	}
	for j, i := n, m; j > 0 && i > 0; {
		at := j*(m+1) + i
		switch {
		case longest[at] == longest[at-1]:
			i--
		case longest[at] == longest[at-m-1]:
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

func TestOracleOnLabels(t *testing.T) {
	right, wrong := 0, 0
	for _, l := range labels(t) {
		course := readRecorded(t, filepath.Join(recordedTracks, l.group, "course.gpx.gz")).points
		r := readRecorded(t, filepath.Join(recordedTracks, l.file))
		o := askOracle(course, courseOf(t, course).Sections(), r.points)
		if o.completed() == l.completed {
			right++
			continue
		}
		wrong++
		t.Logf("%s: %v, want %v, covered %.1f, from %d to %d of %d (%s)", l.file, o.completed(), l.completed, o.coverage(), o.pairs[0][0], o.pairs[len(o.pairs)-1][0], len(o.course), l.note)
	}
	t.Logf("%d right, %d wrong", right, wrong)
}
