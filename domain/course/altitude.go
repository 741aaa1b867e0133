package course

import (
	"sort"

	"github.com/runvs/runvs/domain/run"
)

// AltitudeAt returns the altitude so many metres along the course, in metres, by its
// profile: straight between two samples, beyond the ends that of an end; run.Absent
// without a profile.
func (c Course) AltitudeAt(meters float64) float64 {
	p := c.ElevationProfile
	if len(p) == 0 {
		return run.Absent
	}
	i := sort.Search(len(p), func(k int) bool { return p[k].DistanceMeters >= meters })
	switch {
	case i == 0:
		return p[0].AltitudeMeters
	case i == len(p):
		return p[i-1].AltitudeMeters
	}
	a, b := p[i-1], p[i]
	return a.AltitudeMeters + (meters-a.DistanceMeters)/(b.DistanceMeters-a.DistanceMeters)*(b.AltitudeMeters-a.AltitudeMeters)
}
