package judge

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/runvs/runvs/domain/geo"
)

// runner records a run: places at a speed, a fix every so often.
type runner struct {
	fixes []Fix
	clock float64 // seconds
	speed float64 // metres a second
	every float64 // seconds between fixes
	noise float64 // metres, standard deviation, wandering as receivers do
	rng   *rand.Rand
	drift [2]float64
}

func newRunner() *runner {
	return &runner{speed: 3, every: 1, rng: rand.New(rand.NewPCG(1, 2))} // repeatable
}

const startTime = 1_777_600_000_000

func (r *runner) fix(p geo.Point) {
	if r.noise > 0 {
		for k := range r.drift { // an autoregressive wander of the wanted deviation
			r.drift[k] = 0.9*r.drift[k] + math.Sqrt(1-0.81)*r.noise*r.rng.NormFloat64()
		}
		p = geo.NewPlane(p).Unproject(r.drift[0], r.drift[1])
	}
	r.fixes = append(r.fixes, Fix{Point: p, Timestamp: startTime + int64(math.Round(r.clock*1000)), AccuracyMeters: math.NaN()})
}

// along runs over places; the first is where the runner is, or begins.
func (r *runner) along(places ...geo.Point) *runner {
	if len(r.fixes) == 0 {
		r.fix(places[0])
	}
	rest := 0.0 // seconds since the last fix
	for i := 1; i < len(places); i++ {
		d := geo.Distance(places[i-1], places[i])
		if d == 0 {
			continue
		}
		took := d / r.speed
		for next := r.every - rest; next <= took; next += r.every {
			was := r.clock
			r.clock += next
			r.fix(places[i-1].Interpolate(places[i], next/took))
			r.clock = was
		}
		rest = math.Mod(rest+took, r.every)
		r.clock += took
	}
	if rest > 1e-9 {
		r.fix(places[len(places)-1])
		// Later fixes keep their rhythm from here.
	}
	return r
}

// stand stays for so many seconds, with the receiver's jitter.
func (r *runner) stand(p geo.Point, seconds float64) *runner {
	for s := 0.0; s < seconds; s += r.every {
		r.clock += r.every
		r.fix(geo.NewPlane(p).Unproject(r.rng.NormFloat64()*1.5, r.rng.NormFloat64()*1.5))
	}
	return r
}

// unseen moves on without a fix: a tunnel, a phone asleep.
func (r *runner) unseen(meters float64) *runner {
	r.clock += meters / r.speed
	return r
}

func run(places ...geo.Point) []Fix { return newRunner().along(places...).fixes }

func noisy(deviation float64, places ...geo.Point) []Fix {
	r := newRunner()
	r.noise = deviation
	return r.along(places...).fixes
}

func sampled(every float64, places ...geo.Point) []Fix {
	r := newRunner()
	r.every = every
	return r.along(places...).fixes
}

func reversed(places []geo.Point) []geo.Point {
	out := make([]geo.Point, len(places))
	for i, p := range places {
		out[len(places)-1-i] = p
	}
	return out
}

func times(n int, lap []geo.Point) []geo.Point {
	var out []geo.Point
	for range n {
		out = append(out, lap...)
	}
	return out
}

// The shapes of the cases.
var (
	road      = []geo.Point{at(0, 0), at(10_000, 0)}
	hairpin   = []geo.Point{at(0, 0), at(500, 0), at(500, 20), at(0, 20)}
	outAndBak = []geo.Point{at(0, 0), at(1000, 0), at(0, 0)}
	eight     = append(append([]geo.Point{}, arc(150, 270, -90, 0, 150)...), arc(150, 90, 450, 0, -150)...)
	track400  = append(append(append(append([]geo.Point{at(0, 0), at(84.4, 0)}, arc(36.5, -90, 90, 84.4, 36.5)...), at(0, 73)), arc(36.5, 90, 270, 0, 36.5)...), at(0, 0))
	square    = []geo.Point{at(0, 0), at(500, 0), at(500, 500), at(0, 500), at(0, 0)}
)

func TestCases(t *testing.T) {
	detour := []geo.Point{at(0, 0), at(4000, 0), at(4000, 60), at(4100, 60), at(4100, 0), at(10_000, 0)}
	corner := []geo.Point{at(0, 0), at(500, 0), at(500, 500)}
	bend := arc(200, 180, 0, 200, 0)
	bendOutside := arc(255, 180, 0, 200, 0)
	tightBend := times(1, arc(40, 180, -180, 40, 0))
	shuttle := times(5, []geo.Point{at(0, 0), at(1000, 0)})
	for _, c := range []struct {
		name   string
		course []geo.Point
		run    []Fix
		want   Status
		why    Reason // the main reason, when not completed
	}{
		{"whole course", road, run(road...), Completed, ""},
		{"first half", road, run(at(0, 0), at(5000, 0)), NotCompleted, FinishNotPassed},
		{"last half", road, run(at(5000, 0), at(10_000, 0)), NotCompleted, StartNotPassed},
		{"300 m of 10 km", road, run(at(0, 0), at(300, 0)), NotCompleted, FinishNotPassed},
		{"standing still at the start", road, newRunner().stand(at(0, 0), 1800).fixes, NotCompleted, FinishNotPassed},
		{"standing still at the finish", road, newRunner().stand(at(10_000, 0), 1800).fixes, NotCompleted, StartNotPassed},
		{"reversed", road, run(reversed(road)...), NotCompleted, WrongDirection},
		{"shuttling over 1 km until the length adds up", road, run(shuttle...), NotCompleted, FinishNotPassed},
		{"shortcut of 5 %", square, run(at(0, 0), at(500, 0), at(500, 450), at(450, 500), at(0, 500), at(0, 0)), Completed, ""},
		{"shortcut of 30 %", square, run(at(0, 0), at(500, 0), at(500, 190), at(0, 190), at(0, 0)), NotCompleted, Shortcut},
		{"60 m detour for 100 m and back", road, run(detour...), Completed, ""},
		{"parallel street 45 m off all along", road, run(at(0, 45), at(10_000, 45)), Completed, ""},
		{"parallel street 55 m off, but for the ends", road, run(at(0, 0), at(100, 0), at(100, 55), at(9900, 55), at(9900, 0), at(10_000, 0)), NotCompleted, OffCourse},
		{"55 m off all along a wide bend, which is straight", bend, run(append(append([]geo.Point{bend[0]}, bendOutside...), bend[len(bend)-1])...), NotCompleted, OffCourse},
		{"hairpin run", hairpin, run(hairpin...), Completed, ""},
		{"hairpin with noise", hairpin, noisy(4, hairpin...), Completed, ""},
		{"hairpin cut", hairpin, run(at(0, 0), at(250, 0), at(250, 20), at(0, 20)), NotCompleted, Shortcut},
		{"out and back run fully", outAndBak, run(outAndBak...), Completed, ""},
		{"out and back with noise", outAndBak, noisy(5, outAndBak...), Completed, ""},
		{"out and back turned round at half", outAndBak, run(at(0, 0), at(500, 0), at(0, 0)), NotCompleted, Shortcut},
		{"out and back, only out", outAndBak, run(at(0, 0), at(1000, 0)), NotCompleted, FinishNotPassed},
		{"figure-eight", eight, run(eight...), Completed, ""},
		{"figure-eight with noise", eight, noisy(5, eight...), Completed, ""},
		{"one loop of a figure-eight", eight, run(eight[:len(eight)/2]...), NotCompleted, FinishNotPassed},
		{"400 m as a 400 m course", track400, run(track400...), Completed, ""},
		{"three laps as a 1,200 m course", times(3, track400), run(times(3, track400)...), Completed, ""},
		{"one lap of a 1,200 m course", times(3, track400), run(track400...), NotCompleted, FinishNotPassed},
		{"two laps of a 1,200 m course", times(3, track400), run(times(2, track400)...), NotCompleted, FinishNotPassed},
		{"a loop started in the middle", square, run(at(500, 500), at(0, 500), at(0, 0), at(500, 0), at(500, 500)), NotCompleted, StartNotPassed},
		{"start gate crossed three times while warming up", road, run(at(-100, 0), at(120, 0), at(-100, 0), at(120, 0), at(-100, 0), at(10_000, 0)), Completed, ""},
		{"tunnel of 300 m without fixes", road, newRunner().along(at(0, 0), at(5000, 0)).unseen(300).along(at(5300, 0), at(10_000, 0)).fixes, Completed, ""},
		{"fixes every 10 s", square, sampled(10, square...), Completed, ""},
		{"20 Hz", square, sampled(0.05, square...), Completed, ""},
		{"GPS noise of 5 m", square, noisy(5, square...), Completed, ""},
		{"GPS noise of 10 m", square, noisy(10, square...), Completed, ""},
		{"a course of 2 vertices round a corner's outside", corner, run(at(0, 0), at(540, 0), at(540, 500), at(500, 500)), Completed, ""},
		{"duplicated vertices", []geo.Point{at(0, 0), at(0, 0), at(500, 0), at(500, 0), at(1000, 0), at(1000, 0)}, run(at(0, 0), at(1000, 0)), Completed, ""},
		{"a tight bend", tightBend, run(tightBend...), Completed, ""},
		{"no fix", road, nil, NotCompleted, TooFewPoints},
		{"1 fix", road, run(road...)[:1], NotCompleted, TooFewPoints},
		{"2 fixes, at the ends", road, []Fix{run(road...)[0], run(road...)[len(run(road...))-1]}, NotCompleted, CoverageTooLow},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := judged(t, c.course, c.run)
			if v.Status != c.want || (c.why != "" && (len(v.Reasons) == 0 || v.Reasons[0] != c.why)) {
				t.Fatalf("%s %v, want %s %s\n%+v", v.Status, v.Reasons, c.want, c.why, v)
			}
			if v.Status == Completed && (v.CourseDurationSeconds == nil || v.Laps != 1 || v.CoveragePercent < 80) {
				t.Errorf("laps %d, covered %.1f %%, %v", v.Laps, v.CoveragePercent, v.CourseDurationSeconds)
			}
		})
	}
}

func TestVerticesThatAreAlmostOne(t *testing.T) {
	corner := at(500, 0)
	course := []geo.Point{at(0, 0), corner, geo.MustPoint(corner.Lat(), math.Nextafter(corner.Lng(), 180)), at(1000, 0)}
	c := Prepare(path(t, course...), CurrentRules())
	for _, a := range aligning(t, c, run(at(0, 0), at(1000, 0))) {
		if !a.on || a.deviation > 0.05 || math.IsNaN(a.progress) {
			t.Fatalf("%+v", a)
		}
	}
	if v := judging(t, c, []Fix{{Point: corner}, {Point: corner, Timestamp: 1000}}); v.MaxDeviationMeters != 0 {
		t.Errorf("at the vertex it is %g m off", v.MaxDeviationMeters)
	}
}

// A receiver that records every second, with noise that is new every time, makes
// the way between the fixes twice as long as the way run. That is no cheating.
func TestNoiseEverySecondIsNotImplausible(t *testing.T) {
	course := Prepare(path(t, at(0, 0), at(3000, 0)), CurrentRules())
	r := rand.New(rand.NewPCG(3, 3)) // repeatable
	var fixes []Fix
	for i := range 1001 {
		p := at(3*float64(i)+4*r.NormFloat64(), 4*r.NormFloat64())
		fixes = append(fixes, Fix{Point: p, Timestamp: startTime + int64(1000*i), AccuracyMeters: 5})
	}
	if v := judging(t, course, fixes); v.Status != Completed {
		t.Errorf("%s %v", v.Status, v.Reasons)
	}
	for i := range fixes { // the same in a car
		fixes[i].Timestamp = startTime + int64(250*i)
	}
	if v := judging(t, course, fixes); !slices.Contains(v.Reasons, ImplausibleMovement) {
		t.Errorf("12 m/s over 3 km: %s %v", v.Status, v.Reasons)
	}
}

// What the record knows against a run is a reason of its own, with or without an
// attempt, and said once.
func TestWhatIsKnownAgainstARunIsAReason(t *testing.T) {
	course := Prepare(path(t, at(0, 0), at(1000, 0)), CurrentRules())
	run := func(meters, speed float64) (fixes []Fix) {
		for x := 0.0; x <= meters; x += speed {
			fixes = append(fixes, Fix{Point: at(x, 0), Timestamp: startTime + int64(1000*len(fixes)), AccuracyMeters: 5})
		}
		return fixes
	}
	for name, c := range map[string]struct {
		fixes []Fix
		known []Reason
		want  []Reason
	}{
		"honest":              {run(1000, 3), nil, []Reason{}},
		"a copy":              {run(1000, 3), []Reason{CopiedTrack}, []Reason{CopiedTrack}},
		"a clock back":        {run(1000, 3), []Reason{ImplausibleMovement}, []Reason{ImplausibleMovement}},
		"a copy of a car":     {run(1000, 20), []Reason{CopiedTrack}, []Reason{ImplausibleMovement, CopiedTrack}},
		"a car, a clock back": {run(1000, 20), []Reason{ImplausibleMovement}, []Reason{ImplausibleMovement}},
		"a copy of a half":    {run(500, 3), []Reason{CopiedTrack}, []Reason{FinishNotPassed, CoverageTooLow, CopiedTrack}},
	} {
		v, err := course.Judge(t.Context(), c.fixes, c.known...)
		if err != nil || !slices.Equal(v.Reasons, c.want) || (v.Status == Completed) != (len(c.want) == 0) {
			t.Errorf("%s: %s %v, want %v (%v)", name, v.Status, v.Reasons, c.want, err)
		}
	}
}
