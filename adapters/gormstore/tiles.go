package gormstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/ports"
)

// courseCellRow is how many public courses start in a cell of the map. The
// database's triggers keep it.
type courseCellRow struct {
	Level      int `gorm:"primaryKey"`
	X          int `gorm:"primaryKey"`
	Y          int `gorm:"primaryKey"`
	Courses    int
	SumX, SumY int64
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (courseCellRow) TableName() string { return "course_cells" }

// MapTile implements ports.Courses.
func (r *repo) MapTile(ctx context.Context, t maptile.Tile) (data []byte, err error) {
	err = r.dialect.searching(ctx, r, func(r *repo) error {
		c, err := r.mapContent(ctx, t)
		if err != nil || (len(c.clusters) == 0 && len(c.starts) == 0 && len(c.routes) == 0) {
			return err
		}
		data, err = r.dialect.encodeTile(ctx, r, t, c)
		return err
	})
	return data, faultOf(err)
}

// tileContent is what a tile shows, before its lines are read.
type tileContent struct {
	clusters       []ports.MapCluster
	starts, routes []ports.MapCourse
}

// mapContent returns what a tile shows; a handful of statements, each of them
// bounded, however many courses there are.
func (r *repo) mapContent(ctx context.Context, t maptile.Tile) (c tileContent, err error) {
	courses := 0
	if t.Z() <= maptile.LastClustered {
		if c.clusters, err = r.clusters(ctx, t); err != nil {
			return c, err
		}
		for _, cluster := range c.clusters {
			courses += cluster.Courses
		}
	}
	if courses <= maptile.MaxPoints {
		starts := ports.BoundsQuery{Bounds: t.StartBounds(), Limit: maptile.MaxPoints}
		if c.starts, _, err = r.mostProminent(ctx, starts, func(row mapRow) bool {
			return t.Holds(maptile.Position{X: row.MapX, Y: row.MapY})
		}); err != nil {
			return c, err
		}
		c.clusters = nil
	}
	if t.Z() >= maptile.FirstRoutes {
		routes := ports.BoundsQuery{Bounds: t.Bounds(), Limit: maptile.MaxRoutes, WholeRoute: true}
		c.routes, _, err = r.mostProminent(ctx, routes, nil)
	}
	return c, err
}

func (r *repo) clusters(ctx context.Context, t maptile.Tile) ([]ports.MapCluster, error) {
	level, x, y, n := t.Clusters()
	var cells []courseCellRow
	err := r.db.WithContext(ctx).Select("x", "y", "courses", "sum_x", "sum_y").
		Find(&cells, "level = ? AND x >= ? AND x < ? AND y >= ? AND y < ? AND courses > 0", level, x, x+n, y, y+n).Error
	slices.SortFunc(cells, func(a, b courseCellRow) int { return cmp.Or(a.Y-b.Y, a.X-b.X) })
	out := make([]ports.MapCluster, len(cells))
	for i, cell := range cells {
		all := float64(cell.Courses) * (1 << maptile.Bits)
		out[i] = ports.MapCluster{Courses: cell.Courses, X: float64(cell.SumX) / all, Y: float64(cell.SumY) / all}
	}
	return out, err
}

// withLines reads the lines of courses.
func (r *repo) withLines(ctx context.Context, courses []ports.MapCourse) ([]ports.MapRoute, error) {
	ids := make([]id.Course, len(courses))
	for i, c := range courses {
		ids[i] = c.ID
	}
	lines, err := r.CourseLines(ctx, ids)
	routes := make([]ports.MapRoute, len(courses))
	for i, c := range courses {
		routes[i] = ports.MapRoute{MapCourse: c, Line: lines[c.ID]}
	}
	return routes, err
}
