package seed

import (
	"math"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/run"
)

// fixEvery is the time between the fixes of a run.
const fixEvery = 5 * time.Second

// hours are how many of a hundred runs begin in each local hour.
var hours = [24]int{0, 0, 0, 0, 1, 5, 12, 11, 6, 4, 3, 3, 3, 2, 2, 2, 3, 5, 10, 12, 9, 5, 2, 0}

// Run makes the chunk of a run along a course within the last 90 days: at a pace
// of its own, with the noise of a receiver. One of twelve stops half way.
func (g *Generator) Run(line geo.Line) (startedAt time.Time, in run.ChunkInput) {
	r := g.random
	meters := line.LengthMeters()
	speed := 2.9 + 0.45*r.NormFloat64()
	speed = math.Max(1.8, math.Min(4.6, speed))
	until := meters + 12
	if r.IntN(12) == 0 {
		until = meters * (0.3 + 0.4*r.Float64())
	}
	startedAt = g.startedAt(line.Start())
	points := line.Points()
	last := len(points) - 1
	plane := geo.NewPlane(points[0])
	seconds := fixEvery.Seconds()
	noiseX, noiseY, leg, legFrom := 0.0, 0.0, 1, 0.0
	in.Type = run.Final
	at, fixes := 0.0, 0
	for ; at <= until; fixes++ {
		for leg < last && legFrom+geo.Distance(points[leg-1], points[leg]) < at {
			legFrom += geo.Distance(points[leg-1], points[leg])
			leg++
		}
		length := math.Max(1, geo.Distance(points[leg-1], points[leg]))
		x, y := plane.Project(points[leg-1])
		toX, toY := plane.Project(points[leg])
		share := (at - legFrom) / length // beyond 1 behind the end: one runs on a little
		noiseX, noiseY = 0.9*noiseX+1.2*r.NormFloat64(), 0.9*noiseY+1.2*r.NormFloat64()
		in.Fixes = append(in.Fixes, run.Fix{
			Point:     plane.Unproject(x+(toX-x)*share+noiseX, y+(toY-y)*share+noiseY),
			Timestamp: startedAt.Add(time.Duration(fixes) * fixEvery).UnixMilli(),
			Altitude:  run.Absent, Accuracy: 3 + 2*r.Float64(), Speed: run.Absent, Heading: run.Absent,
			HeartRate: run.Absent, Cadence: run.Absent,
		})
		at += speed * seconds * (1 + 0.06*r.NormFloat64())
	}
	claim := run.Claim{DistanceMeters: math.Min(at, until), DurationSeconds: float64(fixes-1) * seconds}
	in.Summary, in.Cumulative = claim, claim
	return startedAt, in
}

// startedAt is a time at which people run, by the sun at the place.
func (g *Generator) startedAt(p geo.Point) time.Time {
	dice := g.random.IntN(100)
	hour := 0
	for ; hour < 23 && dice >= hours[hour]; hour++ {
		dice -= hours[hour]
	}
	sun := time.Duration(p.Lng()/15*3600) * time.Second
	day := g.now.Add(-time.Duration(2+g.random.IntN(88)) * 24 * time.Hour).Truncate(24 * time.Hour)
	return day.Add(time.Duration(hour)*time.Hour + time.Duration(g.random.IntN(3600_000))*time.Millisecond - sun)
}
