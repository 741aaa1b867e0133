package course

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
)

// path is a line through places in metres east and north of one in Seoul.
func path(t testing.TB, meters [][2]float64) geo.Line {
	t.Helper()
	plane := geo.NewPlane(geo.MustPoint(37.5, 127))
	points := make([]geo.Point, len(meters))
	for i, m := range meters {
		points[i] = plane.Unproject(m[0], m[1])
	}
	l, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// noisy moves every place by some metres.
func noisy(meters [][2]float64, sigma float64) [][2]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([][2]float64, len(meters))
	for i, m := range meters {
		out[i] = [2]float64{m[0] + sigma*r.NormFloat64(), m[1] + sigma*r.NormFloat64()}
	}
	return out
}

// track is laps of an athletics track of 400 m, a vertex to every 10 m or so.
func track(laps int) (out [][2]float64) {
	const straight, radius = 84.39, 36.5
	for range laps {
		for k := range 8 {
			out = append(out, [2]float64{straight * float64(k) / 8, -radius})
		}
		for k := range 11 {
			a := -math.Pi/2 + math.Pi*float64(k)/11
			out = append(out, [2]float64{straight + radius*math.Cos(a), radius * math.Sin(a)})
		}
		for k := range 8 {
			out = append(out, [2]float64{straight * (1 - float64(k)/8), radius})
		}
		for k := range 11 {
			a := math.Pi/2 + math.Pi*float64(k)/11
			out = append(out, [2]float64{radius * math.Cos(a), radius * math.Sin(a)})
		}
	}
	return out
}

// upAndDown is a hill of so many metres, run up and down again and again.
func upAndDown(times int, meters float64) (out [][2]float64) {
	for range times {
		for k := range 20 {
			out = append(out, [2]float64{meters * float64(k) / 20, 0})
		}
		for k := range 20 {
			out = append(out, [2]float64{meters * (1 - float64(k)/20), 0})
		}
	}
	return out
}

func zigzag(vertices int, box float64) (out [][2]float64) {
	for i := range vertices {
		out = append(out, [2]float64{box * float64(i%2), box * float64(i) / float64(vertices)})
	}
	return out
}

func random(vertices int, box float64) (out [][2]float64) {
	r := rand.New(rand.NewPCG(3, 4))
	for range vertices {
		out = append(out, [2]float64{box * r.Float64(), box * r.Float64()})
	}
	return out
}

// star is rays from one place out and back, each into another direction.
func star(rays int, meters float64) (out [][2]float64) {
	for i := range rays {
		a := 2.399963 * float64(i) // the golden angle: no two neighbours are alike
		out = append(out, [2]float64{0, 0}, [2]float64{meters * math.Cos(a), meters * math.Sin(a)})
	}
	return out
}

func straight(vertices int, leg float64) (out [][2]float64) {
	for i := range vertices {
		out = append(out, [2]float64{0, leg * float64(i)})
	}
	return out
}

func TestWhatIsACourse(t *testing.T) {
	waiting := append(straight(20, 50), noisy(make([][2]float64, 600), 3)...)
	for _, c := range []struct {
		name string
		line [][2]float64
		code string // "" for a course
	}{
		{"a kilometre", straight(11, 100), ""},
		{"99 m", straight(2, 99), "course_too_short"},
		{"100 m", straight(2, 100.1), ""},
		{"499 km", straight(20_000, 24.95), ""},
		{"501 km", straight(20_000, 25.06), "course_too_long"},
		{"a leg of 20 km", straight(2, 19_990), ""},
		{"a leg of 20.1 km", straight(2, 20_100), "course_leg_too_long"},
		{"20,001 vertices", straight(20_001, 1), "course_too_many_vertices"},
		{"three laps of a track", track(3), ""},
		{"100 laps of a track", track(100), ""},
		{"100 laps of a track, by a receiver", noisy(track(100), 5), ""},
		{"100 times up and down a hill", upAndDown(100, 300), ""},
		{"the same by a receiver", noisy(upAndDown(100, 300), 5), ""},
		{"45 laps of 5 km", noisy(lapsOf(45, 5000), 5), ""},
		{"a zigzag of 20,000 vertices in a box of 20 m", zigzag(20_000, 20), "course_scribble"},
		{"to and fro over 200 m, which is laps", zigzag(2_400, 200), ""},
		{"a scribble in 50 m", random(5_000, 50), "course_scribble"},
		{"a scribble in 100 m", random(5_000, 100), "course_scribble"},
		{"a star of 100 rays", star(100, 500), "course_scribble"},
		{"a star of 15 rays", star(15, 500), ""},
		{"a ball of jitter", waiting, "course_scribble"},
		{"a track with a scribble on it", append(track(50), random(500, 30)...), "course_scribble"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CheckLine(path(t, c.line))
			if f := fault.As(err); (f == nil) != (c.code == "") || f != nil && f.Code != c.code {
				t.Fatalf("got %v, want %q", err, c.code)
			}
			if err != nil {
				d := fault.As(err).Details
				value, limit := d["value"].(float64), d["limit"].(float64)
				if c.code == "course_too_short" && value >= limit || c.code != "course_too_short" && value <= limit {
					t.Errorf("the value %v and the limit %v say nothing", value, limit)
				}
			}
		})
	}
}

// lapsOf is laps of a rectangle of so many metres.
func lapsOf(laps int, meters float64) (out [][2]float64) {
	side := meters / 4
	for range laps {
		for k := range 40 {
			t := float64(k%10) / 10 * side
			out = append(out, [...][2]float64{{t, 0}, {side, t}, {side - t, side}, {0, side - t}}[k/10])
		}
	}
	return out
}

func TestAStoredCourseOverABoundIsSetAsideWithTheReason(t *testing.T) {
	c := Course{Route: path(t, straight(20_000, 90))}
	f := fault.As(c.Check())
	if f == nil || f.Code != "course_set_aside" || f.Details["bound"] != "course_too_long" || f.Details["limit"] != float64(MaxLengthMeters) {
		t.Fatalf("got %v %v", f, f.Details)
	}
	if err := (Course{Route: path(t, straight(10, 90))}).Check(); err != nil {
		t.Error(err)
	}
}

func BenchmarkCheckLine(b *testing.B) {
	for name, l := range map[string]geo.Line{
		"marathon":  path(b, lapsOf(42, 1000)),
		"500km":     path(b, straight(20_000, 24.95)),
		"100laps":   path(b, noisy(track(100), 5)),
		"450laps":   path(b, track(450)),
		"zigzag20m": path(b, zigzag(20_000, 20)),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = CheckLine(l)
			}
		})
	}
}

func TestACourseStaysOffThePoles(t *testing.T) {
	for lat, code := range map[float64]string{89.89: "", -89.89: "", 89.91: "course_at_pole", -89.95: "course_at_pole", 90: "course_at_pole"} {
		l, err := geo.NewLine([]geo.Point{geo.MustPoint(math.Copysign(89.88, lat), 10), geo.MustPoint(lat, 10)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := CheckLine(l); (err == nil) != (code == "") || code != "" && !fault.HasCode(err, code) {
			t.Errorf("at %v: %v", lat, err)
		}
	}
}
