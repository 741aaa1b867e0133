package run

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
)

// ascent is a path that climb is measured of, place by place.
type ascent struct {
	along    []float64             // metres from the start, ascending
	seconds  []float64             // of running up to there, ascending
	altitude func(i int) float64   // metres, or Absent
	place    func(i int) geo.Point // nil where nobody knows
}

// altimetry are the altitudes of a path that an altimeter really measured.
type altimetry struct {
	along, seconds, level []float64
	place                 []int // of the ascent, that each was measured at
}

// altitudes collects what was measured, and takes out what an altimeter says
// without anybody having climbed: altitudes where nobody runs, zeros of one that
// knows nothing, and leaps.
func (r ClimbRules) altitudes(a ascent) altimetry {
	measured := func(i int) bool {
		v := a.altitude(i)
		return v >= r.LowestMeters && v <= r.HighestMeters // false for NaN
	}
	n := 0
	for i := range a.along {
		if measured(i) {
			n++
		}
	}
	m := altimetry{make([]float64, n), make([]float64, n), make([]float64, n), make([]int, n)}
	k := 0
	for i := range a.along {
		if measured(i) {
			m.along[k], m.seconds[k], m.level[k], m.place[k] = a.along[i], a.seconds[i], a.altitude(i), i
			k++
		}
	}
	m.dropZeros(r.ZeroMeters)
	m.closeLeaps(r.LeapMS, r.LeapNoise*noiseOf(m.level, 1))
	return m
}

// dropZeros takes out stretches of exact zeros, unless an altitude next to them is
// about zero too: then the run is at the sea. A path of nothing but zeros stays.
func (m *altimetry) dropZeros(near float64) {
	n, kept := len(m.level), 0
	for from, to := 0, 0; from < n; from = to {
		to = from + 1
		for m.level[from] == 0 && to < n && m.level[to] == 0 {
			to++
		}
		sea := from == 0 && to == n || from > 0 && math.Abs(m.level[from-1]) <= near || to < n && math.Abs(m.level[to]) <= near
		if m.level[from] == 0 && !sea {
			continue
		}
		// What was dropped before has moved nothing behind from-1 that is still looked at.
		for i := from; i < to; i++ {
			m.along[kept], m.seconds[kept], m.level[kept], m.place[kept] = m.along[i], m.seconds[i], m.level[i], m.place[i]
			kept++
		}
	}
	m.along, m.seconds, m.level, m.place = m.along[:kept], m.seconds[:kept], m.level[:kept], m.place[:kept]
}

// closeLeaps takes out steps faster than anybody climbs or falls, and higher than
// noise, up and down alike: a lone wrong altitude, or a barometer that was set anew.
// In a break nobody runs, so what changes in it is no climb either.
func (m *altimetry) closeLeaps(fastest, noise float64) {
	shift, before := 0.0, 0.0
	for i, v := range m.level {
		if i > 0 && math.Abs(v-before) > fastest*max(1, m.seconds[i]-m.seconds[i-1])+noise {
			shift += before - v
		}
		before = v
		m.level[i] = v + shift
	}
}
