package geo

import "math"

// Plane is the tangent plane at a place: x metres east, y metres north. Lengths
// in it are true within r²/(2·6.36e6²), r being the distance from the place: 3 mm
// in 100 m at 50 km.
type Plane struct {
	origin      Vector
	east, north Vector
}

// NewPlane returns the plane that touches the ellipsoid at p.
func NewPlane(p Point) Plane {
	sinLat, cosLat := math.Sincos(p.lat * math.Pi / 180)
	sinLng, cosLng := math.Sincos(p.lng * math.Pi / 180)
	return Plane{
		origin: p.Vector(),
		east:   Vector{-sinLng, cosLng, 0},
		north:  Vector{-sinLat * cosLng, -sinLat * sinLng, cosLat},
	}
}

// Project returns where p lies in the plane, straight below or above it.
func (pl Plane) Project(p Point) (x, y float64) {
	d := p.Vector().Sub(pl.origin)
	return d.Dot(pl.east), d.Dot(pl.north)
}

// Unproject returns the place of the ellipsoid that Project takes to (x, y),
// exact to a micrometre within 1,000 km of the plane's own place.
func (pl Plane) Unproject(x, y float64) Point {
	u, v := x, y
	var p Point
	for i := 0; i < 8; i++ {
		p = Vector{
			pl.origin.X + u*pl.east.X + v*pl.north.X,
			pl.origin.Y + u*pl.east.Y + v*pl.north.Y,
			pl.origin.Z + u*pl.east.Z + v*pl.north.Z,
		}.Point()
		px, py := pl.Project(p)
		if math.Hypot(x-px, y-py) < 1e-7 {
			break
		}
		u, v = u+x-px, v+y-py
	}
	return p
}
