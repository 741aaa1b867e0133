package geo

import "math"

// straightMeters is the longest piece of a line that may stand for its chord:
// the sag is 0.8 mm.
const straightMeters = 200

// DistanceMeters returns the distance from p to the nearest place of the line,
// straight through the earth: within 1 cm of the geodesic up to 10 km, and
// shorter than it by 1.6 m at 100 km.
func (l Line) DistanceMeters(p Point) float64 {
	v, best := p.Vector(), math.Inf(1)
	a := l.points[0].Vector()
	for i := 1; i < len(l.points); i++ {
		b := l.points[i].Vector()
		best = math.Min(best, nearSegment(v, a, b, best))
		a = b
	}
	return arcOfChord(best, p.lat, p.lat)
}

// nearSegment returns the distance from v to the geodesic from a to b, or
// anything longer than limit where it is longer. Long segments are halved on
// the ellipsoid where the answer may lie.
func nearSegment(v, a, b Vector, limit float64) float64 {
	d, _ := SegmentDistance(v, a, b)
	length := b.Sub(a).Norm()
	if length <= straightMeters {
		return d
	}
	sag := length * length / (8 * 6_335_000)
	if d-sag > limit {
		return d
	}
	mid := Vector{(a.X + b.X) / 2, (a.Y + b.Y) / 2, (a.Z + b.Z) / 2}.Point().Vector()
	first := nearSegment(v, a, mid, limit)
	return math.Min(first, nearSegment(v, mid, b, math.Min(limit, first)))
}

// Crosses reports whether a part of the line lies in the box, taking segments
// as straight in degrees along the shorter way round.
func (b Bounds) Crosses(l Line) bool {
	for i, p := range l.points {
		if b.Contains(p) {
			return true
		}
		if i > 0 && b.crossesSegment(l.points[i-1], p) {
			return true
		}
	}
	return false
}

func (b Bounds) crossesSegment(p, q Point) bool {
	// Unroll the longitudes: q near p, and the box three times round the earth.
	x1, x2 := p.lng, p.lng+math.Remainder(q.lng-p.lng, 360)
	west, east := b.West, b.East
	if east < west {
		east += 360
	}
	for _, turn := range [...]float64{-360, 0, 360} {
		if clip(x1, p.lat, x2, q.lat, west+turn, b.South, east+turn, b.North) {
			return true
		}
	}
	return false
}

// clip reports whether a segment meets a box. Source: Liang and Barsky (1984).
func clip(x1, y1, x2, y2, west, south, east, north float64) bool {
	t0, t1 := 0.0, 1.0
	for _, e := range [...]struct{ p, q float64 }{
		{x1 - x2, x1 - west}, {x2 - x1, east - x1}, {y1 - y2, y1 - south}, {y2 - y1, north - y1},
	} {
		switch {
		case e.p == 0 && e.q < 0:
			return false
		case e.p < 0:
			t0 = math.Max(t0, e.q/e.p)
		case e.p > 0:
			t1 = math.Min(t1, e.q/e.p)
		}
	}
	return t0 <= t1
}
