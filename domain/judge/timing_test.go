package judge_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// resampled keeps a fix every so many seconds, and the last one.
func resampled(fixes []judge.Fix, seconds float64) []judge.Fix {
	out := fixes[:1:1]
	for _, f := range fixes[1:] {
		if float64(f.Timestamp-out[len(out)-1].Timestamp) >= 1000*seconds-100 {
			out = append(out, f)
		}
	}
	if last := fixes[len(fixes)-1]; out[len(out)-1].Timestamp != last.Timestamp {
		out = append(out, last)
	}
	return out
}

// shaken moves fixes by noise that is correlated over some ten seconds.
func shaken(fixes []judge.Fix, meters float64, seed uint64) []judge.Fix {
	rng := rand.New(rand.NewPCG(seed, 3))
	out := slices.Clone(fixes)
	var drift [2]float64
	for k := range drift {
		drift[k] = meters * rng.NormFloat64()
	}
	for i := range out {
		if i > 0 {
			keep := math.Exp(-float64(out[i].Timestamp-out[i-1].Timestamp) / 10_000)
			for k := range drift {
				drift[k] = keep*drift[k] + math.Sqrt(1-keep*keep)*meters*rng.NormFloat64()
			}
		}
		out[i].Point = geo.NewPlane(out[i].Point).Unproject(drift[0], drift[1])
	}
	return out
}

// simplified leaves out the points that lie within so many metres of the rest.
func simplified(points []geo.Point, meters float64) []geo.Point {
	if len(points) < 3 {
		return points
	}
	far, at := 0.0, 0
	a, b := points[0].Vector(), points[len(points)-1].Vector()
	for i := 1; i < len(points)-1; i++ {
		if d, _ := geo.SegmentDistance(points[i].Vector(), a, b); d > far {
			far, at = d, i
		}
	}
	if far <= meters {
		return []geo.Point{points[0], points[len(points)-1]}
	}
	left := simplified(points[:at+1], meters)
	return append(left[:len(left)-1:len(left)-1], simplified(points[at:], meters)...)
}

// TestTimesHold changes how a run was recorded, or the course, and asks for the same
// verdict and time. Noise of 3 m each way, which keeps for ten seconds, moves a crossing
// by a second and more whatever is done.
func TestTimesHold(t *testing.T) {
	type made struct{ whole, simple *judge.Course }
	courses := map[string]made{}
	offs := map[string][]float64{}
	runs, within := 0, 0
	for _, l := range labels(t) {
		if _, ok := courses[l.group]; !ok {
			points := readRecorded(t, filepath.Join(recordedTracks, l.group, "course.gpx.gz")).points
			courses[l.group] = made{courseOf(t, points), courseOf(t, simplified(points, 5))}
		}
		c := courses[l.group]
		r := readRecorded(t, filepath.Join(recordedTracks, l.file))
		was, err := c.whole.Judge(t.Context(), r.fixes)
		if err != nil || was.Status != judge.Completed {
			continue
		}
		seconds := func(v judge.Verdict) float64 { return v.FinishGateAt.Sub(*v.StartGateAt).Seconds() }
		for name, p := range map[string]struct {
			course *judge.Course
			fixes  []judge.Fix
		}{
			"every 2 s": {c.whole, resampled(r.fixes, 2)}, "every 5 s": {c.whole, resampled(r.fixes, 5)},
			"3 m": {c.whole, shaken(r.fixes, 3, 1)}, "other 3 m": {c.whole, shaken(r.fixes, 3, 2)}, "simplified by 5 m": {c.simple, r.fixes},
		} {
			v, err := p.course.Judge(t.Context(), p.fixes)
			if err != nil {
				t.Fatal(err)
			}
			if v.Status != judge.Completed {
				t.Errorf("%s, %s: %s %v, covered %.1f missed %v", l.file, name, v.Status, v.Reasons, v.CoveragePercent, v.Missed)
				continue
			}
			off := math.Abs(seconds(v) - seconds(was))
			offs[name] = append(offs[name], off)
			if runs++; off <= v.TimingUncertaintySeconds {
				within++
			}
		}
	}
	for name, most := range map[string]float64{"every 2 s": 1, "every 5 s": 2.5, "3 m": 3.5, "other 3 m": 3.5, "simplified by 5 m": 2.5} {
		o := offs[name]
		slices.Sort(o)
		t.Logf("%-18s p50 %.2f p90 %.2f max %.2f s of %d", name, o[len(o)/2], o[len(o)*9/10], o[len(o)-1], len(o))
		if p90 := o[len(o)*9/10]; p90 > most {
			t.Errorf("%s: a tenth of the times moves by more than %.2f s, want %g", name, p90, most)
		}
	}
	if share := float64(within) / float64(runs); share < 0.95 {
		t.Errorf("%.1f %% of the times lie within the uncertainty", 100*share)
	}
}
