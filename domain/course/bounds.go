package course

import (
	"fmt"
	"math"
	"time"

	"github.com/runvs/runvs/domain/bound"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
)

// The physical bounds of a course. Every line within them is prepared, judged and
// drawn in milliseconds.
const (
	// MinLengthMeters is the least that is a course and no spot.
	MinLengthMeters = 100
	// MaxLengthMeters is the longest course: no race that is run along one line
	// without a night's rest is longer, and a longer line is a drawing.
	MaxLengthMeters = 500_000
	// MaxVertices is 25 m from one vertex to the next on the longest course.
	MaxVertices = 20_000
	// MaxLegMeters is the longest way between two vertices: longer ones are flights,
	// or places from which nothing was recorded.
	MaxLegMeters = 20_000
	// MaxLatitude keeps courses 11 km away from the poles, where degrees no longer say
	// which way somebody goes.
	MaxLatitude = 89.9
	// MaxPasses is how often a course may come through one place of PassMeters. Laps of
	// one line are not counted. A hill that is run up and down all morning stays under
	// it; a scribble does not.
	MaxPasses = 40
)

// Quotas of one creator.
const (
	// MaxCourses is what one person may have: one for every day of three years.
	MaxCourses = 1_000
	// MaxRecentCourses is how many courses one person may make within a QuotaPeriod.
	// Courses that were deleted again count. Bringing a large collection takes days.
	MaxRecentCourses = 50
	QuotaPeriod      = 24 * time.Hour
)

// The answers for a line that is no course, each with its value and limit.
var (
	ErrTooShort        = fault.New(fault.Invalid, "course_too_short", "a course needs at least %d m and 2 distinct points", MinLengthMeters)
	ErrTooLong         = fault.New(fault.Invalid, "course_too_long", "a course has at most %d km", MaxLengthMeters/1000)
	ErrTooManyVertices = fault.New(fault.Invalid, "course_too_many_vertices", "a course has at most %d vertices; thin the line", MaxVertices)
	ErrLegTooLong      = fault.New(fault.Invalid, "course_leg_too_long", "two neighbouring vertices of a course are at most %d km apart", MaxLegMeters/1000)
	ErrAtPole          = fault.New(fault.Invalid, "course_at_pole", "a course stays within %v° of latitude", MaxLatitude)
	ErrScribble        = fault.New(fault.Invalid, "course_scribble", "the line comes through one place over %d times without being laps of one line; crop what was recorded there", MaxPasses)
	ErrUnusable        = fault.New(fault.Invalid, "course_unusable", "the course cannot be completed, not even by the run that it was made from; crop the stretch that is named")
	ErrTooMany         = fault.New(fault.Conflict, "too_many_courses", "a person has at most %d courses; delete some", MaxCourses)
	ErrQuotaExceeded   = fault.New(fault.RateLimited, "course_quota_exceeded", "a person makes at most %d courses within 24 hours", MaxRecentCourses)
)

// ErrSetAside answers for a stored course that breaks a bound of today. It can be
// read, but it is not prepared, so no run can be judged on it.
var ErrSetAside = fault.New(fault.Conflict, "course_set_aside", "this course was made before today's bounds and breaks one of them; it can be read, and not be run")

// bounded adds to a fault what was found and what is allowed.
func bounded(e *fault.Error, value, limit float64) *fault.Error {
	return e.With("value", math.Round(value)).With("limit", limit)
}

// CheckVertices says whether a line may have so many vertices, before it is made.
// Fault: course_too_many_vertices.
func CheckVertices(n int) error {
	if n > MaxVertices {
		return bounded(ErrTooManyVertices, float64(n), MaxVertices)
	}
	return nil
}

// CheckLine measures a line and says which bound of a course it breaks, if any.
// It takes time in proportion to vertices and length, at most some 30 ms.
// Faults: course_too_short, course_too_long, course_too_many_vertices,
// course_leg_too_long, course_at_pole, course_scribble.
func CheckLine(l geo.Line) (lengthMeters float64, err error) {
	if l.Len() < 2 {
		return 0, ErrTooShort
	}
	if err := CheckVertices(l.Len()); err != nil {
		return 0, err
	}
	for i := range l.Len() {
		if lat := l.At(i).Lat(); math.Abs(lat) > MaxLatitude {
			return 0, ErrAtPole.With("value", lat).With("limit", MaxLatitude).With("vertex", i)
		}
	}
	for i := 1; i < l.Len(); i++ {
		d := geo.Distance(l.At(i-1), l.At(i))
		if d > MaxLegMeters {
			return 0, bounded(ErrLegTooLong, d, MaxLegMeters).With("vertex", i)
		}
		lengthMeters += d
	}
	switch {
	case lengthMeters < MinLengthMeters:
		return 0, bounded(ErrTooShort, lengthMeters, MinLengthMeters)
	case lengthMeters > MaxLengthMeters:
		return 0, bounded(ErrTooLong, lengthMeters, MaxLengthMeters)
	}
	if at, passes := scribble(l); passes > MaxPasses {
		return 0, bounded(ErrScribble, passes, MaxPasses).With("at_meters", math.Round(at))
	}
	return lengthMeters, nil
}

// CheckQuota says whether somebody who has made so many courses, and so many
// within QuotaPeriod, may make one more. Faults: too_many_courses,
// course_quota_exceeded.
func CheckQuota(all, recent int) error {
	switch {
	case all >= MaxCourses:
		return bounded(ErrTooMany, float64(all), MaxCourses)
	case recent >= MaxRecentCourses:
		return bounded(ErrQuotaExceeded, float64(recent), MaxRecentCourses).With("retry_after", int(time.Hour/time.Second))
	}
	return nil
}

// Check says which bound of today a stored course breaks, if any. Fault:
// course_set_aside, with the code, value and limit of the bound.
func (c Course) Check() error {
	_, err := CheckLine(c.Route)
	if f := fault.As(err); f != nil {
		set := ErrSetAside.With("bound", f.Code)
		for name, value := range f.Details {
			set = set.With(name, value)
		}
		return set
	}
	return err
}

// Bounds lists the bounds of courses for people.
func Bounds() []bound.Bound {
	return []bound.Bound{
		{Name: "a course", Limit: MaxLengthMeters / 1000, Unit: "km", Code: ErrTooLong.Code},
		{Name: "a course", Limit: MaxVertices, Unit: "vertices", Code: ErrTooManyVertices.Code},
		{Name: "a leg of a course", Limit: MaxLegMeters / 1000, Unit: "km", Code: ErrLegTooLong.Code},
		{Name: "a course", Limit: MaxLatitude, Unit: "degrees of latitude, north or south", Code: ErrAtPole.Code},
		{Name: "a course", Limit: MaxPasses, Unit: fmt.Sprintf("passes of one place of %d m but for laps", PassMeters), Code: ErrScribble.Code},
		{Name: "courses of a person", Limit: MaxCourses, Code: ErrTooMany.Code},
		{Name: "courses of a person within 24 hours", Limit: MaxRecentCourses, Code: ErrQuotaExceeded.Code},
	}
}
