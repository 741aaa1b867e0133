package geo

import "sort"

// Way is a line in space: its vertices as vectors, with the metres to each of
// them along the chords. For legs of some hundred metres these are true to the
// millimetre.
type Way struct {
	At    []Vector
	Along []float64 // metres from the start, ascending
}

// Way returns the line in space.
func (l Line) Way() Way {
	w := Way{At: make([]Vector, l.Len()), Along: make([]float64, l.Len())}
	var walker Walker
	for i := range w.At {
		w.At[i] = walker.Vector(l.At(i))
		if i > 0 {
			w.Along[i] = w.Along[i-1] + w.At[i].Sub(w.At[i-1]).Norm()
		}
	}
	return w
}

// LengthMeters returns how long the way is.
func (w Way) LengthMeters() float64 { return w.Along[len(w.Along)-1] }

// Place returns where the way is at so many metres from the start; beyond the
// ends, an end.
func (w Way) Place(along float64) Vector {
	i := sort.SearchFloat64s(w.Along, along)
	switch {
	case i == 0:
		return w.At[0]
	case i == len(w.At):
		return w.At[len(w.At)-1]
	}
	t := (along - w.Along[i-1]) / (w.Along[i] - w.Along[i-1])
	a, b := w.At[i-1], w.At[i]
	return Vector{a.X + t*(b.X-a.X), a.Y + t*(b.Y-a.Y), a.Z + t*(b.Z-a.Z)}
}
