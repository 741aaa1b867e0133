package app_test

import (
	"context"
	"slices"
	"testing"

	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// noCourse is a store whose courses are deleted at the last moment.
type noCourse struct{ ports.Store }

func (noCourse) Course(context.Context, id.Course) (course.Course, error) {
	return course.Course{}, course.ErrNotFound
}

// A run's altitudes are compared with the course that it was on, if that is still there.
func TestABrokenAltimeterIsNamedOnACourse(t *testing.T) {
	w := newWorld(t)
	line, err := geo.NewLine([]geo.Point{geo.MustPoint(37.5, 127), geo.MustPoint(37.5, 127+600.0/88_426)})
	noError(t, err)
	flat, err := course.New(course.Input{
		ID: id.New[id.CourseKind](ids{}), CreatorID: w.mina, Title: "600 m", Route: line, IsPublic: true, Tags: []string{},
		ElevationProfile: []run.ProfileSample{{DistanceMeters: 0, AltitudeMeters: 20}, {DistanceMeters: 600, AltitudeMeters: 20}},
	}, morning)
	noError(t, err)
	noError(t, w.store.InsertCourse(t.Context(), flat))
	for name, c := range map[string]struct {
		course id.Course
		gone   bool
		gain   int
		broken bool
	}{
		"no course":              {gain: 177},
		"on the course":          {course: flat.ID, broken: true},
		"the course is gone now": {course: flat.ID, gone: true, gain: 177},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, err := w.Runs.Start(t.Context(), w.mina, app.StartInput{StartedAt: morning, CourseID: c.course})
			noError(t, err)
			in := minute(0, run.Final, 600)
			for i := range in.Fixes {
				in.Fixes[i].Timestamp = morning.UnixMilli() + int64(i)*5000
				in.Fixes[i].Altitude = float64(20 + 3*i)
			}
			chunk, err := run.NewChunk(in)
			noError(t, err)
			_, _, err = w.Runs.AppendChunk(t.Context(), w.mina, s.ID(), chunk)
			noError(t, err)
			runs := w.Runs
			if c.gone {
				runs = w.on(noCourse{w.store}).Runs
			}
			rec, _, err := runs.Complete(t.Context(), w.mina, s.ID(), app.CompleteInput{})
			noError(t, err)
			if rec.ElevationGainMeters != c.gain || slices.Contains(rec.Flags, run.FlagAltimeterBroken) != c.broken {
				t.Errorf("%d m climbed, flags %v", rec.ElevationGainMeters, rec.Flags)
			}
		})
	}
}
