package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// wanderer is a line of so many steps of about so many metres.
func wanderer(t *rapid.T) Line {
	at := MustPoint(rapid.Float64Range(-89, 89).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng"))
	points := []Point{at}
	step := rapid.SampledFrom([]float64{1, 60, 900, 20_000}).Draw(t, "step")
	heading := 0.0
	for range rapid.IntRange(1, 150).Draw(t, "vertices") {
		heading += rapid.Float64Range(-1.5, 1.5).Draw(t, "turn")
		at = NewPlane(at).Unproject(step*math.Sin(heading), step*math.Cos(heading))
		points = append(points, at)
	}
	line, err := NewLine(points)
	if err != nil {
		t.Skip("it did not move")
	}
	return line
}

func TestAnOutlineBoundsTheDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := wanderer(t)
		stored := line.Outline().Bytes()
		if len(stored) > 272 {
			t.Fatalf("%d bytes", len(stored))
		}
		o, err := ParseOutline(stored)
		if err != nil {
			t.Fatal(err)
		}
		near := line.At(rapid.IntRange(0, line.Len()-1).Draw(t, "near"))
		away := rapid.Float64Range(-1, 1)
		reach := rapid.SampledFrom([]float64{0, 10, 1000, 30_000}).Draw(t, "reach")
		place := NewPlane(near).Unproject(reach*away.Draw(t, "east"), reach*away.Draw(t, "north"))
		exact := line.DistanceMeters(place)
		if least, most := o.Distance(place.Vector()); !(least <= exact && exact <= most) {
			t.Fatalf("%f m is not in [%f, %f]", exact, least, most)
		}
	})
}

func TestAnOutlineIsClose(t *testing.T) {
	// A loop of 5 km with a vertex every 10 m, as a phone records it.
	center := NewPlane(MustPoint(37.5, 127))
	var points []Point
	for i := range 500 {
		angle := 2 * math.Pi * float64(i) / 499
		radius := 796 + 150*math.Sin(3*angle) + 40*math.Sin(7*angle)
		points = append(points, center.Unproject(radius*math.Cos(angle), radius*math.Sin(angle)))
	}
	line, err := NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	o, err := ParseOutline(line.Outline().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if o.slack > 10 {
		t.Errorf("its distances are told to within %f m", o.slack)
	}
	for _, b := range [][]byte{nil, make([]byte, 43), make([]byte, 45)} {
		if _, err := ParseOutline(b); err == nil {
			t.Errorf("%d bytes are an outline", len(b))
		}
	}
}

func BenchmarkOutlineDistance(b *testing.B) {
	line, _ := NewLine([]Point{MustPoint(37.5, 127), MustPoint(37.51, 127), MustPoint(37.51, 127.01)})
	o := line.Outline()
	for len(o.vertices) < outlinePoints {
		o.vertices = append(o.vertices, o.vertices[0])
	}
	from := MustPoint(37.52, 127.02).Vector()
	for b.Loop() {
		o.Distance(from)
	}
}
