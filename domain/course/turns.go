package course

import (
	"math"

	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/judge"
)

// Bend says how a course turns.
type Bend int

// The bends.
const (
	Left Bend = iota + 1
	Right
	SlightLeft
	SlightRight
)

// Turn is a place where a course turns, of which a runner is told.
type Turn struct {
	AlongMeters float64
	Point       geo.Point // on the line, where half of the turn is done
	Bend        Bend
}

const (
	// leastTurn is the least that is a turn, in radians: 20°. Of less a runner needs not
	// be told, for the way goes on.
	leastTurn = 20 * math.Pi / 180
	// plainTurn is the least that is no slight turn: 50°, half of a corner and a little.
	plainTurn = 50 * math.Pi / 180
	// bearingMeters is the way before and behind a place between which it has its
	// heading: enough that a metre's error of a receiver makes no turn.
	bearingMeters = 10
	turnStep      = 5 // metres between two headings
)

// Turns finds the turns of a line in its curve sections, in order. A section that
// bends one way and then the other has a turn for each; one that comes back to where
// it headed with nothing over leastTurn between has none.
func Turns(line geo.Line, sections []judge.Section) []Turn {
	if len(sections) == 0 {
		return nil
	}
	way := line.Way()
	var turns []Turn
	for _, s := range sections {
		turns = append(turns, turnsIn(way, max(0, s.FromMeters-bearingMeters), min(way.LengthMeters(), s.ToMeters+bearingMeters))...)
	}
	return turns
}

// turnsIn finds the turns of a stretch. turned is by how many radians the way has
// turned left since the stretch began; a turn lies between a low of it and a high
// that are leastTurn apart.
func turnsIn(way geo.Way, from, to float64) []Turn {
	turned := headings(way, from, to)
	var turns []Turn
	begin, peak, sign := 0, 0, 1.0
	for k := range turned {
		switch back := sign * (turned[peak] - turned[k]); {
		case back <= 0:
			peak = k
		case back >= leastTurn:
			turns = appendTurn(turns, way, from, turned, begin, peak)
			begin, peak, sign = peak, k, -sign
		}
	}
	return appendTurn(turns, way, from, turned, begin, peak)
}

// headings returns, for each turnStep of a stretch, by how much the way has turned
// left since it began.
func headings(way geo.Way, from, to float64) []float64 {
	turned := make([]float64, 0, int((to-from)/turnStep)+1)
	var before geo.Vector
	for at := from; at <= to; at += turnStep {
		here := way.Place(at)
		heading := way.Place(at + bearingMeters).Sub(way.Place(at - bearingMeters))
		if len(turned) == 0 {
			before, turned = heading, append(turned, 0)
			continue
		}
		turned = append(turned, turned[len(turned)-1]+leftwards(before, heading, here))
		before = heading
	}
	return turned
}

// leftwards returns the angle from one heading to the next, as seen from above a
// place: its sign is that of the part of their cross product that points up.
func leftwards(a, b, place geo.Vector) float64 {
	up := (place.X*(a.Y*b.Z-a.Z*b.Y) + place.Y*(a.Z*b.X-a.X*b.Z) + place.Z*(a.X*b.Y-a.Y*b.X)) / place.Norm()
	return math.Atan2(up, a.Dot(b))
}

// appendTurn adds the turn between two steps of a stretch, if it is one.
func appendTurn(turns []Turn, way geo.Way, from float64, turned []float64, begin, end int) []Turn {
	angle := turned[end] - turned[begin]
	if math.Abs(angle) < leastTurn {
		return turns
	}
	k := begin + 1
	for k < end && math.Abs(turned[k]-turned[begin]) < math.Abs(angle)/2 {
		k++
	}
	step := (turned[begin] + angle/2 - turned[k-1]) / (turned[k] - turned[k-1])
	along := from + turnStep*(float64(k-1)+step)
	return append(turns, Turn{AlongMeters: along, Point: way.Place(along).Point(), Bend: bendOf(angle)})
}

// bendOf names a turn to the left by so many radians.
func bendOf(angle float64) Bend {
	switch {
	case angle >= plainTurn:
		return Left
	case angle <= -plainTurn:
		return Right
	case angle > 0:
		return SlightLeft
	}
	return SlightRight
}
