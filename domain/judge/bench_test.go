package judge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/runvs/runvs/domain/geo"
)

// winding is a course of so many metres and vertices through a hilly town, with
// a run of it: noisy fixes, evenly spread.
func winding(meters float64, vertices, fixes int) (geo.Line, []Fix) {
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // repeatable
	pl := geo.NewPlane(origin)
	step := meters / float64(vertices-1)
	x, y, heading := 0.0, 0.0, 0.0
	places := make([]geo.Point, vertices)
	for i := range places {
		places[i] = pl.Unproject(x, y)
		heading = 0.97*heading + 0.12*r.NormFloat64() // half a radian to either side, most of the time
		x, y = x+step*math.Cos(heading), y+step*math.Sin(heading)
	}
	line, err := geo.NewLine(places)
	if err != nil {
		panic(err)
	}
	out := make([]Fix, fixes)
	for i := range out {
		at := float64(i) / float64(fixes-1) * float64(vertices-1)
		k := min(int(at), vertices-2)
		p := places[k].Interpolate(places[k+1], at-float64(k))
		noise := geo.NewPlane(p)
		out[i] = Fix{Point: noise.Unproject(4*r.NormFloat64(), 4*r.NormFloat64()), Timestamp: startTime + int64(float64(i)*1000*meters/3/float64(fixes)), AccuracyMeters: 5}
	}
	return line, out
}

// laps is a course of 100 laps of a track with a run of it.
func hundredLaps() (geo.Line, []Fix) {
	line, err := geo.NewLine(times(100, track400))
	if err != nil {
		panic(err)
	}
	return line, noisy(3, times(100, track400)...)
}

var sizes = []struct {
	name            string
	meters          float64
	vertices, fixes int
}{
	{"5km", 5000, 500, 1800}, {"marathon", 42195, 4200, 14400}, {"100km", 100_000, 20_000, 40_000},
}

func BenchmarkJudge(b *testing.B) {
	bench := func(name string, line geo.Line, fixes []Fix) {
		course := NewCourse(line, CurrentRules())
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				course.Judge(fixes, false)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(fixes)), "ns/fix")
		})
	}
	for _, s := range sizes {
		line, fixes := winding(s.meters, s.vertices, s.fixes)
		bench(s.name, line, fixes)
	}
	line, fixes := hundredLaps()
	bench("100laps", line, fixes)
}

// BenchmarkBruteForce is the distance of every fix to every piece: what the
// judge is measured beside.
func BenchmarkBruteForce(b *testing.B) {
	for _, s := range sizes[:2] {
		line, fixes := winding(s.meters, s.vertices, s.fixes)
		course := NewCourse(line, CurrentRules())
		b.Run(s.name, func(b *testing.B) {
			sum := 0.0
			for b.Loop() {
				for _, f := range fixes {
					v, best := f.Point.Vector(), math.Inf(1)
					for i := 1; i < len(course.at); i++ {
						d, _ := geo.SegmentDistance(v, course.at[i-1], course.at[i])
						best = min(best, d)
					}
					sum += best
				}
			}
			if math.IsNaN(sum) {
				b.Fatal(sum)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(fixes)), "ns/fix")
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	for _, s := range sizes {
		line, _ := winding(s.meters, s.vertices, 2)
		b.Run(fmt.Sprint(s.name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewCourse(line, CurrentRules())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(s.vertices), "ns/vertex")
		})
	}
}
