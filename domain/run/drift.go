package run

import (
	"math"
	"slices"

	"github.com/runvs/runvs/domain/geo"
)

// maxAnchors is how many places of a path are compared with each other: a run of
// 50 km has so many, and a longer one is looked at less closely.
const maxAnchors = 4000

// drift estimates by how many metres a barometer drifted with the weather from the
// first altitude to the last. A place is as high when the runner comes back to it: what
// it differs by, half the run or more later, is drift, taken to be even over the run.
// Of a path that never comes back nothing tells drift from climb: then it is 0.
func (r ClimbRules) drift(m altimetry, place func(i int) geo.Point) float64 {
	if place == nil {
		return 0
	}
	last := len(m.level) - 1
	whole := m.seconds[last] - m.seconds[0]
	every := max(r.SamePlaceMeters/2, (m.along[last]-m.along[0])/maxAnchors)
	plane := geo.NewPlane(place(m.place[0]))
	type cell struct{ x, y int }
	first := map[cell]int{}
	var rates []float64 // metres a second
	for i, next := 0, m.along[0]; i <= last; i++ {
		if m.along[i] < next {
			continue
		}
		next = m.along[i] + every
		x, y := plane.Project(place(m.place[i]))
		at := cell{int(math.Floor(x / r.SamePlaceMeters)), int(math.Floor(y / r.SamePlaceMeters))}
		k, seen := first[at]
		if !seen {
			first[at] = i
		} else if apart := m.seconds[i] - m.seconds[k]; apart > 0 && apart >= whole/2 {
			rates = append(rates, (m.level[i]-m.level[k])/apart)
		}
	}
	if len(rates) == 0 {
		return 0
	}
	slices.Sort(rates)
	return rates[len(rates)/2] * whole
}

// tilt takes a drift out.
func (m altimetry) tilt(drift float64) {
	from := m.seconds[0]
	whole := m.seconds[len(m.seconds)-1] - from
	for i := range m.level {
		m.level[i] -= drift * (m.seconds[i] - from) / whole
	}
}
