package course

import (
	"fmt"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/user"
)

// PrivacyMeters is how much of a course goes at either end when its maker leaves,
// measured along the line: most people's runs begin and end at home.
const PrivacyMeters = 200

// Orphan returns a course as it stays when its maker has left. It belongs to nobody,
// does not name the run that it was made of, has lost its ends, and says nothing
// that names the maker or leads to anybody. The estimated duration was the maker's
// own time, so it goes. The thumbnail shows the whole line, so it goes until it is
// drawn again. Faults: course_too_short when too little of the line is left.
func (c Course) Orphan(maker user.Names, now time.Time) (Course, error) {
	length := c.Route.LengthMeters()
	if length < 2*PrivacyMeters+MinLengthMeters {
		return Course{}, ErrTooShort.With("distance_meters", max(0, int(length-2*PrivacyMeters)))
	}
	route, err := geo.NewLine(slices.Compact(c.Route.Between(PrivacyMeters, length-PrivacyMeters)))
	if err != nil {
		return Course{}, ErrTooShort.Because(err)
	}
	c.CreatorID, c.RunRecordID, c.EstimatedDurationSeconds, c.ThumbnailDrawn = id.User{}, id.Record{}, nil, false
	c.Route, c.DistanceMeters, c.UpdatedAt = route, int(route.LengthMeters()+0.5), now
	c.ElevationProfile = run.Stretch(c.ElevationProfile, PrivacyMeters)
	c.ElevationGainMeters = run.ClimbOf(c.ElevationProfile).GainMeters
	if maker.In(c.Title) {
		c.Title = fmt.Sprintf("Course of %.1f km", float64(c.DistanceMeters)/1000)
	}
	if maker.In(c.Description) {
		c.Description = ""
	}
	c.Tags = slices.DeleteFunc(slices.Clone(c.Tags), maker.In)
	return c, nil
}

// Retire returns a course as it stays when its maker deletes it and others completed
// it: as Orphan leaves it, and in no list, search or map. Faults: those of Orphan.
func (c Course) Retire(maker user.Names, now time.Time) (Course, error) {
	c, err := c.Orphan(maker, now)
	c.IsPublic, c.Retired = false, err == nil
	return c, err
}
