package geo

// Place is a point with its vector. It saves work where distances from one point
// are measured more than once.
type Place struct {
	Point
	vector Vector
}

// PlaceOf returns the place of a point.
func PlaceOf(p Point) Place { return Place{p, p.Vector()} }

// DistanceWithin returns the Distance between p and q and true, if it is at most
// limit metres. Whether q is farther is decided by the chord alone, which is never
// longer than the geodesic. So far and antipodal places cost no more than near ones.
func (p Place) DistanceWithin(q Place, limit float64) (meters float64, ok bool) {
	switch chord := p.vector.Sub(q.vector).Norm(); {
	case chord > limit:
		return 0, false
	case p.Point == q.Point:
		return 0, true
	case chord < chordLimitMeters:
		meters = arcOfChord(chord, p.lat, q.lat)
	default:
		meters = vincenty(p.Point, q.Point)
	}
	return meters, meters <= limit
}
