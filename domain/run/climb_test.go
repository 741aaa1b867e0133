package run

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/runvs/runvs/domain/geo"
)

// terrain is made-up ground, and a runner on it.
type terrain struct {
	seconds, speed float64 // m/s
	round          float64 // metres of the loop that is run; 0 for straight on
	noise          float64 // metres, the altimeter's standard deviation
	altitude       func(second, meters float64) float64
}

// recorded are the fixes of a run on it, one every so many seconds.
func (t terrain) recorded(every float64, seed uint64) []Fix {
	random := rand.New(rand.NewPCG(seed, 1))
	var fixes []Fix
	for s := 0.0; s <= t.seconds; s += every {
		x := s * t.speed
		f := east(s, x)
		if t.round > 0 {
			radius := t.round / (2 * math.Pi)
			f.Point = course.Unproject(radius*math.Cos(x/radius), radius*math.Sin(x/radius))
		}
		f.Altitude = t.altitude(s, x) + t.noise*random.NormFloat64()
		fixes = append(fixes, f)
	}
	return fixes
}

// up and down by so many metres, at so many metres a second.
func upAndDown(height, rate float64) func(second, _ float64) float64 {
	return func(second, _ float64) float64 {
		p := math.Mod(second*rate, 2*height)
		return 40 + min(p, 2*height-p)
	}
}

func rolling(length float64) func(_, meters float64) float64 {
	return func(_, meters float64) float64 { return 100 + 5*math.Sin(2*math.Pi*meters/length) }
}

func drifting(ground func(second, meters float64) float64, perHour float64) func(second, meters float64) float64 {
	return func(second, meters float64) float64 { return ground(second, meters) + perHour*second/3600 }
}

func flat(_, _ float64) float64 { return 30 }

func TestClimbWhoseTruthIsKnown(t *testing.T) {
	pass := func(_, meters float64) float64 { return 500 + 800*(1-math.Abs(meters-13_500)/13_500) }
	steps := func(_, meters float64) float64 { return 20 + 3*math.Floor(meters/60) }
	for _, c := range []struct {
		name  string
		on    terrain
		truth float64
	}{
		{"flat", terrain{seconds: 3600, speed: 2.8, altitude: flat}, 0},
		{"flat with noise", terrain{seconds: 3600, speed: 2.8, noise: 3, altitude: flat}, 0},
		{"flat with noise, walked", terrain{seconds: 3600, speed: 1.3, noise: 3, altitude: flat}, 0},
		{"flat for 40 minutes, with noise", terrain{seconds: 2400, speed: 2.8, noise: 3, altitude: flat}, 0},
		{"stairs to and fro", terrain{seconds: 1800, speed: 0.6, altitude: upAndDown(20, 0.25)}, 225},
		{"long stairs, with noise", terrain{seconds: 2880, speed: 0.6, noise: 0.5, altitude: upAndDown(60, 0.25)}, 360},
		{"stairs with landings", terrain{seconds: 3600, speed: 2.8, noise: 0.5, altitude: steps}, 504},
		{"short hills", terrain{seconds: 3600, speed: 2.8, altitude: rolling(200)}, 504},
		{"hills", terrain{seconds: 3600, speed: 2.8, altitude: rolling(400)}, 252},
		{"long hills, with noise", terrain{seconds: 3600, speed: 2.8, noise: 0.5, altitude: rolling(1000)}, 101},
		{"a pass", terrain{seconds: 10_800, speed: 2.5, altitude: pass}, 800},
		{"a pass, with noise", terrain{seconds: 10_800, speed: 2.5, noise: 3, altitude: pass}, 800},
		{"hills, with drift", terrain{seconds: 3600, speed: 2.8, altitude: drifting(rolling(500), 30)}, 201},
		{"hills in laps, with drift", terrain{seconds: 3600, speed: 2.8, round: 2000, altitude: drifting(rolling(500), -30)}, 201},
		{"flat laps, with drift", terrain{seconds: 3600, speed: 2.8, round: 2000, altitude: drifting(flat, 30)}, 0},
		{"flat laps, with drift and noise", terrain{seconds: 3600, speed: 2.8, round: 2000, noise: 1, altitude: drifting(flat, 30)}, 0},
		{"a flat loop, with drift", terrain{seconds: 3600, speed: 2.8, round: 10_000, altitude: drifting(flat, 30)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, every := range []float64{1, 5, 15} {
				for seed := range uint64(5) {
					got := float64(measure(t, c.on.recorded(every, seed)).ElevationGainMeters)
					if c.truth == 0 && got >= 5 || math.Abs(got-c.truth) > c.truth/10 && c.truth > 0 {
						t.Errorf("a fix every %v s, seed %d: %v m, want %v", every, seed, got, c.truth)
					}
				}
			}
		})
	}
}

// What a barometer drifts to and fro is climb to it. Making it even would add more.
func TestDriftToAndFroIsNotMadeWorse(t *testing.T) {
	there := terrain{seconds: 3600, speed: 2.8, round: 2000, altitude: func(s, _ float64) float64 { return 100 + 15*math.Sin(2*math.Pi*s/3600) }}
	if m := measure(t, there.recorded(1, 0)); m.ElevationGainMeters > 31 {
		t.Errorf("%d m", m.ElevationGainMeters)
	}
}

// A satellite's error lasts for some seconds, and no differences of neighbours show it.
func TestNoiseThatLastsIsHardlyClimb(t *testing.T) {
	for seed := range uint64(5) {
		fixes := terrain{seconds: 3600, speed: 2.8, noise: 3, altitude: flat}.recorded(1, seed)
		const fades = 0.8 // to a third within 5 s
		for i := 1; i < len(fixes); i++ {
			fixes[i].Altitude = 30 + fades*(fixes[i-1].Altitude-30) + math.Sqrt(1-fades*fades)*(fixes[i].Altitude-30)
		}
		if m := measure(t, fixes); m.ElevationGainMeters > 100 { // taken for a barometer's, it is 1,000
			t.Errorf("seed %d: %d m", seed, m.ElevationGainMeters)
		}
	}
}

// A barometer's last digit flickers by a grade of 7 % at every stride.
func TestAFlickerIsNoGrade(t *testing.T) {
	m := measure(t, terrain{seconds: 1000, speed: 3, altitude: func(s, _ float64) float64 { return 100 + 0.2*float64(int(s)%2) }}.recorded(1, 0))
	if s := m.Splits[0]; math.Abs(*s.GradeAdjustedPaceSecondsPerKM-s.PaceSecondsPerKM) > 2 {
		t.Errorf("%v s/km, and on the flat %v", s.PaceSecondsPerKM, *s.GradeAdjustedPaceSecondsPerKM)
	}
}

func TestAltitudesThatAreNone(t *testing.T) {
	on := func(altitude func(second int) float64) []Fix {
		fixes := steady(1800, 3)
		for i := range fixes {
			fixes[i].Altitude = altitude(i)
		}
		return fixes
	}
	// instead says something else than 120 m for a while.
	instead := func(says float64, from, to int) []Fix {
		return on(func(s int) float64 {
			if s >= from && s < to {
				return says
			}
			return 120
		})
	}
	for name, c := range map[string]struct {
		fixes       []Fix
		least, most float64 // of the profile
	}{
		"0 before the place was found":       {instead(0, 0, 40), 120, 120},
		"0 now and then":                     {instead(0, 700, 760), 120, 120},
		"0 at the end":                       {instead(0, 1700, 1801), 120, 120},
		"9,999":                              {instead(9_999, 300, 340), 120, 120},
		"12,607, which is 65,535 in FIT":     {instead(12_607, 300, 1300), 120, 120},
		"-500, which is 0 in FIT":            {instead(-500, 0, 40), 120, 120},
		"one altitude gone mad":              {instead(150, 900, 901), 120, 120},
		"a barometer set anew by 30 m":       {instead(150, 900, 1801), 120, 120},
		"a barometer set anew down, by 30 m": {instead(90, 900, 1801), 120, 120},
		"an altimeter that only knows 0":     {on(func(int) float64 { return 0 }), 0, 0},
		"at the sea": {on(func(s int) float64 {
			return math.Round(1.2 * math.Sin(float64(s)/100))
		}), -1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := measure(t, c.fixes)
			if m.ElevationGainMeters != 0 || m.ElevationLossMeters != 0 || len(m.ElevationProfile) < 100 {
				t.Errorf("+%d −%d m, %d samples", m.ElevationGainMeters, m.ElevationLossMeters, len(m.ElevationProfile))
			}
			for _, s := range m.ElevationProfile {
				if s.AltitudeMeters < c.least-0.5 || s.AltitudeMeters > c.most+0.5 {
					t.Fatalf("the profile says %v", s)
				}
			}
		})
	}
	if f := (Fix{Altitude: 65_535}).Known(); Has(f.Altitude) {
		t.Error("65,535 is an altitude")
	}
}

// Whoever runs down to the sea is as high as the zeros there say.
func TestZerosAtTheSeaAreTrue(t *testing.T) {
	m := measure(t, terrain{seconds: 1800, speed: 3, altitude: func(s, _ float64) float64 {
		return math.Round(max(0, math.Abs(s-900)-300) / 10) // down 60 m, ten minutes along, up again
	}}.recorded(1, 0))
	if abs(m.ElevationGainMeters-60) > 1 || abs(m.ElevationLossMeters-60) > 1 {
		t.Errorf("+%d −%d m, want 60", m.ElevationGainMeters, m.ElevationLossMeters)
	}
}

func TestWhatChangesInAPauseIsNoClimb(t *testing.T) {
	fixes := steady(1800, 3)
	for i := range fixes {
		fixes[i].Altitude = 100
		if i > 1200 { // by cable car
			fixes[i].Altitude = 400
		}
	}
	m := measure(t, fixes, Pause{StartedAt: second(900), EndedAt: second(1500)})
	if m.ElevationGainMeters != 0 {
		t.Errorf("%d m climbed", m.ElevationGainMeters)
	}
}

func TestABrokenAltimeterGivesWayToTheGround(t *testing.T) {
	var points []geo.Point
	var flatly, hilly []ProfileSample
	for x := 0.0; x <= 5400; x += 27 {
		points = append(points, course.Unproject(x, 0))
		flatly = append(flatly, ProfileSample{x, 20 + 10*math.Sin(math.Pi*x/5400)})
		hilly = append(hilly, ProfileSample{x, 20 + 160*math.Sin(math.Pi*x/5400)})
	}
	line, err := geo.NewLine(points)
	if err != nil {
		t.Fatal(err)
	}
	run := func(rise float64, north float64) []Fix {
		fixes := steady(1800, 3)
		for i := range fixes {
			fixes[i].Altitude = 20 + rise*math.Sin(math.Pi*float64(i)/1800)
			fixes[i].Point = course.Unproject(float64(i)*3, north)
		}
		return fixes
	}
	for name, c := range map[string]struct {
		fixes  []Fix
		ground Ground
		gain   int
		broken bool
	}{
		"150 m on a flat course":                          {run(150, 10), Ground{line, flatly}, 10, true},
		"90 m on a flat course":                           {run(90, 10), Ground{line, flatly}, 90, false},
		"150 m on a hilly course":                         {run(150, 10), Ground{line, hilly}, 150, false},
		"150 m beside the course":                         {run(150, 500), Ground{line, flatly}, 150, false},
		"150 m on no course":                              {run(150, 10), Ground{}, 150, false},
		"150 m where nobody knows how high the course is": {run(150, 10), Ground{Line: line}, 150, false},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Measure(t.Context(), Recording{Fixes: c.fixes, Ground: c.ground}, DefaultFilter())
			if err != nil {
				t.Fatal(err)
			}
			if abs(m.ElevationGainMeters-c.gain) > 1 || slices.Contains(m.Flags, FlagAltimeterBroken) != c.broken {
				t.Errorf("%d m, flags %v", m.ElevationGainMeters, m.Flags)
			}
		})
	}
}

func TestOnlyALargeRangeNeedsTheGround(t *testing.T) {
	for rise, want := range map[float64]bool{90: false, 110: true} {
		fixes := steady(10, 3)
		for i := range fixes {
			fixes[i].Altitude = rise * float64(i) / 10
		}
		fixes[5].Altitude = Absent
		if got := NeedsGround([]Chunk{RestoreChunk(ChunkInput{Fixes: fixes}, Digest{})}); got != want {
			t.Errorf("a range of %v m: %v", rise, got)
		}
	}
}

func TestNoiseIsEstimated(t *testing.T) {
	for _, size := range []float64{0, 0.5, 3} {
		t.Run(fmt.Sprintf("%v m", size), func(t *testing.T) {
			fixes := terrain{seconds: 3600, speed: 3, noise: size, altitude: rolling(500)}.recorded(1, 7)
			level := make([]float64, len(fixes))
			for i, f := range fixes {
				level[i] = f.Altitude
			}
			if got := noiseOf(level, 1); math.Abs(got-size) > 0.1*size+0.01 {
				t.Errorf("%v m", got)
			}
		})
	}
}
