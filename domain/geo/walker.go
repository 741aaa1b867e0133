package geo

import "math"

// Walker turns points into vectors, as Point.Vector does and within 5 nm of it,
// several times faster when each point is near the one before: the sine of a sum
// needs no sine of its parts again. The zero value is ready to use.
type Walker struct {
	ready                          bool
	lat, lng                       float64 // radians, of the place that is remembered
	sinLat, cosLat, sinLng, cosLng float64
}

// stepRadians is how far from the remembered place, in latitude or longitude, the
// series below are good to the last digit of a double: the terms left out are
// under 1e-22.
const stepRadians = 0.002

// Vector returns the point's earth-centred coordinates at height 0.
func (w *Walker) Vector(p Point) Vector {
	lat, lng := p.lat*(math.Pi/180), p.lng*(math.Pi/180)
	dLat, dLng := lat-w.lat, lng-w.lng
	if !w.ready || !(math.Abs(dLat) < stepRadians) || !(math.Abs(dLng) < stepRadians) {
		w.ready, w.lat, w.lng, dLat, dLng = true, lat, lng, 0, 0
		w.sinLat, w.cosLat = math.Sincos(lat)
		w.sinLng, w.cosLng = math.Sincos(lng)
	}
	s, c := smallSincos(dLat)
	sinLat, cosLat := w.sinLat*c+w.cosLat*s, w.cosLat*c-w.sinLat*s
	s, c = smallSincos(dLng)
	sinLng, cosLng := w.sinLng*c+w.cosLng*s, w.cosLng*c-w.sinLng*s
	n := semiMajorMeters / math.Sqrt(1-eccentricity2*sinLat*sinLat)
	return Vector{n * cosLat * cosLng, n * cosLat * sinLng, n * (1 - eccentricity2) * sinLat}
}

// smallSincos is the beginning of the Taylor series of sine and cosine.
func smallSincos(x float64) (sin, cos float64) {
	x2 := x * x
	return x * (1 - x2/6*(1-x2/20)), 1 - x2/2*(1-x2/12*(1-x2/30))
}

// ArcMeters returns the length of the geodesic between two places of the
// ellipsoid that are at most 10 km apart, from the chord between them; as exact
// as Distance.
func ArcMeters(v, w Vector) float64 {
	chord := w.Sub(v).Norm()
	// The geocentric latitude is within 0.2° of the geodetic one, which changes the
	// correction of at most 1 mm by a millionth.
	sin2 := v.Z * v.Z / v.Dot(v)
	k := 1 - eccentricity2*sin2
	r2 := semiMajorMeters * semiMajorMeters * (1 - eccentricity2) / (k * k)
	return chord * (1 + chord*chord/(24*r2))
}
