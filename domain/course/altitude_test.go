package course_test

import (
	"math"
	"testing"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/run"
)

func TestTheAltitudeAlongACourse(t *testing.T) {
	c := course.Course{ElevationProfile: []run.ProfileSample{{DistanceMeters: 10, AltitudeMeters: 100}, {DistanceMeters: 20, AltitudeMeters: 104}, {DistanceMeters: 40, AltitudeMeters: 100}}}
	for meters, want := range map[float64]float64{0: 100, 10: 100, 15: 102, 20: 104, 35: 101, 40: 100, 99: 100} {
		if got := c.AltitudeAt(meters); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v m at %v, want %v", got, meters, want)
		}
	}
	if got := (course.Course{}).AltitudeAt(5); run.Has(got) {
		t.Errorf("%v m without a profile", got)
	}
}
