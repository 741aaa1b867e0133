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

// cutSlackMeters is what a shortened line is longer than MinLengthMeters at least:
// its ends lie between vertices, which is exact to millimetres, and what is left must
// still be a course.
const cutSlackMeters = 1

// Orphan returns a public course as it stays when its maker has left: open to all, on
// a line without its ends. It belongs to nobody, does not name the run that it was
// made of, and says nothing that names the maker or leads to anybody. The estimated
// duration was the maker's own time, so it goes. The thumbnail shows the whole line,
// so it goes until it is drawn again. What was run on it is judged again, so that all
// times are of one line.
func (c Course) Orphan(maker user.Names, now time.Time) (Course, error) {
	c, err := c.cut(now)
	if err != nil {
		return Course{}, err
	}
	c.DistanceMeters = int(c.Route.LengthMeters() + 0.5)
	return c.unnamed(maker), nil
}

// Retire returns a course as it stays when its maker gives it up, and it is not open
// to all any more: as Orphan leaves it, and in no list, search or map. Its board is
// closed: what was run stays as it was judged, on the line as it was, so the length
// stays as well, by which paces are counted.
func (c Course) Retire(maker user.Names, now time.Time) (Course, error) {
	c, err := c.cut(now)
	if err != nil {
		return Course{}, err
	}
	c.IsPublic, c.Retired = false, true
	return c.unnamed(maker), nil
}

// cut takes PrivacyMeters off either end of the line, or as much as leaves
// MinLengthMeters, and with them what is counted along it.
func (c Course) cut(now time.Time) (Course, error) {
	length := c.Route.LengthMeters()
	end := min(PrivacyMeters, (length-MinLengthMeters-cutSlackMeters)/2)
	if end > 0 {
		route, err := geo.NewLine(slices.Compact(c.Route.Between(end, length-end)))
		if err != nil {
			return Course{}, fmt.Errorf("a line of %f m without its ends: %w", length, err)
		}
		c.Route = route
		c.ElevationProfile = run.Stretch(c.ElevationProfile, end)
		c.ElevationGainMeters = run.ClimbOf(c.ElevationProfile).GainMeters
	}
	// A line is known by its time of change, which is another one whatever the clock says.
	if !now.After(c.UpdatedAt) {
		now = c.UpdatedAt.Add(time.Microsecond)
	}
	c.ThumbnailDrawn, c.UpdatedAt = false, now
	return c, nil
}

// unnamed takes away what says who made the course.
func (c Course) unnamed(maker user.Names) Course {
	c.CreatorID, c.RunRecordID, c.EstimatedDurationSeconds = id.User{}, id.Record{}, nil
	if maker.In(c.Title) {
		c.Title = fmt.Sprintf("Course of %.1f km", float64(c.DistanceMeters)/1000)
	}
	if maker.In(c.Description) {
		c.Description = ""
	}
	c.Tags = slices.DeleteFunc(slices.Clone(c.Tags), maker.In)
	return c
}
