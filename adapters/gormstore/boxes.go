package gormstore

import (
	"github.com/runvs/runvs/domain/geo"
)

// meridianParts returns a box as boxes that do not cross ±180°. A part that
// touches one side of that meridian brings the other side, for +180 and -180
// are the same.
func meridianParts(b geo.Bounds) []geo.Bounds {
	parts := b.Split()
	for _, part := range parts {
		if part.East == 180 {
			parts = append(parts, geo.Bounds{South: b.South, North: b.North, West: -180, East: -180})
		}
		if part.West == -180 {
			parts = append(parts, geo.Bounds{South: b.South, North: b.North, West: 180, East: 180})
		}
	}
	return parts
}

// startBox is the condition that courses start in a box.
func startBox(b geo.Bounds) conditions {
	var either conditions
	for _, part := range meridianParts(b) {
		either.add("courses.start_lng BETWEEN ? AND ?", part.West, part.East)
	}
	return either.any().with("courses.start_lat BETWEEN ? AND ?", b.South, b.North)
}

// routeBox is the condition that the box of a course's line overlaps a box:
// candidates for an exact test.
func routeBox(b geo.Bounds) conditions {
	var either conditions
	for _, part := range meridianParts(b) {
		either.add("(courses.route_west <= courses.route_east AND courses.route_west <= ? AND courses.route_east >= ?)", part.East, part.West)
		// A line that crosses ±180° has west > east: it overlaps from either side.
		either.add("(courses.route_west > courses.route_east AND (courses.route_west <= ? OR courses.route_east >= ?))", part.East, part.West)
	}
	return either.any().with("courses.route_south <= ? AND courses.route_north >= ?", b.North, b.South)
}

// boundsStepMeters is how long a piece of a line may be for its box to be that
// of its ends: a geodesic bulges towards the pole by L²·tan(latitude)/8R, which
// is 2 cm at 45° and 1 m at 89°.
const boundsStepMeters = 1000

// boundsOf returns the box of a line, taking its segments as geodesics: those
// that are long, or pass near a pole, leave the box of their ends.
func boundsOf(l geo.Line) geo.Bounds {
	points := []geo.Point{l.Start()}
	for i := 1; i < l.Len(); i++ {
		a, b := l.At(i-1).Vector(), l.At(i).Vector()
		points = append(halve(points, a, b), l.At(i))
	}
	return geo.BoundsOf(points)
}

// halve appends the places between a and b at which the geodesic is cut.
func halve(points []geo.Point, a, b geo.Vector) []geo.Point {
	if b.Sub(a).Norm() <= boundsStepMeters {
		return points
	}
	mid := geo.Vector{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2, Z: (a.Z + b.Z) / 2}.Point()
	points = append(halve(points, a, mid.Vector()), mid)
	return halve(points, mid.Vector(), b)
}
