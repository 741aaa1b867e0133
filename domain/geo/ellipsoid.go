package geo

import "math"

// The WGS84 ellipsoid. Source: NGA.STND.0036, table 3.1.
const (
	semiMajorMeters = 6378137.0
	flattening      = 1 / 298.257223563
	semiMinorMeters = semiMajorMeters * (1 - flattening)
	eccentricity2   = flattening * (2 - flattening)
)

// meanRadiusMeters is R1 of the IUGG: (2a+b)/3.
const meanRadiusMeters = (2*semiMajorMeters + semiMinorMeters) / 3

// chordLimitMeters is how far apart two points may be for Distance to measure
// the straight chord through the earth and correct it for the curve. At the
// limit the correction is 1 mm and its own error under a micrometre.
const chordLimitMeters = 10_000

// Vector is a place in earth-centred, earth-fixed coordinates, in metres.
type Vector struct{ X, Y, Z float64 }

// Vector returns the point's earth-centred coordinates at height 0.
// Source: Hofmann-Wellenhof et al., GNSS (2008), eq. 8.1.
func (p Point) Vector() Vector {
	sinLat, cosLat := math.Sincos(p.lat * (math.Pi / 180))
	sinLng, cosLng := math.Sincos(p.lng * (math.Pi / 180))
	n := semiMajorMeters / math.Sqrt(1-eccentricity2*sinLat*sinLat)
	return Vector{n * cosLat * cosLng, n * cosLat * sinLng, n * (1 - eccentricity2) * sinLat}
}

// Sub returns v - w.
func (v Vector) Sub(w Vector) Vector { return Vector{v.X - w.X, v.Y - w.Y, v.Z - w.Z} }

// Dot returns the scalar product.
func (v Vector) Dot(w Vector) float64 { return v.X*w.X + v.Y*w.Y + v.Z*w.Z }

// Norm returns the length in metres.
func (v Vector) Norm() float64 { return math.Sqrt(v.Dot(v)) }

// Distance returns the length in metres of the geodesic between p and q on the
// WGS84 ellipsoid. It is within 10 µm of the truth up to 10 km and within 0.5 mm
// beyond, except for nearly antipodal pairs, where Vincenty's series does not
// converge and the great circle on a sphere stands in (within 0.6 %).
func Distance(p, q Point) float64 {
	if p == q {
		return 0
	}
	if math.Abs(p.lat-q.lat) < 0.1 {
		if chord := p.Vector().Sub(q.Vector()).Norm(); chord < chordLimitMeters {
			return arcOfChord(chord, p.lat, q.lat)
		}
	}
	return vincenty(p, q)
}

// arcOfChord lengthens a chord to its arc on a circle of the mean curvature of
// the place: s = c + c³/(24 R²), the next term being c⁵·3/(640 R⁴) < 1e-9 m.
func arcOfChord(chord, lat1, lat2 float64) float64 {
	sin := math.Sin((lat1 + lat2) / 2 * (math.Pi / 180))
	w := 1 - eccentricity2*sin*sin
	// Gaussian mean radius √(MN); the true one differs by the direction by under
	// 0.7 %, which at 10 km changes the 1 mm correction by 14 µm at most.
	r2 := semiMajorMeters * semiMajorMeters * (1 - eccentricity2) / (w * w)
	return chord * (1 + chord*chord/(24*r2))
}

// vincenty solves the inverse problem. Source: T. Vincenty, Survey Review
// XXIII 176 (1975), eqs. 13 to 21.
func vincenty(p, q Point) float64 {
	const rad = math.Pi / 180
	u1 := math.Atan((1 - flattening) * math.Tan(p.lat*rad))
	u2 := math.Atan((1 - flattening) * math.Tan(q.lat*rad))
	sinU1, cosU1 := math.Sincos(u1)
	sinU2, cosU2 := math.Sincos(u2)
	l := math.Remainder((q.lng-p.lng)*rad, 2*math.Pi)
	lambda := l
	for i := 0; i < 200; i++ {
		sinL, cosL := math.Sincos(lambda)
		sinSigma := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinSigma == 0 {
			return 0
		}
		cosSigma := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinSigma, cosSigma)
		sinAlpha := cosU1 * cosU2 * sinL / sinSigma
		cos2Alpha := 1 - sinAlpha*sinAlpha
		cos2M := 0.0
		if cos2Alpha > 0 { // 0 on the equator
			cos2M = cosSigma - 2*sinU1*sinU2/cos2Alpha
		}
		c := flattening / 16 * cos2Alpha * (4 + flattening*(4-3*cos2Alpha))
		next := l + (1-c)*flattening*sinAlpha*(sigma+c*sinSigma*(cos2M+c*cosSigma*(2*cos2M*cos2M-1)))
		if math.Abs(next-lambda) < 1e-13 {
			k := cos2Alpha * (semiMajorMeters*semiMajorMeters/(semiMinorMeters*semiMinorMeters) - 1)
			a := 1 + k/16384*(4096+k*(-768+k*(320-175*k)))
			b := k / 1024 * (256 + k*(-128+k*(74-47*k)))
			delta := b * sinSigma * (cos2M + b/4*(cosSigma*(2*cos2M*cos2M-1)-
				b/6*cos2M*(4*sinSigma*sinSigma-3)*(4*cos2M*cos2M-3)))
			return semiMinorMeters * a * (sigma - delta)
		}
		if math.Abs(next) > math.Pi {
			break
		}
		lambda = next
	}
	return greatCircle(p, q)
}

// greatCircle is the haversine distance on a sphere of the mean radius.
func greatCircle(p, q Point) float64 {
	const rad = math.Pi / 180
	sinLat := math.Sin((q.lat - p.lat) / 2 * rad)
	sinLng := math.Sin((q.lng - p.lng) / 2 * rad)
	h := sinLat*sinLat + math.Cos(p.lat*rad)*math.Cos(q.lat*rad)*sinLng*sinLng
	return 2 * meanRadiusMeters * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Point returns the place on the ellipsoid below or above v, for v within a few
// kilometres of it; degrees are exact to 1e-11 (a micrometre).
// Source: B. R. Bowring, Survey Review XXIII 181 (1976), iterated once more.
func (v Vector) Point() Point {
	const rad = math.Pi / 180
	p := math.Hypot(v.X, v.Y)
	u := math.Atan2(v.Z, p*(1-flattening))
	var lat float64
	for i := 0; i < 2; i++ {
		sin, cos := math.Sincos(u)
		const secondEccentricity2 = eccentricity2 / (1 - eccentricity2)
		lat = math.Atan2(v.Z+secondEccentricity2*semiMinorMeters*sin*sin*sin, p-eccentricity2*semiMajorMeters*cos*cos*cos)
		u = math.Atan((1 - flattening) * math.Tan(lat))
	}
	return Point{lat: lat / rad, lng: math.Atan2(v.Y, v.X) / rad}
}
