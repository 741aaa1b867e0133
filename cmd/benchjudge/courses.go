package main

import (
	"math"
	"math/rand/v2"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// work is a course with a run of it.
type work struct {
	name  string
	line  geo.Line
	fixes []judge.Fix
}

const (
	startTime = 1_777_620_600_000 // Unix milliseconds
	runnerMS  = 3.0               // metres a second
	noise     = 3.0               // metres, in either direction
)

var origin = geo.MustPoint(37.52, 126.99)

// works are the sizes that the goals are set for.
func works() []work {
	return []work{
		winding("5 km, 500 × 1,800", 5_000, 500, 1_800),
		winding("marathon, 4,200 × 14,400", 42_195, 4_200, 14_400),
		winding("100 km, 20,000 × 40,000", 100_000, 20_000, 40_000),
		outAndBack("10 km out and back, 1,000 × 3,400", 1000, 3400),
		laps("100 laps of 400 m", 100),
	}
}

// winding is a course through a town that does not come back to itself.
func winding(name string, meters float64, vertices, fixes int) work {
	r := rand.New(rand.NewPCG(7, 7)) // repeatable
	plane := geo.NewPlane(origin)
	step := meters / float64(vertices-1)
	x, y, heading := 0.0, 0.0, 0.0
	places := make([]geo.Point, vertices)
	for i := range places {
		places[i] = plane.Unproject(x, y)
		heading = 0.97*heading + 0.12*r.NormFloat64() // half a radian to either side, most of the time
		x, y = x+step*math.Cos(heading), y+step*math.Sin(heading)
	}
	return run(name, places, fixes, r)
}

// outAndBack is a course that turns in the middle and comes back on itself.
func outAndBack(name string, vertices, fixes int) work {
	half := winding("", 5_000, vertices/2, 2).line.Points()
	places := append([]geo.Point{}, half...)
	for i := len(half) - 2; i >= 0; i-- {
		places = append(places, half[i])
	}
	return run(name, places, fixes, rand.New(rand.NewPCG(9, 9))) // repeatable
}

// laps is a course that lies on itself: a running track, n times round, with a
// fix a second.
func laps(name string, n int) work {
	r := rand.New(rand.NewPCG(8, 8)) // repeatable
	plane := geo.NewPlane(origin)
	const straight, radius, bend = 84.39, 36.5, 24 // metres, metres, vertices a bend
	var places []geo.Point
	for range n {
		for side := range 2 {
			sign := 1 - 2*float64(side)
			for k := range bend {
				a := math.Pi * float64(k) / bend
				places = append(places, plane.Unproject(sign*(straight/2+radius*math.Sin(a)), -sign*radius*math.Cos(a)))
			}
		}
	}
	places = append(places, places[0])
	return run(name, places, int(400*float64(n)/runnerMS), r)
}

// run goes along places at an even pace, with the noise of a receiver.
func run(name string, places []geo.Point, fixes int, r *rand.Rand) work {
	line, err := geo.NewLine(places)
	if err != nil {
		panic(err) // constants above
	}
	along := make([]float64, len(places)) // metres from the start
	for i := 1; i < len(places); i++ {
		along[i] = along[i-1] + geo.Distance(places[i-1], places[i])
	}
	out := make([]judge.Fix, fixes)
	leg := 1
	for i := range out {
		at := float64(i) / float64(fixes-1) * along[len(along)-1]
		for leg+1 < len(places) && along[leg] < at {
			leg++
		}
		p := places[leg-1].Interpolate(places[leg], min(1, (at-along[leg-1])/(along[leg]-along[leg-1])))
		out[i] = judge.Fix{
			Point:     geo.NewPlane(p).Unproject(noise*r.NormFloat64(), noise*r.NormFloat64()),
			Timestamp: startTime + int64(1000*at/runnerMS), AccuracyMeters: 5,
		}
	}
	return work{name, line, out}
}
