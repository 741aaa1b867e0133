package gormstore

import (
	"strings"

	"gorm.io/gorm"

	"github.com/runvs/runvs/domain/geo"
)

// startBox selects courses that start in a box, with plain comparisons of
// degrees: a geography's envelope breaks down at half the world.
func startBox(db *gorm.DB, b geo.Bounds) *gorm.DB {
	db = db.Where("courses.start_lat BETWEEN ? AND ?", b.South, b.North)
	var ors []string
	var args []any
	for _, part := range b.Split() {
		ors = append(ors, "courses.start_lng BETWEEN ? AND ?")
		args = append(args, part.West, part.East)
		// +180 and -180 are the same meridian.
		if part.East == 180 {
			ors = append(ors, "courses.start_lng = -180")
		}
		if part.West == -180 {
			ors = append(ors, "courses.start_lng = 180")
		}
	}
	return db.Where("("+strings.Join(ors, " OR ")+")", args...)
}

// routeBox selects courses whose line's box overlaps a box: candidates for an
// exact test.
func routeBox(db *gorm.DB, b geo.Bounds) *gorm.DB {
	db = db.Where("courses.route_south <= ? AND courses.route_north >= ?", b.North, b.South)
	var ors []string
	var args []any
	for _, part := range b.Split() {
		// A box that crosses ±180° has west > east: it overlaps from either side.
		ors = append(ors, `(courses.route_west <= courses.route_east AND courses.route_west <= ? AND courses.route_east >= ?)`,
			`(courses.route_west > courses.route_east AND (courses.route_west <= ? OR courses.route_east >= ?))`)
		args = append(args, part.East, part.West, part.East, part.West)
		if part.East == 180 {
			ors = append(ors, "courses.route_west = -180")
		}
		if part.West == -180 {
			ors = append(ors, "courses.route_east = 180")
		}
	}
	return db.Where("("+strings.Join(ors, " OR ")+")", args...)
}
