package course

import (
	"context"
	"math"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// usableFixes is how many fixes CheckUsable makes at most.
const usableFixes = 20_000

// UsableBytes returns what CheckUsable takes at most for a line of so many metres.
func UsableBytes(lengthMeters float64) int64 {
	n := min(usableFixes, int(lengthMeters/usableStrideMeters)+2)
	return judge.JudgeBytes(n) + 32*int64(n) + MaxVertices*32 // a fix, a vertex in space
}

// The runner that CheckUsable sends along a course.
const (
	usableMS = 3 // metres a second
	// usableStrideMeters is from one fix to the next: a runner's in two seconds. On long
	// courses it is longer.
	usableStrideMeters = 6
	// usableNoiseMeters is how far the receiver wanders each way, as a phone's does
	// between houses, once every usableWaves metres.
	usableNoiseMeters = 5
)

var usableWaves = [2]float64{230, 330}

// CheckUsable says whether a course can be completed: by who goes along the line that
// it was made from, and by who does so with the receiver of a phone. Fault:
// course_unusable, with the reason and where it is. The error may be the context's.
func CheckUsable(ctx context.Context, c *judge.Course, made geo.Line) error {
	for _, noise := range [...]float64{0, usableNoiseMeters} {
		v, err := c.Judge(ctx, along(made, noise))
		if err != nil {
			return err
		}
		if v.Status == judge.Completed {
			continue
		}
		e := ErrUnusable.With("reason", string(v.Reasons[0]))
		if len(v.Missed) > 0 {
			e = e.With("from_meters", math.Round(v.Missed[0].FromMeters)).With("to_meters", math.Round(v.Missed[0].ToMeters))
		}
		return e
	}
	return nil
}

// along returns the fixes of who goes along a line.
func along(l geo.Line, noiseMeters float64) []judge.Fix {
	way := l.Way()
	length := way.LengthMeters()
	stride := max(usableStrideMeters, length/(usableFixes-2))
	fixes := make([]judge.Fix, 0, int(length/stride)+2)
	for d := 0.0; ; d += stride {
		d = min(d, length)
		p := way.Place(d).Point()
		if noiseMeters > 0 {
			wave := func(k int) float64 { return math.Sqrt2 * noiseMeters * math.Sin(2*math.Pi*d/usableWaves[k]) }
			p = geo.NewPlane(p).Unproject(wave(0), wave(1))
		}
		fixes = append(fixes, judge.Fix{Point: p, Timestamp: int64(1000 * d / usableMS), AccuracyMeters: math.NaN()})
		if d == length {
			return fixes
		}
	}
}
