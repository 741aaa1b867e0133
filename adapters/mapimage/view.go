package mapimage

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// view maps Web Mercator (x east, y south, the world being 1 wide, 0 being
// where the equator meets Greenwich) to pixels.
type view struct {
	x0, y0, scale float64 // scale: pixels per world
	lat           float64 // of the middle
}

// mercator projects a route; longitudes run on across ±180°.
func mercator(route geo.Line) [][2]float64 {
	out := make([][2]float64, route.Len())
	lng := route.At(0).Lng()
	for i := range out {
		p := route.At(i)
		lng += math.Remainder(p.Lng()-lng, 360)
		lat := math.Max(-85.05, math.Min(85.05, p.Lat())) * math.Pi / 180
		out[i] = [2]float64{lng / 360, -math.Log(math.Tan(math.Pi/4+lat/2)) / (2 * math.Pi)}
	}
	return out
}

// fit centres the route within the margins; the shortest course is not blown
// up beyond 100 m across.
func fit(route geo.Line, points [][2]float64) view {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		minX, maxX = math.Min(minX, p[0]), math.Max(maxX, p[0])
		minY, maxY = math.Min(minY, p[1]), math.Max(maxY, p[1])
	}
	b := route.Bounds()
	v := view{lat: (b.South + b.North) / 2}
	least := 100 / metersPerWorld(v.lat)
	v.scale = math.Min((Width-2*margin)/math.Max(maxX-minX, least), (Height-2*margin)/math.Max(maxY-minY, least))
	v.x0 = (minX+maxX)/2 - Width/2/v.scale
	v.y0 = (minY+maxY)/2 - Height/2/v.scale
	return v
}

func (v view) pixel(p [2]float64) (x, y float64) {
	return (p[0] - v.x0) * v.scale, (p[1] - v.y0) * v.scale
}

// pixels is pixel for all points.
func (v view) pixels(points [][2]float64) [][2]float64 {
	out := make([][2]float64, len(points))
	for i, p := range points {
		out[i][0], out[i][1] = v.pixel(p)
	}
	return out
}

// metersPerWorld is how many metres on the ground one world width of Web
// Mercator is at a latitude.
func metersPerWorld(lat float64) float64 {
	const equator = 40_075_016.7
	return equator * math.Cos(math.Max(-85, math.Min(85, lat))*math.Pi/180)
}
