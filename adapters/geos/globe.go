package geos

import "github.com/runvs/runvs/domain/geo"

// antimeridianTurn is once around, in degrees.
const antimeridianTurn = 360.0

// unroll gives a ring in degrees whose longitudes run on beyond ±180° rather
// than jump; they begin near base when it is not 0.
func unroll(plane geo.Plane, coords [][]float64, base float64) [][]float64 {
	out := make([][]float64, len(coords))
	last := base
	for i, c := range coords {
		p := plane.Unproject(c[0], c[1]).Round(7)
		lng := p.Lng()
		if i > 0 || base != 0 {
			for lng-last > 180 {
				lng -= antimeridianTurn
			}
			for lng-last < -180 {
				lng += antimeridianTurn
			}
		}
		out[i] = []float64{lng, p.Lat()}
		last = lng
	}
	return out
}

// beyond reports whether an unrolled ring crosses ±180°.
func beyond(ring [][]float64) bool {
	for _, c := range ring {
		if c[0] > 180 || c[0] < -180 {
			return true
		}
	}
	return false
}

func points(rings [][][]float64, turn float64) [][]geo.Point {
	out := make([][]geo.Point, len(rings))
	for r, ring := range rings {
		if anticlockwise(ring) != (r == 0) {
			for i, j := 0, len(ring)-1; i < j; i, j = i+1, j-1 {
				ring[i], ring[j] = ring[j], ring[i]
			}
		}
		for _, c := range ring {
			out[r] = append(out[r], geo.MustPoint(c[1], min(180, max(-180, c[0]-turn))))
		}
	}
	return out
}

func anticlockwise(ring [][]float64) bool {
	area := 0.0
	for i := 1; i < len(ring); i++ {
		area += (ring[i][0] - ring[i-1][0]) * (ring[i][1] + ring[i-1][1])
	}
	return area < 0
}
