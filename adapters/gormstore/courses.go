package gormstore

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

type courseRow struct {
	ID                       column.ID[id.CourseKind] `gorm:"column:id;primaryKey"`
	CreatorID                column.ID[id.UserKind]
	RunRecordID              column.ID[id.RecordKind]
	Title                    string
	TitleFolded              string // course.FoldTitle
	Description              *string
	RouteGeometry            column.Line
	StartPoint               column.Point
	StartLat                 float64
	StartLng                 float64
	RouteSouth               float64
	RouteWest                float64
	RouteNorth               float64
	RouteEast                float64
	MapX                     int // maptile.At of the start
	MapY                     int
	DistanceMeters           int
	EstimatedDurationSeconds *int
	ElevationGainMeters      int
	ElevationProfile         column.JSON
	ThumbnailDrawn           bool
	IsPublic                 bool
	Retired                  bool
	Tags                     column.Tags
	UpdatedAt                time.Time `gorm:"autoUpdateTime:false"`
	CreatedAt                time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (courseRow) TableName() string { return "courses" }

// summaryRow is a course in a list with its number of runs and its creator.
type summaryRow struct {
	Course          courseRow `gorm:"embedded"` // gorm passes over embedded names in lower case
	TotalRuns       int
	CreatorNickname *string
	CreatorAvatarID column.ID[id.AvatarKind]
	Sphere          float64 // near: metres from the centre as the index orders them
}

// lightColumns are the columns of courses that lists read.
const lightColumns = `id, creator_id, run_record_id, title, description, start_lat, start_lng, distance_meters,
	estimated_duration_seconds, elevation_gain_meters, thumbnail_drawn, is_public, tags, updated_at, created_at`

// courseRuns selects the number of runs of a course.
const courseRuns = "coalesce((SELECT total_runs FROM course_stats WHERE course_stats.course_id = courses.id), 0) AS total_runs"

// courseSummary selects what a summaryRow has.
var courseSummary = "courses." + strings.Join(strings.FieldsFunc(lightColumns, func(r rune) bool { return strings.ContainsRune(", \t\n", r) }), ", courses.") +
	", " + courseRuns +
	", (SELECT nickname FROM users WHERE users.id = courses.creator_id) AS creator_nickname" +
	", (SELECT avatar_id FROM users WHERE users.id = courses.creator_id) AS creator_avatar_id"

func courseRowOf(c course.Course) (courseRow, error) {
	b, at := boundsOf(c.Route), maptile.At(c.Route.Start())
	row := courseRow{
		ID: column.IDOf(c.ID), CreatorID: column.IDOf(c.CreatorID), RunRecordID: column.IDOf(c.RunRecordID), Title: c.Title, TitleFolded: course.FoldTitle(c.Title),
		Description: column.Text(c.Description), RouteGeometry: c.Route.Points(), StartPoint: column.Point{Point: c.Route.Start()},
		StartLat: c.Route.Start().Lat(), StartLng: c.Route.Start().Lng(),
		RouteSouth: b.South, RouteWest: b.West, RouteNorth: b.North, RouteEast: b.East, MapX: at.X, MapY: at.Y,
		DistanceMeters: c.DistanceMeters, EstimatedDurationSeconds: c.EstimatedDurationSeconds,
		ElevationGainMeters: c.ElevationGainMeters, ThumbnailDrawn: c.ThumbnailDrawn, IsPublic: c.IsPublic, Retired: c.Retired,
		Tags: c.Tags, UpdatedAt: column.Stamp(c.UpdatedAt), CreatedAt: column.Stamp(c.CreatedAt),
	}
	var err error
	row.ElevationProfile, err = column.Encode(listOf(sampleJSONOf)(c.ElevationProfile))
	return row, err
}

func (r courseRow) course() (course.Course, error) {
	c := course.Course{
		ID: r.ID.ID, CreatorID: r.CreatorID.ID, RunRecordID: r.RunRecordID.ID, Title: r.Title,
		Description: column.Value(r.Description), DistanceMeters: r.DistanceMeters,
		EstimatedDurationSeconds: r.EstimatedDurationSeconds, ElevationGainMeters: r.ElevationGainMeters,
		ThumbnailDrawn: r.ThumbnailDrawn, IsPublic: r.IsPublic, Retired: r.Retired, Tags: r.Tags,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
	if err := decodeAs(r.ElevationProfile, listOf(sampleJSON.sample), &c.ElevationProfile); err != nil {
		return c, err
	}
	var err error
	c.Route, err = geo.NewLine(r.RouteGeometry)
	return c, err
}

func (r courseRow) start() (geo.Point, error) { return geo.NewPoint(r.StartLat, r.StartLng) }

func (r summaryRow) summary() (ports.CourseSummary, error) {
	c := r.Course
	start, err := c.start()
	return ports.CourseSummary{
		ID:          c.ID.ID,
		Creator:     user.Person{ID: c.CreatorID.ID, Nickname: column.Value(r.CreatorNickname), AvatarID: r.CreatorAvatarID.ID},
		RunRecordID: c.RunRecordID.ID, Title: c.Title, Description: column.Value(c.Description), Start: start, DistanceMeters: c.DistanceMeters,
		EstimatedDurationSeconds: c.EstimatedDurationSeconds, ElevationGainMeters: c.ElevationGainMeters,
		ThumbnailDrawn: c.ThumbnailDrawn, IsPublic: c.IsPublic, Tags: c.Tags, TotalRuns: r.TotalRuns,
		CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
	}, err
}

func summaries(rows []summaryRow) ([]ports.CourseSummary, error) {
	out := make([]ports.CourseSummary, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = row.summary(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CourseAccess implements ports.Courses.
func (r *repo) CourseAccess(ctx context.Context, cid id.Course) (ports.CourseAccess, error) {
	return accessOf(r.db.WithContext(ctx), cid)
}

func accessOf(db *gorm.DB, cid id.Course) (ports.CourseAccess, error) {
	var row courseRow
	err := db.Select("id", "creator_id", "is_public", "retired", "start_lat", "start_lng", "distance_meters", "thumbnail_drawn", "updated_at").
		Take(&row, "id = ?", column.IDOf(cid)).Error
	if err != nil {
		return ports.CourseAccess{}, found(err, course.ErrNotFound)
	}
	start, err := row.start()
	return ports.CourseAccess{
		Access: course.Access{Owner: row.CreatorID.ID, Public: row.IsPublic, Retired: row.Retired}, ID: row.ID.ID, Start: start,
		DistanceMeters: row.DistanceMeters, ThumbnailDrawn: row.ThumbnailDrawn, UpdatedAt: row.UpdatedAt.UTC(),
	}, err
}

// CourseLines implements ports.Courses.
func (r *repo) CourseLines(ctx context.Context, ids []id.Course) (map[id.Course]geo.Line, error) {
	lines := map[id.Course]geo.Line{}
	if len(ids) == 0 {
		return lines, nil
	}
	var rows []courseRow
	if err := r.db.WithContext(ctx).Select("id", "route_geometry").Find(&rows, "id IN ?", column.Keys(ids)).Error; err != nil {
		return nil, faultOf(err)
	}
	for _, row := range rows {
		line, err := geo.NewLine(row.RouteGeometry)
		if err != nil {
			return nil, err
		}
		lines[row.ID.ID] = line
	}
	return lines, nil
}

// Course implements ports.Courses.
func (r *repo) Course(ctx context.Context, cid id.Course) (course.Course, error) {
	return r.course(r.db.WithContext(ctx), cid)
}

// LockCourse implements ports.Courses.
func (r *repo) LockCourse(ctx context.Context, cid id.Course) (course.Course, error) {
	return r.course(r.dialect.lock(r.db.WithContext(ctx)), cid)
}

func (r *repo) course(db *gorm.DB, cid id.Course) (course.Course, error) {
	var row courseRow
	if err := db.Take(&row, "id = ?", column.IDOf(cid)).Error; err != nil {
		return course.Course{}, found(err, course.ErrNotFound)
	}
	return row.course()
}

// SaveCourse implements ports.Courses.
func (r *repo) SaveCourse(ctx context.Context, c course.Course) error {
	row, err := courseRowOf(c)
	if err != nil {
		return err
	}
	return faultOf(r.db.WithContext(ctx).Select("creator_id", "title", "title_folded", "description", "is_public", "retired", "tags", "thumbnail_drawn", "updated_at").Updates(&row).Error)
}

// ReplaceRoute implements ports.Courses. The database's triggers see to the map.
func (r *repo) ReplaceRoute(ctx context.Context, c course.Course) error {
	row, err := courseRowOf(c)
	if err != nil {
		return err
	}
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		err := tx.db.WithContext(ctx).Select("run_record_id", "route_geometry", "start_point", "start_lat", "start_lng",
			"route_south", "route_west", "route_north", "route_east", "map_x", "map_y", "distance_meters", "estimated_duration_seconds",
			"elevation_gain_meters", "elevation_profile", "thumbnail_drawn", "updated_at").Updates(&row).Error
		if err != nil {
			return err
		}
		if err := tx.db.WithContext(ctx).Delete(&shapeRow{}, "course_id = ?", row.ID).Error; err != nil {
			return err
		}
		return tx.db.WithContext(ctx).Model(&outlineRow{}).Where("course_id = ?", row.ID).Update("outline", c.Route.Outline().Bytes()).Error
	}))
}

// CompletedByOthers implements ports.Courses.
func (r *repo) CompletedByOthers(ctx context.Context, cid id.Course, maker id.User) (completed bool, err error) {
	err = r.db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM run_records WHERE course_id = ? AND user_id <> ? AND course_completed)", column.IDOf(cid), column.IDOf(maker)).Scan(&completed).Error
	return completed, faultOf(err)
}

// DeleteCourse implements ports.Courses.
func (r *repo) DeleteCourse(ctx context.Context, cid id.Course) error {
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		err := tx.db.WithContext(ctx).Exec(`UPDATE run_records SET course_id = NULL, course_completed = NULL,
			route_match_percent = NULL, max_deviation_meters = NULL, course_duration_seconds = NULL,
			rule_version = NULL, verdict = NULL WHERE course_id = ?`, column.IDOf(cid)).Error
		if err != nil {
			return err
		}
		return tx.db.WithContext(ctx).Exec("DELETE FROM courses WHERE id = ?", column.IDOf(cid)).Error
	}))
}

// InsertCourse implements ports.Courses.
func (r *repo) InsertCourse(ctx context.Context, c course.Course) error {
	return r.InsertCourses(ctx, []course.Course{c})
}

// insertBatch is how many courses one statement stores.
const insertBatch = 500

// InsertCourses implements ports.Courses.
func (r *repo) InsertCourses(ctx context.Context, courses []course.Course) error {
	rows, outlines := make([]courseRow, len(courses)), make([]outlineRow, len(courses))
	for i, c := range courses {
		var err error
		if rows[i], err = courseRowOf(c); err != nil {
			return err
		}
		outlines[i] = outlineRow{CourseID: column.IDOf(c.ID), Outline: c.Route.Outline().Bytes(), CreatedAt: rows[i].CreatedAt}
	}
	return faultOf(r.inTx(ctx, func(tx *repo) error {
		if err := tx.db.WithContext(ctx).CreateInBatches(rows, insertBatch).Error; err != nil {
			return err
		}
		return tx.db.WithContext(ctx).CreateInBatches(outlines, insertBatch).Error
	}))
}
