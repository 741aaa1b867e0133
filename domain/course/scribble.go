package course

import (
	"math"
	"sort"

	"github.com/runvs/runvs/domain/geo"
)

// A line that comes through one place again and again costs the judge time there
// for every pass. Laps may do so; a scribble, a ball of jitter or a drawing may
// not. So the passes through every place are counted. Where there are too many, the
// line must be laps: it leaves, and comes back the way it came the last time or the
// time before that (up and down a hill is laps as well). Then the laps are left
// out, and the rest is looked at again, so nothing hides behind laps.

const (
	// PassMeters is the side of a place. A line that goes straight through is that
	// long within it, so that length counts as one pass.
	PassMeters = 20
	// cellMeters: places are looked for at every half of their side.
	cellMeters = PassMeters / 2
	// strideMeters is how finely the line is walked.
	strideMeters = 5
	// aroundMeters is how far from the middle of a place a lap may go by it: two
	// receivers on two sides of a path.
	aroundMeters = 30
	// visitMeters is how long a visit may be: somebody passes by, or comes in, turns
	// round and goes out again.
	visitMeters = 6 * aroundMeters
	// Two laps may be lapDrift of their length apart on the way, within these bounds:
	// less is a receiver's noise, and more is another way.
	lapDrift            = 1.0 / 6
	leastLapDriftMeters = 25
	mostLapDriftMeters  = 60
	// lapShare is how many of the laps must be alike: a runner drinks, once in a while.
	lapShare = 0.75
	// maxCircuits is how many ways may be run in laps, each over MaxPasses times. It
	// bounds how often the line is walked.
	maxCircuits = 12
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

// scribble returns where a line comes through one place too often, in metres along
// it, and how often. Laps are left out. It returns 0 when there is no such place.
func scribble(l geo.Line) (atMeters, passes float64) {
	w := walk{l.Way()}
	var laps []stretch // what is known to be laps, ascending
	for range maxCircuits {
		middle, meters := w.hottest(laps)
		if meters <= MaxPasses*PassMeters {
			return 0, 0
		}
		first, more := w.laps(middle)
		if atMeters, passes = first, meters/PassMeters; !cover(&laps, more) {
			break
		}
	}
	return atMeters, passes
}

// hottest returns the middle of the place with the most metres of the line, and how
// many they are. Laps are left out. Places with too few metres do not count.
func (w walk) hottest(laps []stretch) (middle geo.Vector, meters float64) {
	in := map[cell]float64{}
	w.steps(func(at geo.Vector, length, along float64) {
		for len(laps) > 0 && laps[0].to <= along {
			laps = laps[1:]
		}
		if len(laps) == 0 || along < laps[0].from {
			in[cellOf(at)] += length
		}
	})
	var hottest cell
	for c, here := range in {
		// A place is 8 cells. One that is too crowded has a cell with an eighth of it,
		// so few are added up.
		if here < MaxPasses*PassMeters/8 {
			continue
		}
		for _, d := range octants {
			corner, sum := cell{c[0] - d[0], c[1] - d[1], c[2] - d[2]}, 0.0
			for _, e := range octants {
				sum += in[cell{corner[0] + e[0], corner[1] + e[1], corner[2] + e[2]}]
			}
			if sum > meters || sum == meters && corner.before(hottest) {
				hottest, meters = corner, sum
			}
		}
	}
	return hottest.far(), meters
}

// cover adds stretches to those that are known, and reports whether any was not.
func cover(known *[]stretch, more []stretch) (added bool) {
	all := append(*known, more...)
	sort.Slice(all, func(i, j int) bool { return all[i].from < all[j].from })
	before, after := 0.0, 0.0
	for _, s := range *known {
		before += s.to - s.from
	}
	out := all[:0]
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	for _, s := range out {
		after += s.to - s.from
	}
	*known = out
	return after > before+PassMeters
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

// stretch is a part of the line, in metres along it.
type stretch struct{ from, to float64 }

func (s stretch) middle() float64 { return (s.from + s.to) / 2 }

// laps returns which parts of the line are laps by a place, none where it goes by
// otherwise, and where the line is there first, in metres along it.
func (w walk) laps(middle geo.Vector) (first float64, laps []stretch) {
	var visits []stretch
	inside := 0.0
	w.steps(func(at geo.Vector, length, along float64) {
		d := at.Sub(middle)
		if d.Dot(d) > aroundMeters*aroundMeters {
			return
		}
		inside += length
		if n := len(visits); n > 0 && along-visits[n-1].to < aroundMeters {
			visits[n-1].to = along + length
			return
		}
		visits = append(visits, stretch{along, along + length})
	})
	if len(visits) == 0 {
		return 0, nil
	}
	if first = visits[0].from; len(visits) < MaxPasses/4 || inside > float64(len(visits))*visitMeters {
		return first, nil
	}
	all := make([]stretch, len(visits)-1)
	for i := range all {
		all[i] = stretch{visits[i].middle(), visits[i+1].middle()}
	}
	for i, lap := range all {
		for _, k := range [...]int{i - 1, i - 2, i + 1, i + 2} {
			if k >= 0 && k < len(all) && w.alike(lap, all[k]) {
				laps = append(laps, lap)
				break
			}
		}
	}
	if float64(len(laps)) < lapShare*float64(len(all)) {
		return first, nil
	}
	return first, laps
}

// alike reports whether two laps go the same way.
func (w walk) alike(a, b stretch) bool {
	most := min(mostLapDriftMeters, max(leastLapDriftMeters, lapDrift*(a.to-a.from)))
	for _, t := range [...]float64{0.25, 0.5, 0.75} {
		d := w.Place(a.from + t*(a.to-a.from)).Sub(w.Place(b.from + t*(b.to-b.from)))
		if d.Norm() > most {
			return false
		}
	}
	return true
}
