package geo

import (
	"math"
	"sort"

	"github.com/runvs/runvs/domain/fault"
)

// Bounds is a box in degrees. When West > East it crosses the antimeridian.
type Bounds struct{ South, West, North, East float64 }

// NewBounds makes a box of its south-west and north-east corners. A south edge
// north of the north edge is refused with Invalid. West > East is not an error:
// the box crosses ±180°.
func NewBounds(sw, ne Point) (Bounds, error) {
	if sw.lat > ne.lat {
		return Bounds{}, fault.InvalidField("sw_lat", "%v lies north of ne_lat %v: swap the corners", sw.lat, ne.lat)
	}
	return Bounds{South: sw.lat, West: sw.lng, North: ne.lat, East: ne.lng}, nil
}

// Split returns the box as one box, or as two that do not cross ±180°.
func (b Bounds) Split() []Bounds {
	if b.West <= b.East {
		return []Bounds{b}
	}
	return []Bounds{
		{South: b.South, West: b.West, North: b.North, East: 180},
		{South: b.South, West: -180, North: b.North, East: b.East},
	}
}

// Contains reports whether p lies in the box, its edge included. On the
// antimeridian, +180 and -180 are the same place.
func (b Bounds) Contains(p Point) bool {
	if p.lat < b.South || p.lat > b.North {
		return false
	}
	in := func(lng float64) bool {
		if b.West <= b.East {
			return lng >= b.West && lng <= b.East
		}
		return lng >= b.West || lng <= b.East
	}
	return in(p.lng) || (math.Abs(p.lng) == 180 && in(-p.lng))
}

// BoundsOf returns the smallest box that holds the points: of the two ways
// round the earth, the narrower one. It panics when there are none.
func BoundsOf(points []Point) Bounds {
	b := Bounds{South: points[0].lat, North: points[0].lat}
	lngs := make([]float64, len(points))
	for i, p := range points {
		b.South, b.North = math.Min(b.South, p.lat), math.Max(b.North, p.lat)
		lngs[i] = p.lng
	}
	sort.Float64s(lngs)
	// The widest empty gap between neighbouring longitudes is what the box leaves out.
	gap, after := lngs[0]+360-lngs[len(lngs)-1], 0
	for i := 1; i < len(lngs); i++ {
		if g := lngs[i] - lngs[i-1]; g > gap {
			gap, after = g, i
		}
	}
	b.West = lngs[after]
	b.East = lngs[(after+len(lngs)-1)%len(lngs)]
	return b
}

// Around returns a box that holds every place within radius metres of p, and
// little more. Near a pole it holds all longitudes.
func Around(p Point, radiusMeters float64) Bounds {
	// The smallest radius of curvature on the ellipsoid is b²/a = 6,335,439 m; a
	// degree of it is the shortest degree there is, so the box is never too small.
	const shortestDegree = semiMinorMeters * semiMinorMeters / semiMajorMeters * math.Pi / 180
	dLat := radiusMeters / shortestDegree
	b := Bounds{South: math.Max(-90, p.lat-dLat), North: math.Min(90, p.lat+dLat)}
	widest := math.Max(math.Abs(b.South), math.Abs(b.North))
	cos := math.Cos(widest * math.Pi / 180)
	dLng := 360.0
	if cos > 1e-9 {
		dLng = dLat / cos
	}
	if dLng >= 180 {
		b.West, b.East = -180, 180
		return b
	}
	b.West, b.East = p.lng-dLng, p.lng+dLng
	if b.West < -180 {
		b.West += 360
	}
	if b.East > 180 {
		b.East -= 360
	}
	return b
}
