package app

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

var errNoPlaces = fault.New(fault.NotFound, "track_not_found", "the run was recorded without any place: it has no track")

// writtenFix is what a fix takes at most in a track, as it is written to a file, and
// as that file is sent or compressed.
const writtenFix = 1 << 10

// Track returns what was recorded of a run, in its parts. It, and the file that it is
// written to, are within the budget until release is called. Faults: run_not_found,
// track_not_found for a run indoors, server_busy.
func (r *Runs) Track(ctx context.Context, uid id.User, rid id.Record) (t ports.Track, release func(), err error) {
	rec, err := r.Record(ctx, uid, rid)
	if err != nil {
		return t, nil, err
	}
	if rec.Indoor {
		return t, nil, errNoPlaces
	}
	fixes, release, err := fixesFor(ctx, r.store, r.budget, rec, func(fixes int) int64 { return writtenFix * int64(fixes) })
	if err != nil {
		return t, nil, err
	}
	return trackOf(rec, fixes), release, nil
}

// trackOf returns the track of a record with its usable fixes.
func trackOf(rec run.Record, fixes []run.Fix) ports.Track {
	t := ports.Track{Name: rec.Title, Sport: sportOf(rec.Activity), Kilocalories: rec.Calories, Totals: ports.DeviceTotals{
		TimerSeconds: float64(rec.DurationSeconds), ElapsedSeconds: float64(rec.TotalElapsedSeconds), DistanceMeters: float64(rec.DistanceMeters),
		AscentMeters: float64(rec.ElevationGainMeters), AvgHeartRate: known(rec.AvgHeartRate), MaxHeartRate: known(rec.MaxHeartRate),
	}}
	if t.Name == "" {
		t.Name = "Run of " + rec.StartedAt.Format(time.DateOnly)
	}
	meters := 0.0
	for _, part := range rec.Parts(fixes) {
		out := make([]ports.TrackFix, len(part))
		for i, f := range part {
			if i > 0 {
				meters += geo.Distance(part[i-1].Point, f.Point)
			}
			out[i] = ports.TrackFix{
				Point: f.Point, Timestamp: f.Timestamp, HasPlace: true, HasTime: true, Altitude: f.Altitude, Accuracy: f.Accuracy,
				HeartRate: f.HeartRate, Cadence: f.Cadence, Speed: f.Speed, Distance: meters,
			}
		}
		t.Parts = append(t.Parts, ports.TrackPart{Fixes: out})
	}
	return t
}

// sportOf is the other way round than activityOf.
func sportOf(a run.Activity) ports.Sport {
	switch a {
	case run.Walking:
		return ports.SportWalk
	case run.Hiking:
		return ports.SportHike
	}
	return ports.SportRun
}

// known is a total, 0 for one that is not known.
func known(v *int) float64 {
	if v == nil {
		return 0
	}
	return float64(*v)
}

// Track returns a course's line with its turns; its points have no times. Faults:
// course_not_found, server_busy.
func (c *Courses) Track(ctx context.Context, viewer id.User, cid id.Course) (ports.Track, error) {
	found, err := c.whole(ctx, viewer, cid)
	if err != nil {
		return ports.Track{}, err
	}
	sections, err := c.sections(ctx, cid, func() (*judge.Course, error) { return c.prepared.of(ctx, found) })
	if err != nil {
		return ports.Track{}, err
	}
	along := found.Route.Way().Along
	fixes := make([]ports.TrackFix, found.Route.Len())
	for i := range fixes {
		fixes[i] = ports.TrackFix{
			Point: found.Route.At(i), HasPlace: true, Altitude: found.AltitudeAt(along[i]), Accuracy: run.Absent,
			HeartRate: run.Absent, Cadence: run.Absent, Speed: run.Absent, Distance: along[i],
		}
	}
	return ports.Track{
		Name: found.Title, Sport: ports.SportRun, Parts: []ports.TrackPart{{Fixes: fixes}}, Planned: true, MadeAt: found.CreatedAt, Turns: course.Turns(found.Route, sections),
		Totals: ports.DeviceTotals{TimerSeconds: known(found.EstimatedDurationSeconds), DistanceMeters: along[len(along)-1], AscentMeters: float64(found.ElevationGainMeters)},
	}, nil
}
