// Package geo has points and lines on the WGS84 ellipsoid, distances in metres,
// bounds, and the encodings of a line. It is exact where the rest of RUNVS
// relies on it: every function says how far it can be from the truth.
package geo

import (
	"math"

	"github.com/runvs/runvs/domain/fault"
)

// Point is a place on the ellipsoid, in degrees. Only NewPoint makes one, so a
// Point is always finite and in range; the zero value is 0° N 0° E.
type Point struct{ lat, lng float64 }

// NewPoint makes a point of degrees: latitude in [-90, 90], longitude in
// [-180, 180]. NaN, infinities and values outside are refused with Invalid, the
// location being "lat" or "lng". A value nearer to zero than smallestDegrees becomes
// zero, and so does minus zero.
func NewPoint(lat, lng float64) (Point, error) {
	if !(lat >= -90 && lat <= 90) {
		return Point{}, fault.InvalidField("lat", "%v is not a latitude: it must lie in [-90, 90]", lat)
	}
	if !(lng >= -180 && lng <= 180) {
		return Point{}, fault.InvalidField("lng", "%v is not a longitude: it must lie in [-180, 180]", lng)
	}
	return Point{lat: zeroIfTiny(lat), lng: zeroIfTiny(lng)}, nil
}

// smallestDegrees is a tenth of a micrometre. 1e-300 degrees is not a place of its
// own, and PostgreSQL's JSONB writes it with 300 zeros.
const smallestDegrees = 1e-12

func zeroIfTiny(degrees float64) float64 {
	if math.Abs(degrees) < smallestDegrees {
		return 0
	}
	return degrees
}

// MustPoint is NewPoint for constants and tests; it panics on bad input.
func MustPoint(lat, lng float64) Point {
	p, err := NewPoint(lat, lng)
	if err != nil {
		panic(err)
	}
	return p
}

// Lat returns the latitude in degrees.
func (p Point) Lat() float64 { return p.lat }

// Lng returns the longitude in degrees.
func (p Point) Lng() float64 { return p.lng }

// Interpolate returns the place at fraction t of the way from p to q, for t in
// [0, 1], along the shorter way round the antimeridian. It is linear in degrees:
// good to a millimetre over the few hundred metres between two fixes.
func (p Point) Interpolate(q Point, t float64) Point {
	dLng := q.lng - p.lng
	if dLng > 180 {
		dLng -= 360
	} else if dLng < -180 {
		dLng += 360
	}
	lng := p.lng + t*dLng
	if lng > 180 {
		lng -= 360
	} else if lng < -180 {
		lng += 360
	}
	return Point{lat: p.lat + t*(q.lat-p.lat), lng: lng}
}

// Round returns the point with its degrees cut to a number of decimals; seven
// keep it within 6 mm.
func (p Point) Round(decimals int) Point {
	k := math.Pow10(decimals)
	return Point{lat: math.Round(p.lat*k)/k + 0, lng: math.Round(p.lng*k)/k + 0}
}
