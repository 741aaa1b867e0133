package course

import (
	"math"
	"sort"

	"github.com/runvs/runvs/domain/geo"
)

// A line that comes through one place again and again costs the judge time there
// for every pass. Laps do so by right; a scribble, a ball of jitter or a drawing
// does not. So the passes through every place are counted, and where there are
// too many, the line must be laps there: it leaves, and comes back the way it
// came the last time or the time before (up and down a hill is laps as well).

const (
	// PassMeters is the side of a place: a line that goes straight through it is
	// that long within it, so what is that long counts as one pass.
	PassMeters = 20
	// cellMeters: places are looked for at every half of their side.
	cellMeters = PassMeters / 2
	// strideMeters is how finely the line is walked.
	strideMeters = 5
	// aroundMeters is how far from the middle of a place a lap may go by it: two
	// receivers on two sides of a path.
	aroundMeters = 30
	// visitMeters is how long a visit may be: somebody goes by, or in, turns round and
	// goes out again.
	visitMeters = 6 * aroundMeters
	// lapDriftMeters is how far apart two laps may be, halfway.
	lapDriftMeters = 60
	// lapShare is how many of the laps must be alike: a runner drinks, once in a while.
	lapShare = 0.75
	// hottestPlaces is how many places are looked at that have too many passes, the
	// most crowded first. A track has one to every 10 m of it, and they are alike.
	hottestPlaces = 24
)

// cell is a cube of cellMeters in space; space knows neither poles nor a date line.
type cell [3]int32

// walk is a line as passes are counted on it: in steps of at most strideMeters.
type walk struct{ geo.Way }

// steps calls visit for every step: its middle, its length and where it begins.
func (w walk) steps(visit func(middle geo.Vector, length, along float64)) {
	for i := 1; i < len(w.At); i++ {
		from, way := w.At[i-1], w.At[i].Sub(w.At[i-1])
		length := w.Along[i] - w.Along[i-1]
		n := math.Ceil(length / strideMeters)
		for k := 0.0; k < n; k++ {
			t := (k + 0.5) / n
			visit(geo.Vector{X: from.X + t*way.X, Y: from.Y + t*way.Y, Z: from.Z + t*way.Z}, length/n, w.Along[i-1]+k/n*length)
		}
	}
}

// scribble returns where a line comes through one place most often without being
// laps there, in metres along it, and how often; 0 when it nowhere does so more
// than MaxPasses times.
func scribble(l geo.Line) (atMeters, passes float64) {
	w := walk{l.Way()}
	meters := map[cell]float64{}
	w.steps(func(middle geo.Vector, length, _ float64) { meters[cellOf(middle)] += length })
	type place struct {
		corner cell
		meters float64
	}
	var crowded []place
	for corner := range meters {
		// A place is 8 cells. One that is too crowded has a cell with an eighth of it,
		// so few are added up.
		if meters[corner] < MaxPasses*PassMeters/8 {
			continue
		}
		for _, d := range octants {
			p := place{corner: cell{corner[0] - d[0], corner[1] - d[1], corner[2] - d[2]}}
			for _, e := range octants {
				p.meters += meters[cell{p.corner[0] + e[0], p.corner[1] + e[1], p.corner[2] + e[2]}]
			}
			if p.meters > MaxPasses*PassMeters {
				crowded = append(crowded, p)
			}
		}
	}
	sort.Slice(crowded, func(i, j int) bool {
		a, b := crowded[i], crowded[j]
		if a.meters != b.meters {
			return a.meters > b.meters
		}
		return a.corner.before(b.corner)
	})
	for _, p := range crowded[:min(len(crowded), hottestPlaces)] {
		if first, laps := w.laps(p.corner.far()); !laps {
			return first, p.meters / PassMeters
		}
	}
	return 0, 0
}

var octants = [8]cell{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {1, 1, 0}, {0, 0, 1}, {1, 0, 1}, {0, 1, 1}, {1, 1, 1}}

func cellOf(v geo.Vector) cell {
	return cell{int32(math.Floor(v.X / cellMeters)), int32(math.Floor(v.Y / cellMeters)), int32(math.Floor(v.Z / cellMeters))}
}

func (c cell) before(d cell) bool {
	for i := range c {
		if c[i] != d[i] {
			return c[i] < d[i]
		}
	}
	return false
}

// far is the corner opposite to that where a cell begins: the middle of the
// place that begins there.
func (c cell) far() geo.Vector {
	return geo.Vector{X: cellMeters * float64(c[0]+1), Y: cellMeters * float64(c[1]+1), Z: cellMeters * float64(c[2]+1)}
}

// visit is a stretch of the line around a place, in metres along the line.
type visit struct{ from, to float64 }

func (v visit) middle() float64 { return (v.from + v.to) / 2 }

// laps reports whether the line goes by a place in laps, and where it is there
// first, in metres along it.
func (w walk) laps(middle geo.Vector) (first float64, ok bool) {
	var visits []visit
	w.steps(func(at geo.Vector, length, along float64) {
		d := at.Sub(middle)
		if d.Dot(d) > aroundMeters*aroundMeters {
			return
		}
		if n := len(visits); n > 0 && along-visits[n-1].to < aroundMeters {
			visits[n-1].to = along + length
			return
		}
		visits = append(visits, visit{along, along + length})
	})
	if len(visits) == 0 {
		return 0, false
	}
	inside := 0.0
	for _, v := range visits {
		inside += v.to - v.from
	}
	if first = visits[0].from; len(visits) < MaxPasses/4 || inside > float64(len(visits))*visitMeters {
		return first, false
	}
	alike, laps := 0, 0
	for i := 2; i+1 < len(visits); i++ {
		laps++
		lap := func(k int) visit { return visit{visits[k].middle(), visits[k+1].middle()} }
		if w.alike(lap(i), lap(i-1)) || w.alike(lap(i), lap(i-2)) {
			alike++
		}
	}
	return first, float64(alike) >= lapShare*float64(laps)
}

// alike reports whether two laps go the same way.
func (w walk) alike(a, b visit) bool {
	for _, t := range [...]float64{0.25, 0.5, 0.75} {
		d := w.Place(a.from + t*(a.to-a.from)).Sub(w.Place(b.from + t*(b.to-b.from)))
		if d.Norm() > lapDriftMeters {
			return false
		}
	}
	return true
}
