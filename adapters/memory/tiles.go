package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/maptile"
	"github.com/runvs/runvs/ports"
)

// MapTile implements ports.Courses.
func (r *repo) MapTile(ctx context.Context, t maptile.Tile) (tile []byte, err error) {
	var c ports.MapContent
	err = r.read(ctx, func(x *snapshot) error {
		c = x.mapContent(t)
		return nil
	})
	if err != nil || (len(c.Clusters) == 0 && len(c.Starts) == 0 && len(c.Routes) == 0) {
		return nil, err
	}
	return r.store.tiles.EncodeTile(t, c)
}

// cell is where a cluster is among those of its tile.
type cell struct{ y, x int }

func (x *snapshot) mapContent(t maptile.Tile) (c ports.MapContent) {
	var starts, routes []listed
	clusters := map[cell]ports.MapCluster{}
	level, _, _, _ := t.Clusters()
	for _, row := range x.courses.all() {
		if !row.IsPublic {
			continue
		}
		if at := maptile.At(row.Route.Start()); t.Holds(at) {
			starts = append(starts, listed{row, x.totalRuns(row.ID)})
			key := cell{at.Y >> (maptile.Bits - level), at.X >> (maptile.Bits - level)}
			sum := clusters[key]
			sum.Courses, sum.X, sum.Y = sum.Courses+1, sum.X+float64(at.X), sum.Y+float64(at.Y)
			clusters[key] = sum
		}
		if t.Z() >= maptile.FirstRoutes && t.Bounds().Crosses(row.Route) {
			routes = append(routes, listed{row, x.totalRuns(row.ID)})
		}
	}
	if len(starts) > maptile.MaxPoints && t.Z() <= maptile.LastClustered {
		c.Clusters = inOrder(clusters)
	} else {
		for _, row := range mostProminent(starts, maptile.MaxPoints) {
			c.Starts = append(c.Starts, row.onMap())
		}
	}
	for _, row := range mostProminent(routes, maptile.MaxRoutes) {
		c.Routes = append(c.Routes, ports.MapRoute{MapCourse: row.onMap(), Line: row.Route})
	}
	return c
}

func (l listed) onMap() ports.MapCourse {
	return ports.MapCourse{ID: l.ID, Title: l.Title, Start: l.Route.Start(), DistanceMeters: l.DistanceMeters, TotalRuns: l.runs}
}

func inOrder(clusters map[cell]ports.MapCluster) (out []ports.MapCluster) {
	keys := make([]cell, 0, len(clusters))
	for key := range clusters {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b cell) int { return cmp.Or(a.y-b.y, a.x-b.x) })
	for _, key := range keys {
		sum := clusters[key]
		all := float64(sum.Courses) * (1 << maptile.Bits)
		out = append(out, ports.MapCluster{Courses: sum.Courses, X: sum.X / all, Y: sum.Y / all})
	}
	return out
}

// mostProminent returns the first of courses in the order of a map.
func mostProminent(rows []listed, limit int) []listed {
	slices.SortFunc(rows, func(a, b listed) int {
		return cmp.Or(cmp.Compare(course.Prominence(b.runs, b.ID), course.Prominence(a.runs, a.ID)), a.ID.Compare(b.ID))
	})
	return rows[:min(len(rows), limit)]
}
