package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
)

// CourseShape is what is worked out of a course's line once, and kept beside it.
type CourseShape struct {
	CourseID    id.Course
	RuleVersion string          // of the rules that the sections and the corridor follow
	Sections    []judge.Section // in order
	Corridor    CorridorState
}

// CorridorState says whether a course's corridor is in the blob store.
type CorridorState string

// The states of a corridor, as stored.
const (
	CorridorNone  CorridorState = ""      // nobody has asked for it
	CorridorAsked CorridorState = "asked" // a job will draw it
	CorridorDrawn CorridorState = "drawn"
)

// CourseShapes keeps the shapes of courses. A shape goes with its course.
type CourseShapes interface {
	// PutCourseShape stores a shape, or replaces the course's one. Fault:
	// course_not_found.
	PutCourseShape(ctx context.Context, s CourseShape, now time.Time) error
	// CourseShape returns a course's shape; one without any, or no course at all,
	// gives an empty one.
	CourseShape(ctx context.Context, cid id.Course) (CourseShape, error)
}
