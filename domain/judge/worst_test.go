package judge

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
)

// worst is a course that costs as much as a course may, with a run of it.
type worst struct {
	name   string
	course *Course
	fixes  []Fix
}

const (
	mostVertices = 20_000
	mostMeters   = 500_000
)

// worstCases are courses within the bounds whose pieces are all near every fix,
// each with runners who stand in it, wander, and leap about.
func worstCases(t testing.TB, fixes int) []worst {
	t.Helper()
	var out []worst
	for name, s := range map[string]struct {
		meters float64 // the side of the box
		place  func(i int, r *rand.Rand) (east, north float64)
	}{
		"zigzag in 20 m": {20, func(i int, _ *rand.Rand) (float64, float64) { return 20 * float64(i) / mostVertices, 20 * float64(i%2) }},
		"zigzag in 100 m": {100, func(i int, _ *rand.Rand) (float64, float64) {
			return 100 * float64(i) / mostVertices, 25 * float64(i%2)
		}},
		"zigzag in 200 m": {200, func(i int, _ *rand.Rand) (float64, float64) {
			return 200 * float64(i) / mostVertices, 24 * float64(i%2)
		}},
		"scribble in 20 m":    {20, func(_ int, r *rand.Rand) (float64, float64) { return 20 * r.Float64(), 20 * r.Float64() }},
		"scribble in 45 m":    {45, func(_ int, r *rand.Rand) (float64, float64) { return 45 * r.Float64(), 45 * r.Float64() }},
		"scribble within 1 m": {1, func(_ int, r *rand.Rand) (float64, float64) { return r.Float64(), r.Float64() }},
		"spiral":              {60, func(i int, _ *rand.Rand) (float64, float64) { return polar(30*float64(i)/mostVertices, float64(i)) }},
		"star":                {25, func(i int, _ *rand.Rand) (float64, float64) { return polar(25*float64(i%2), float64(i)) }},
		"star of long arms":   {300, func(i int, _ *rand.Rand) (float64, float64) { return polar(3000*float64(i%2), float64(i)) }},
		"laps of 50 m":        {16, func(i int, _ *rand.Rand) (float64, float64) { return polar(8, float64(i)/3) }},
		"laps of 400 m":       {130, func(i int, _ *rand.Rand) (float64, float64) { return polar(64, float64(i)/5) }},
		"laps round a bend":   {400, func(i int, _ *rand.Rand) (float64, float64) { return polar(200, float64(i)/30) }},
		"a dense straight":    {100, func(i int, _ *rand.Rand) (float64, float64) { return 100 * float64(i) / mostVertices, 0 }},
		"jitter along a street": {400, func(i int, r *rand.Rand) (float64, float64) {
			return 400*float64(i)/mostVertices + 5*r.Float64(), 5 * r.Float64()
		}},
	} {
		r := rand.New(rand.NewPCG(5, 5)) // repeatable
		var places []geo.Point
		for i := range mostVertices {
			p := at(s.place(i, r))
			if len(places) > 0 && geo.Distance(places[0], p) > mostMeters {
				break
			}
			places = append(places, p)
		}
		line, err := geo.NewLine(within(places, mostMeters))
		if err != nil {
			t.Fatal(err)
		}
		c := Prepare(line, CurrentRules())
		for how, step := range map[string]float64{"stood in": 0, "wandered in": 0.15, "leapt about in": 1, "leapt about around": 3, "left again and again": -1} {
			w := worst{name: name + ", " + how, course: c}
			x, y := s.meters/2, s.meters/2
			for i := range fixes {
				switch {
				case step < 0:
					x, y = s.meters*r.Float64(), s.meters*r.Float64()+1000*float64(i%2)
				case step >= 1:
					x, y = s.meters/2+(r.Float64()-0.5)*step*s.meters, s.meters/2+(r.Float64()-0.5)*step*s.meters
				default:
					x = min(s.meters, max(0, x+(r.Float64()-0.5)*step*s.meters))
					y = min(s.meters, max(0, y+(r.Float64()-0.5)*step*s.meters))
				}
				w.fixes = append(w.fixes, Fix{Point: at(x+r.NormFloat64(), y+r.NormFloat64()), Timestamp: startTime + int64(1000*i), AccuracyMeters: math.NaN()})
			}
			out = append(out, w)
		}
	}
	return out
}

func polar(radius, angle float64) (east, north float64) {
	return radius * math.Cos(angle), radius * math.Sin(angle)
}

// within cuts a path where it is so long.
func within(places []geo.Point, meters float64) []geo.Point {
	for i := 1; i < len(places); i++ {
		if meters -= geo.Distance(places[i-1], places[i]); meters < 0 {
			return places[:i]
		}
	}
	return places
}

func BenchmarkWorst(b *testing.B) {
	const fixes = 2000
	for _, w := range worstCases(b, fixes) {
		b.Run(w.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				judging(b, w.course, w.fixes)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/fixes, "ns/fix")
		})
	}
}

// However a course crowds, the work for a fix is bounded. It is counted, for
// clocks lie on a busy machine.
func TestTheWorkForAFixIsBounded(t *testing.T) {
	crowded := 0
	for _, w := range worstCases(t, 200) {
		r := w.course.reading(w.fixes)
		for i := range r.run {
			r.search.pieces, r.nearby = 0, nearby{piece: r.nearby.piece}
			before := r.kept.n
			r.fix(i)
			if int(r.search.narrowEnd) < len(w.course.pieces) {
				crowded++
			}
			const block = 64 // pieces are looked at together
			for what, counted := range map[string]struct{ is, most int }{
				"spheres near":        {r.search.spheres, maxSpheres},
				"pieces near":         {r.search.pieces, maxPieces + maxFollowed},
				"places":              {len(r.here), maxFound + maxPlaces + 2*block},
				"kept":                {int(r.kept.n - before), maxPlaces},
				"spheres for nearest": {r.nearby.spheres, maxSpheres},
				"pieces for nearest":  {r.nearby.pieces, maxNearest},
				"tried":               {r.search.tried, 2 * (maxTried + block)},
				"cells":               {len(r.leaps.ways), maxCells},
			} {
				if counted.is > counted.most {
					t.Fatalf("%s, fix %d: %s: %d, more than %d", w.name, i, what, counted.is, counted.most)
				}
			}
		}
	}
	if crowded == 0 {
		t.Error("no course is crowded; the test tests nothing")
	}
}

// allocated returns how many bytes a piece of work allocates.
func allocated(do func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc) // far below
}

func TestAJudgementAllocatesNoMoreThanItsPrice(t *testing.T) {
	const fixes = 2000
	if perFix := (JudgeBytes(1_000_000) - JudgeBytes(0)) / 1_000_000; perFix > 400 {
		t.Errorf("%d bytes a fix, want at most 400", perFix)
	}
	for _, w := range append(worstCases(t, fixes), gateToGate(t, fixes)) {
		if strings.HasSuffix(w.name, "around") || strings.HasSuffix(w.name, "wandered in") {
			continue // as those that leap about within
		}
		if is := allocated(func() { judging(t, w.course, w.fixes) }); is > JudgeBytes(len(w.fixes)) {
			t.Errorf("%s: %d bytes, the price is %d", w.name, is, JudgeBytes(len(w.fixes)))
		}
	}
}

func TestACourseAllocatesNoMoreThanItsPrice(t *testing.T) {
	for _, vertices := range []int{2, 26, 500, 5000, mostVertices} {
		for _, meters := range []float64{100, 1000, 42_195, mostMeters} {
			if meters/float64(vertices-1) > 20_001 {
				continue // a leg is 20 km at most
			}
			for _, swing := range []float64{0, 20, 500} {
				places := make([]geo.Point, vertices)
				r := rand.New(rand.NewPCG(4, 4)) // repeatable
				x, y, heading := 0.0, 0.0, 0.0
				for i := range places {
					places[i] = at(x, y)
					heading += swing * (r.Float64() - 0.5) / 100
					x, y = x+meters/float64(vertices-1)*math.Cos(heading), y+meters/float64(vertices-1)*math.Sin(heading)
				}
				line := path(t, places...)
				var c *Course
				is := allocated(func() { c = Prepare(line, CurrentRules()) })
				if price := PrepareBytes(vertices, c.LengthMeters()); is > price {
					t.Errorf("%d vertices, %g m, swinging by %g: %d bytes, the price is %d", vertices, meters, swing, is, price)
				}
				if c.Bytes() > is {
					t.Errorf("%d vertices, %g m: it holds %d bytes of %d", vertices, meters, c.Bytes(), is)
				}
			}
		}
	}
}

func TestACourseHoldsWhatItSays(t *testing.T) {
	line := path(t, times(50, track400)...)
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc) // far below
	}
	before := inUse()
	courses := make([]*Course, 40)
	for i := range courses {
		courses[i] = Prepare(line, CurrentRules())
	}
	is := (inUse() - before) / int64(len(courses))
	if says := courses[0].Bytes(); math.Abs(float64(is-says)) > 0.1*float64(says) {
		t.Errorf("%d bytes; it says %d", is, says)
	}
}

// A course of laps lies on itself as often as there are laps: all are equally
// near, and what tells the right one is how the runner came there.
func TestManyLapsAsOneCourse(t *testing.T) {
	for _, c := range []struct {
		name  string
		lap   []geo.Point
		laps  int
		every float64 // seconds
	}{
		{"40 km on 400 m", track400, 100, 1},
		{"40 km on 400 m, a fix every 5 s", track400, 100, 5},
		{"100 km on 400 m, a fix every 5 s", track400, 250, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			course := Prepare(path(t, times(c.laps, c.lap)...), CurrentRules())
			laps := func(n int) []Fix {
				r := newRunner()
				r.noise, r.every = 3, c.every
				return r.along(times(n, c.lap)...).fixes
			}
			if v := judging(t, course, laps(c.laps)); v.Status != Completed || v.CoveragePercent < 99 || len(v.Efforts) != 1 {
				t.Errorf("%s %v, covered %.2f %%, %d efforts", v.Status, v.Reasons, v.CoveragePercent, len(v.Efforts))
			}
			if v := judging(t, course, laps(c.laps-1)); v.Status == Completed {
				t.Error("one lap too few is completed")
			}
		})
	}
}

// gateToGate is a run that leaps from the start to the finish of a course and
// back: every second fix begins an attempt and every other ends it.
func gateToGate(t testing.TB, fixes int) worst {
	t.Helper()
	line, err := geo.NewLine([]geo.Point{at(0, 0), at(60, 0), at(60, 60), at(120, 60)})
	if err != nil {
		t.Fatal(err)
	}
	w := worst{name: "gate to gate", course: Prepare(line, CurrentRules())}
	for i := range fixes {
		w.fixes = append(w.fixes, Fix{Point: at(120*float64(i%2), 60*float64(i%2)), Timestamp: startTime + int64(20_000*i), AccuracyMeters: math.NaN()})
	}
	return w
}

// Of many efforts few are judged, and each is timed by the fixes at its gates.
func TestManyEffortsCostLittle(t *testing.T) {
	loop := arc(30, 0, 360, 0, 0)
	r := newRunner()
	r.noise = 3
	lapped := worst{name: "laps of a tiny loop", course: Prepare(path(t, loop...), CurrentRules()), fixes: r.along(times(2000, loop)...).fixes}
	for _, w := range []worst{gateToGate(t, 20_000), lapped} {
		v := judging(t, w.course, w.fixes)
		if len(v.Efforts) > maxListed || v.Status == Completed && v.Laps < 1000 {
			t.Errorf("%s: %s, %d efforts listed, %d laps", w.name, v.Status, len(v.Efforts), v.Laps)
		}
		if n := testing.AllocsPerRun(1, func() { judging(t, w.course, w.fixes) }); n > 1000 {
			t.Errorf("%s: %g allocations", w.name, n)
		}
		if is := allocated(func() { judging(t, w.course, w.fixes) }); is > JudgeBytes(len(w.fixes)) {
			t.Errorf("%s: %d bytes, the price is %d", w.name, is, JudgeBytes(len(w.fixes)))
		}
	}
}

func TestAVerdictListsSoManyMissedStretches(t *testing.T) {
	var fixes []Fix
	for i := range 6000 { // every third fix is off the course
		fixes = append(fixes, Fix{Point: at(float64(30*i), 65*float64(i%3/2)), Timestamp: startTime + int64(6000*i), AccuracyMeters: math.NaN()})
	}
	v := judged(t, []geo.Point{at(0, 0), at(180_000, 0)}, fixes)
	if len(v.Missed) != maxListed {
		t.Errorf("%d missed stretches, want %d", len(v.Missed), maxListed)
	}
}

// ending is a context that ends when it was looked at so often.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.Canceled
	}
	return nil
}

func TestJudgingStopsWithItsContext(t *testing.T) {
	w := gateToGate(t, 10*askEvery)
	for _, looks := range []int{0, 1, 9, 10} { // ten in reading, then one in timing the efforts
		if v, err := w.course.Judge(&ending{t.Context(), looks}, w.fixes); !errors.Is(err, context.Canceled) || v.Status != "" {
			t.Errorf("after %d looks: %v, %+v", looks, err, v)
		}
	}
	if _, err := w.course.Explain(&ending{t.Context(), 9}, w.fixes); !errors.Is(err, context.Canceled) {
		t.Errorf("explaining: %v", err)
	}
	if _, err := w.course.Explain(&ending{t.Context(), 100}, w.fixes); err != nil {
		t.Errorf("explaining: %v", err)
	}
}

func TestTheFastestStretchIsThatOfEveryPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		marks := make([]mark, rapid.IntRange(0, 60).Draw(t, "marks"))
		var last mark
		for i := range marks {
			last.meters += rapid.Float64Range(0, 60).Draw(t, "metres")
			last.seconds += rapid.Float64Range(0, 20).Draw(t, "seconds")
			marks[i] = last
		}
		want := math.Inf(1)
		for i := range marks {
			for j := range marks[:i] {
				if marks[i].meters-marks[j].meters >= 400 {
					want = min(want, marks[i].seconds-marks[j].seconds)
				}
			}
		}
		if got := fastest(marks, 400); got != want {
			t.Fatalf("%g s, want %g", got, want)
		}
	})
}

// A progress may be looked up after any other.
func TestCurvesAreFoundFromAnywhere(t *testing.T) {
	c := Prepare(path(t, times(20, track400)...), CurrentRules())
	rapid.Check(t, func(t *rapid.T) {
		near := rapid.IntRange(0, len(c.sections)).Draw(t, "near")
		p := rapid.Float64Range(0, c.LengthMeters()).Draw(t, "progress")
		want := slices.ContainsFunc(c.sections, func(s Section) bool { return s.FromMeters <= p && p <= s.ToMeters })
		if got := c.onCurve(p, &near); got != want {
			t.Fatalf("at %g m: %v", p, got)
		}
	})
}
