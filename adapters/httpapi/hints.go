package httpapi

import "github.com/runvs/runvs/app"

// NewCourse is a course just made, with what its creator may want to know.
type NewCourse struct {
	Course
	Hints CourseHints `json:"hints"`
}

// CourseHints refuse nothing: the course is made.
type CourseHints struct {
	OverlapPercent float64       `json:"overlap_percent" doc:"How much of the course lies along itself: near 50 for a way out and back"`
	Alike          []AlikeCourse `json:"alike" nullable:"false" doc:"Public courses that go the same way, the most alike first: perhaps this course exists already"`
}

// AlikeCourse is a course that goes nearly the same way.
type AlikeCourse struct {
	ID          string  `json:"id" format:"uuid"`
	Title       string  `json:"title"`
	ApartMeters float64 `json:"apart_meters" doc:"Fréchet distance of the two routes"`
}

func (l links) newCourseOf(v app.CourseView, geometry string) NewCourse {
	return NewCourse{Course: l.courseOf(v, geometry), Hints: CourseHints{
		OverlapPercent: v.Hints.OverlapPercent,
		Alike: each(v.Hints.Alike, func(a app.Alike) AlikeCourse {
			return AlikeCourse{ID: a.ID.String(), Title: a.Title, ApartMeters: a.ApartMeters}
		}),
	}}
}
