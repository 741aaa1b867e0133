package httpapi

import (
	"context"
	"encoding/json"
	"math"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/app"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/ports"
)

// Place is a point on the map.
type Place struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// CourseCard is a course in a list.
type CourseCard struct {
	ID                       string   `json:"id" format:"uuid"`
	CreatorID                *string  `json:"creator_id"`
	RunRecordID              *string  `json:"run_record_id"`
	Title                    string   `json:"title"`
	Description              *string  `json:"description"`
	Start                    Place    `json:"start"`
	DistanceMeters           int      `json:"distance_meters"`
	EstimatedDurationSeconds *int     `json:"estimated_duration_seconds"`
	ElevationGainMeters      int      `json:"elevation_gain_meters"`
	ThumbnailURL             *string  `json:"thumbnail_url"`
	IsPublic                 bool     `json:"is_public"`
	Tags                     []string `json:"tags" nullable:"false"`
	TotalRuns                int      `json:"total_runs"`
	Creator                  *Person  `json:"creator"`
	CreatedAt                Time     `json:"created_at"`
	UpdatedAt                Time     `json:"updated_at"`
}

// NearbyCourse is a course with its distance.
type NearbyCourse struct {
	CourseCard
	DistanceM float64 `json:"distance_m" doc:"Metres from the asked place"`
}

// BoundsCourse is a course on a map.
type BoundsCourse struct {
	ID             string  `json:"id" format:"uuid"`
	Title          string  `json:"title"`
	Lat            float64 `json:"lat"`
	Lng            float64 `json:"lng"`
	DistanceMeters int     `json:"distance_meters"`
	TotalRuns      int     `json:"total_runs"`
}

// NearbyCourses are courses around a place, the nearest first.
type NearbyCourses struct {
	Items []NearbyCourse `json:"items" nullable:"false"`
}

// CoursesInBounds are the courses of a map's view, the most-run first.
type CoursesInBounds struct {
	Items     []BoundsCourse `json:"items" nullable:"false"`
	Truncated bool           `json:"truncated" doc:"More are in the view than were asked for"`
}

// Course is a whole course.
type Course struct {
	ID                       string           `json:"id" format:"uuid"`
	CreatorID                *string          `json:"creator_id"`
	RunRecordID              *string          `json:"run_record_id"`
	Title                    string           `json:"title"`
	Description              *string          `json:"description"`
	StartPoint               GeoPoint         `json:"start_point"`
	DistanceMeters           int              `json:"distance_meters"`
	EstimatedDurationSeconds *int             `json:"estimated_duration_seconds"`
	ElevationGainMeters      int              `json:"elevation_gain_meters"`
	ElevationProfile         []ProfileSample  `json:"elevation_profile" nullable:"false"`
	ThumbnailURL             *string          `json:"thumbnail_url"`
	IsPublic                 bool             `json:"is_public"`
	Retired                  bool             `json:"retired" doc:"Its maker gave it up, and others had completed it: it is nobody's, in no list, its board is closed, and no new run begins on it. distance_meters is the length that was run; the line is shorter"`
	Tags                     []string         `json:"tags" nullable:"false"`
	Creator                  *Person          `json:"creator"`
	Geometry                 Geometry         `json:"geometry"`
	CurveSections            []Section        `json:"curve_sections" nullable:"false"`
	Thresholds               CourseThresholds `json:"thresholds"`
	CreatedAt                Time             `json:"created_at"`
	UpdatedAt                Time             `json:"updated_at"`
}

// CourseThresholds are the distances at which a phone warns.
type CourseThresholds struct {
	Straight Thresholds `json:"straight"`
	Curve    Thresholds `json:"curve"`
}

// Thresholds are the distances from the course beyond which a fix is warned or
// deviated.
type Thresholds struct {
	WarnMeters    float64 `json:"warn_meters"`
	DeviateMeters float64 `json:"deviate_meters"`
}

// Section is a stretch of the course on which the wider thresholds hold.
type Section struct {
	FromMeters float64 `json:"from_meters"`
	ToMeters   float64 `json:"to_meters"`
}

func sectionOf(s judge.Section) Section { return Section(s) }

func (l links) courseCardOf(c ports.CourseSummary) CourseCard {
	return CourseCard{
		ID: c.ID.String(), CreatorID: optionalID(c.Creator.ID), RunRecordID: optionalID(c.RunRecordID), Title: c.Title,
		Description: optional(c.Description), Start: Place{c.Start.Lat(), c.Start.Lng()}, DistanceMeters: c.DistanceMeters,
		EstimatedDurationSeconds: c.EstimatedDurationSeconds, ElevationGainMeters: c.ElevationGainMeters,
		ThumbnailURL: l.thumbnail(c.ID, c.ThumbnailDrawn), IsPublic: c.IsPublic, Tags: c.Tags, TotalRuns: c.TotalRuns,
		Creator: l.personOf(c.Creator), CreatedAt: Time{c.CreatedAt}, UpdatedAt: Time{c.UpdatedAt},
	}
}

func (l links) courseOf(v app.CourseView, geometry string) Course {
	return Course{
		ID: v.ID.String(), CreatorID: optionalID(v.CreatorID), RunRecordID: optionalID(v.RunRecordID), Title: v.Title,
		Description:    optional(v.Description),
		StartPoint:     geoPointOf(v.Route.Start()),
		DistanceMeters: v.DistanceMeters, EstimatedDurationSeconds: v.EstimatedDurationSeconds,
		ElevationGainMeters: v.ElevationGainMeters, ElevationProfile: each(v.ElevationProfile, profileSampleOf), ThumbnailURL: l.thumbnail(v.ID, v.ThumbnailDrawn),
		IsPublic: v.IsPublic, Retired: v.Retired, Tags: v.Tags, Creator: l.personOf(v.Creator), Geometry: geometryOf(v.Route.Points(), geometry),
		CurveSections: each(v.Sections, sectionOf), Thresholds: CourseThresholds{Straight: Thresholds(v.Rules.Straight), Curve: Thresholds(v.Rules.Curve)},
		CreatedAt: Time{v.CreatedAt}, UpdatedAt: Time{v.UpdatedAt},
	}
}

// NewCourseBody makes a course of a run.
type NewCourseBody struct {
	RunRecordID UUID     `json:"run_record_id" doc:"A run of one's own"`
	Title       string   `json:"title" doc:"1 to 30 characters"`
	Description *string  `json:"description,omitempty" required:"false" nullable:"true"`
	IsPublic    *bool    `json:"is_public,omitempty" required:"false" nullable:"true" doc:"true when not said"`
	Tags        []string `json:"tags,omitempty" required:"false" nullable:"true" doc:"At most 10 of at most 20 characters"`
}

// ChangeCourseBody alters a course; what is absent stays.
type ChangeCourseBody struct {
	Title       Nullable[string]   `json:"title,omitempty" required:"false" doc:"Not null"`
	Description Nullable[string]   `json:"description,omitempty" required:"false" doc:"null takes it away"`
	IsPublic    Nullable[bool]     `json:"is_public,omitempty" required:"false" doc:"Not null"`
	Tags        Nullable[[]string] `json:"tags,omitempty" required:"false" doc:"Not null; [] takes them away"`
}

// change says what the body changes; null only where it means something.
func (b ChangeCourseBody) change() (ch course.Change, err error) {
	var title, public, tags error
	ch.Title, title = b.Title.given("title")
	ch.IsPublic, public = b.IsPublic.given("is_public")
	ch.Tags, tags = b.Tags.given("tags")
	if b.Description.Sent {
		ch.Description = &b.Description.Value
	}
	return ch, fault.Join(title, public, tags)
}

// texts is what a new course is told to be called.
func (b NewCourseBody) texts() course.Change {
	return course.Change{Title: &b.Title, Description: b.Description, Tags: &b.Tags}
}

// CoursePath names a course.
type CoursePath struct {
	ID string `path:"id" doc:"The course"`
}

func (p CoursePath) id() (id.Course, error) { return parseID[id.CourseKind](p.ID, course.ErrNotFound) }

// GeometryFormat is how a line is wanted.
type GeometryFormat struct {
	Geometry string `query:"geometry" enum:"geojson,polyline" default:"geojson"`
}

func (s *Server) courseRoutes() {
	s.courseSearchRoutes()
	s.courseChangeRoutes()
	register(s, web.Operation{
		ID: "get-course", Method: http.MethodGet, Path: "/courses/{id}", Summary: "A course, with what a phone needs to warn",
		Tag: "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		CoursePath
		GeometryFormat
	}) (*body[Course], error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		v, err := s.app.Courses.Get(ctx, web.Viewer(ctx), cid)
		if err != nil {
			return nil, err
		}
		return &body[Course]{s.links.courseOf(v, in.Geometry)}, nil
	})
	register(s, web.Operation{
		ID: "get-corridor", Method: http.MethodGet, Path: "/courses/{id}/corridor", Summary: "Where a runner is not warned",
		Description: "GeoJSON: 30 m around the course, 40 m at curves. It is drawn once, right after the course is made; who asks before is told to wait.",
		Answers:     map[int]web.Media{http.StatusOK: web.JSON(s.SchemaOf(Polygons{}))},
		Tag:         "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, func(ctx context.Context, in *CoursePath) (*stored, error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		geoJSON, err := s.app.Courses.Corridor(ctx, web.Viewer(ctx), cid)
		return &stored{ContentType: "application/json", Body: geoJSON}, err
	})
	register(s, web.Operation{
		ID: "get-course-track", Method: http.MethodGet, Path: "/courses/{id}/track", Summary: "A course's line, to look at or for a watch to follow", Answers: s.trackAnswers(),
		Description: "FIT and TCX are courses with a point at each turn, and times as if it were run as fast as by its maker or, where that is not known, at six minutes a kilometre. The other formats have no times.",
		Tag:         "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *struct {
		CoursePath
		TrackFormat
	}) (*file, error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		t, err := s.app.Courses.Track(ctx, web.Viewer(ctx), cid)
		if err != nil {
			return nil, err
		}
		return s.trackFile(t, in.Format, "course-"+cid.String())
	})
	register(s, web.Operation{
		ID: "get-thumbnail", Method: http.MethodGet, Path: "/courses/{id}/thumbnail.png", Summary: "A course's picture", Answers: map[int]web.Media{http.StatusOK: {"image/png": web.Binary()}},
		Tag: "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *CoursePath) (*picture, error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		png, public, err := s.app.Courses.Thumbnail(ctx, web.Viewer(ctx), cid)
		p := &picture{ContentType: "image/png", Body: png}
		if public {
			// Short, for a course may become private, and caches do not learn of it.
			p.CacheControl = "public, max-age=300"
		}
		return p, err
	})
}

// RequestKey names a request, so that it can be repeated.
type RequestKey struct {
	Key string `header:"Idempotency-Key" maxLength:"255" doc:"Made and kept before the request"`
}

// repeatable is said of what makes a course.
const repeatable = "When the answer is lost, the same request with the same Idempotency-Key gives the same course, for 24 hours."

func (s *Server) courseChangeRoutes() {
	register(s, web.Operation{
		ID: "create-course", Method: http.MethodPost, Path: "/courses", Summary: "Make a course of one's own run",
		Status: http.StatusCreated, Repeats: true, Description: repeatable,
		Tag: "Courses", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound, http.StatusConflict},
		Check: web.CheckOf(func(_ context.Context, b *NewCourseBody) error { return s.app.Courses.Check(b.texts()) }),
	}, func(ctx context.Context, in *struct {
		GeometryFormat
		RequestKey
		Body NewCourseBody
	}) (*created[NewCourse], error) {
		rid, err := bodyID[id.RecordKind]("run_record_id", &in.Body.RunRecordID)
		if err != nil {
			return nil, fault.Join(err, s.app.Courses.Check(in.Body.texts()))
		}
		n := app.NewCourse{Title: in.Body.Title, IsPublic: in.Body.IsPublic == nil || *in.Body.IsPublic, Tags: in.Body.Tags, Key: in.Key}
		if in.Body.Description != nil {
			n.Description = *in.Body.Description
		}
		v, err := s.app.Courses.Create(ctx, web.Viewer(ctx), rid, n)
		if err != nil {
			return nil, err
		}
		return createdAnswer(!v.Repeated, "/courses/"+v.ID.String(), s.links.newCourseOf(v, in.Geometry)), nil
	})
	register(s, web.Operation{
		ID: "import-course", Method: http.MethodPost, Path: "/courses/import", Summary: "Make a course of a GPX file",
		Status: http.StatusCreated, Repeats: true, Description: repeatable,
		Tag: "Courses", Access: web.Users, Body: web.UploadBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *struct {
		GeometryFormat
		RequestKey
		RawBody huma.MultipartFormFiles[struct {
			File        huma.FormFile `form:"file" required:"true"`
			Title       string        `form:"title" required:"false" doc:"The file's own name when not said"`
			Description string        `form:"description" required:"false"`
			IsPublic    bool          `form:"is_public" required:"false" default:"true"`
			Tags        []string      `form:"tags" required:"false"`
		}]
	}) (*created[NewCourse], error) {
		form, strange := formOf(in.RawBody)
		public, unclear := formBool(in.RawBody, "is_public", true)
		if err := fault.Join(strange, unclear); err != nil {
			return nil, fault.Join(err, s.app.Courses.Check(course.Change{Description: &form.Description, Tags: &form.Tags}))
		}
		data, err := readUpload(form.File)
		if err != nil {
			return nil, err
		}
		v, err := s.app.Courses.Import(ctx, web.Viewer(ctx), data, app.NewCourse{
			Title: form.Title, Description: form.Description, IsPublic: public, Tags: form.Tags, Key: in.Key,
		})
		if err != nil {
			return nil, err
		}
		return createdAnswer(!v.Repeated, "/courses/"+v.ID.String(), s.links.newCourseOf(v, in.Geometry)), nil
	})
	register(s, web.Operation{
		ID: "change-course", Method: http.MethodPatch, Path: "/courses/{id}", Summary: "Change one's own course",
		Tag: "Courses", Access: web.Users, Body: web.JSONBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
		Check: web.CheckOf(func(_ context.Context, b *ChangeCourseBody) error {
			ch, err := b.change()
			return fault.Join(err, s.app.Courses.Check(ch))
		}),
	}, func(ctx context.Context, in *struct {
		CoursePath
		GeometryFormat
		Body ChangeCourseBody
	}) (*body[Course], error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		ch, err := in.Body.change()
		if err != nil {
			return nil, fault.Join(err, s.app.Courses.Check(ch))
		}
		v, err := s.app.Courses.Change(ctx, web.Viewer(ctx), cid, ch)
		if err != nil {
			return nil, err
		}
		return &body[Course]{s.links.courseOf(v, in.Geometry)}, nil
	})
	register(s, web.Operation{
		ID: "delete-course", Method: http.MethodDelete, Path: "/courses/{id}", Summary: "Delete one's own course",
		Description: "Runs that followed it stay as free runs. A course that somebody else completed is retired instead: without its maker and without 200 m of its line at either end (less of a short one, of which 100 m stay), in no list and on no map. Its board is closed: verdicts, times, statistics and the length by which paces are counted stay for ever as they are, of the line as it was, and a run that is under way becomes a free run.", Status: http.StatusNoContent,
		Tag: "Courses", Access: web.Users, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller, Errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *CoursePath) (*struct{}, error) {
		cid, err := in.id()
		if err != nil {
			return nil, err
		}
		return nil, s.app.Courses.Delete(ctx, web.Viewer(ctx), cid)
	})
}

func (s *Server) courseSearchRoutes() {
	register(s, web.Operation{
		ID: "list-courses", Method: http.MethodGet, Path: "/courses", Summary: "Courses by name, tag, length or creator",
		Tag: "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.NotKept, Counts: web.ByCaller,
	}, func(ctx context.Context, in *struct {
		CursorPages
		Sort        string `query:"sort" enum:"newest,popular,distance" default:"newest"`
		Tag         string `query:"tag" maxLength:"20"`
		Q           string `query:"q" maxLength:"90" doc:"Part of the title, without regard to case"`
		MinDistance int    `query:"min_distance_meters" minimum:"0" maximum:"10000000"`
		MaxDistance int    `query:"max_distance_meters" minimum:"1" maximum:"10000000"`
		CreatorID   UUID   `query:"creator_id"`
	}) (*body[MovingList[CourseCard]], error) {
		q := ports.CourseQuery{Viewer: web.Viewer(ctx), Tag: in.Tag, TitleContains: in.Q, Sort: ports.CourseSort(in.Sort)}
		if in.MinDistance > 0 {
			q.MinDistanceMeters = &in.MinDistance
		}
		if in.MaxDistance > 0 {
			q.MaxDistanceMeters = &in.MaxDistance
		}
		var err error
		if q.Creator, err = queryID[id.UserKind]("creator_id", in.CreatorID); err != nil {
			return nil, err
		}
		after, err := afterInCourses(in.Cursor, q.Sort)
		if err != nil {
			return nil, err
		}
		found, total, err := s.app.Courses.List(ctx, q, in.stretch(), after)
		if err != nil {
			return nil, err
		}
		return &body[MovingList[CourseCard]]{movingListOf(found, in.CursorPages, total, s.links.courseCardOf, courseCursor(q.Sort))}, nil
	})
	register(s, web.Operation{
		ID: "nearby-courses", Method: http.MethodGet, Path: "/courses/nearby", Summary: "Public courses around a place, nearest first",
		Tag: "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller,
	}, func(ctx context.Context, in *struct {
		Lat    float64 `query:"lat" required:"true" minimum:"-90" maximum:"90"`
		Lng    float64 `query:"lng" required:"true" minimum:"-180" maximum:"180"`
		Radius float64 `query:"radius" exclusiveMinimum:"0" maximum:"50000" default:"3000" doc:"Metres"`
		Limit  int     `query:"limit" minimum:"1" maximum:"100" default:"20"`
		Match  string  `query:"match" enum:"start,route" default:"start" doc:"route finds those that pass anywhere within the radius"`
	}) (*body[NearbyCourses], error) {
		center, err := geo.NewPoint(in.Lat, in.Lng)
		if err != nil {
			return nil, web.InQuery(err)
		}
		if math.IsNaN(in.Radius) {
			return nil, queryFault("radius", "not a number")
		}
		found, err := s.app.Courses.Nearby(ctx, ports.NearbyQuery{Center: center, RadiusMeters: in.Radius, Limit: in.Limit, WholeRoute: in.Match == "route"})
		if err != nil {
			return nil, err
		}
		return &body[NearbyCourses]{NearbyCourses{each(found, func(n ports.NearbyCourse) NearbyCourse {
			return NearbyCourse{CourseCard: s.links.courseCardOf(n.CourseSummary), DistanceM: math.Round(n.DistanceM*10) / 10}
		})}}, nil
	})
	register(s, web.Operation{
		ID: "courses-in-bounds", Method: http.MethodGet, Path: "/courses/bounds", Summary: "Public courses in a map's view, the most-run first",
		Description: "When sw_lng is east of ne_lng the view crosses ±180°.",
		Tag:         "Courses", Access: web.Everyone, Body: web.NoBody, Cache: web.Revalidated, Counts: web.ByCaller,
	}, func(ctx context.Context, in *struct {
		SWLat float64 `query:"sw_lat" required:"true" minimum:"-90" maximum:"90"`
		SWLng float64 `query:"sw_lng" required:"true" minimum:"-180" maximum:"180"`
		NELat float64 `query:"ne_lat" required:"true" minimum:"-90" maximum:"90"`
		NELng float64 `query:"ne_lng" required:"true" minimum:"-180" maximum:"180"`
		Limit int     `query:"limit" minimum:"1" maximum:"500" default:"100"`
		Match string  `query:"match" enum:"start,route" default:"start" doc:"route finds those that cross the view"`
	}) (*body[CoursesInBounds], error) {
		bounds, err := boundsOf(in.SWLat, in.SWLng, in.NELat, in.NELng)
		if err != nil {
			return nil, web.InQuery(err)
		}
		found, truncated, err := s.app.Courses.InBounds(ctx, ports.BoundsQuery{Bounds: bounds, Limit: in.Limit, WholeRoute: in.Match == "route"})
		if err != nil {
			return nil, err
		}
		return &body[CoursesInBounds]{CoursesInBounds{Truncated: truncated, Items: each(found, func(c ports.MapCourse) BoundsCourse {
			return BoundsCourse{
				ID: c.ID.String(), Title: c.Title, Lat: c.Start.Lat(), Lng: c.Start.Lng(),
				DistanceMeters: c.DistanceMeters, TotalRuns: c.TotalRuns,
			}
		})}}, nil
	})
}

func boundsOf(swLat, swLng, neLat, neLng float64) (geo.Bounds, error) {
	sw, err := geo.NewPoint(swLat, swLng)
	if err != nil {
		return geo.Bounds{}, err
	}
	ne, err := geo.NewPoint(neLat, neLng)
	if err != nil {
		return geo.Bounds{}, err
	}
	return geo.NewBounds(sw, ne)
}

func queryFault(field, message string) error {
	return web.InQuery(fault.InvalidField(field, "%s", message))
}

func jsonFile(contentType string, v any) (*file, error) {
	data, err := json.Marshal(v)
	return &file{ContentType: contentType, Body: data}, err
}
