package ports

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/user"
)

// Courses keeps courses and finds them.
type Courses interface {
	// InsertCourse stores a new course. One that is not course.Access.Whole is refused,
	// here as wherever else it might come about: a private one must be somebody's.
	InsertCourse(ctx context.Context, c course.Course) error
	// InsertCourses stores many new courses in few statements.
	InsertCourses(ctx context.Context, courses []course.Course) error
	// Course returns a whole course, or course.ErrNotFound.
	Course(ctx context.Context, cid id.Course) (course.Course, error)
	// CourseAccess returns what there is to know of a course without its line, or
	// course.ErrNotFound.
	CourseAccess(ctx context.Context, cid id.Course) (CourseAccess, error)
	// CourseLines returns the lines of courses; unknown ids are left out. One query.
	CourseLines(ctx context.Context, ids []id.Course) (map[id.Course]geo.Line, error)
	// LockCourse holds a course's row until the transaction ends, or course.ErrNotFound.
	LockCourse(ctx context.Context, cid id.Course) (course.Course, error)
	// SaveCourse writes creator, title, description, visibility, tags, thumbnail and
	// updated_at.
	SaveCourse(ctx context.Context, c course.Course) error
	// ReplaceRoute writes a course's line, and all that a course has of its line: the
	// run it was made of, start, length, profile, climb, estimated duration and
	// thumbnail; and updated_at. Whatever finds courses by their line finds the new
	// one, and the shape of the old one is gone.
	ReplaceRoute(ctx context.Context, c course.Course) error
	// DeleteCourse removes a course with its board and statistics. Runs and
	// sessions that followed it stay, as free runs: every course field null.
	DeleteCourse(ctx context.Context, cid id.Course) error
	// CompletedByOthers reports whether there is a record of somebody but the maker who
	// completed a course.
	CompletedByOthers(ctx context.Context, cid id.Course, maker id.User) (bool, error)
	// CountCourses returns how many courses somebody has.
	CountCourses(ctx context.Context, creator id.User) (int, error)
	// CountNewCourse counts one more course that somebody makes, and returns how many
	// they have made in their day, with it and with those that are deleted again. A
	// day begins with the first course after the day before.
	CountNewCourse(ctx context.Context, creator id.User, now time.Time, day time.Duration) (int, error)
	// ListCourses returns the courses a query matches, in its order, and how many
	// there are in all; of more than 2,000 it may be the number of 10 seconds ago.
	// With after, the courses behind that key; else the page.
	ListCourses(ctx context.Context, q CourseQuery, page Page, after *CourseKey) ([]CourseSummary, int, error)
	// NearbyCourses returns public courses within the radius, nearest first, then
	// by id. Distances are geodesic, to the start or, with WholeRoute, to the
	// nearest place of the line.
	NearbyCourses(ctx context.Context, q NearbyQuery) ([]NearbyCourse, error)
	// CoursesInBounds returns public courses that start in the box or, with
	// WholeRoute, have a part of their line in it: by course.Prominence, then by id;
	// truncated says that more than the limit matched.
	CoursesInBounds(ctx context.Context, q BoundsQuery) (found []MapCourse, truncated bool, err error)
	// MapTile returns a Mapbox Vector Tile (version 2) of the public courses of a
	// tile, as MapContent says. An empty tile has no bytes.
	MapTile(ctx context.Context, t maptile.Tile) ([]byte, error)
}

// CourseSort is an order of courses.
type CourseSort string

// The orders of a list of courses.
const (
	NewestFirst  CourseSort = "newest"   // created_at, then id, both descending
	PopularFirst CourseSort = "popular"  // course.Prominence, then id, both descending
	ByDistance   CourseSort = "distance" // distance_meters, then id
)

// CourseQuery says which courses a list has. Zero fields do not filter.
type CourseQuery struct {
	Viewer            id.User // sees their own private courses beside the public ones
	Creator           id.User
	Tag               string
	TitleContains     string // without regard to case (course.FoldTitle); no wildcards
	MinDistanceMeters *int
	MaxDistanceMeters *int
	Sort              CourseSort
}

// CourseKey is a course's place in a list of any order.
type CourseKey struct {
	CreatedAt      time.Time
	TotalRuns      int
	DistanceMeters int
	ID             id.Course
}

// NearbyQuery asks for courses around a place.
type NearbyQuery struct {
	Center       geo.Point
	RadiusMeters float64
	Limit        int
	WholeRoute   bool
}

// BoundsQuery asks for courses in a map's view.
type BoundsQuery struct {
	Bounds     geo.Bounds
	Limit      int
	WholeRoute bool
}

// CourseAccess is a course without its line: who may see it, where it starts and
// how long it is.
type CourseAccess struct {
	course.Access
	ID             id.Course
	Start          geo.Point
	DistanceMeters int
	ThumbnailDrawn bool
	UpdatedAt      time.Time
}

// CourseSummary is a course in a list, with its creator: all but its line and
// profile.
type CourseSummary struct {
	ID                       id.Course
	Creator                  user.Person // zero when the account is gone
	RunRecordID              id.Record
	Title                    string
	Description              string
	Start                    geo.Point
	DistanceMeters           int
	EstimatedDurationSeconds *int
	ElevationGainMeters      int
	ThumbnailDrawn           bool
	IsPublic                 bool
	Tags                     []string
	TotalRuns                int
	CreatedAt                time.Time
	UpdatedAt                time.Time
}

// NearbyCourse is a course with its geodesic distance.
type NearbyCourse struct {
	CourseSummary
	DistanceM float64 // metres from the asked place
}

// CourseShapes keeps the shapes of courses. A shape goes with its course.
type CourseShapes interface {
	// PutCourseShape stores a shape, or replaces the course's one. Fault:
	// course.ErrNotFound.
	PutCourseShape(ctx context.Context, s CourseShape, now time.Time) error
	// CourseShape returns a course's shape; one without any, or no course at all,
	// gives an empty one.
	CourseShape(ctx context.Context, cid id.Course) (CourseShape, error)
}

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
