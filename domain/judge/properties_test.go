package judge

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
)

// failer is a test, or a try of a property.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func judged(t failer, course []geo.Point, fixes []Fix) Verdict {
	t.Helper()
	line, err := geo.NewLine(course)
	if err != nil {
		t.Fatal(err)
	}
	return judging(t, Prepare(line, CurrentRules()), fixes)
}

func judging(t failer, c *Course, fixes []Fix) Verdict {
	t.Helper()
	v, err := c.Judge(context.Background(), fixes)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func aligning(t failer, c *Course, fixes []Fix) []aligned {
	t.Helper()
	r, err := c.readings(context.Background(), fixes)
	if err != nil {
		t.Fatal(err)
	}
	return r.run
}

func TestTheTimeDoesNotDependOnHowOftenAPhoneRecords(t *testing.T) {
	warmUp := append([]geo.Point{at(-97, 0)}, square...)
	for _, every := range []float64{0.05, 1, 3, 7, 10} {
		r := newRunner()
		r.every = every
		r.speed = 3.3
		v := judged(t, square, r.along(warmUp...).along(at(0, 0), at(0, -95)).fixes)
		if v.Status != Completed {
			t.Fatalf("every %g s: %v", every, v.Reasons)
		}
		if want := 2000 / 3.3; math.Abs(v.Efforts[0].DurationSeconds-want) > 1 {
			t.Errorf("every %g s: %g s, want %g", every, v.Efforts[0].DurationSeconds, want)
		}
	}
}

func TestLapsAreFoundAndTheFastestCounts(t *testing.T) {
	r := newRunner()
	for _, speed := range []float64{3, 4, 3.5} {
		r.speed = speed
		r.along(track400...)
	}
	v := judged(t, track400, r.fixes)
	lap := Prepare(path(t, track400...), CurrentRules()).LengthMeters()
	if v.Status != Completed || v.Laps != 3 || len(v.Efforts) != 3 || math.Abs(float64(*v.CourseDurationSeconds)-lap/4) > 1.5 {
		t.Errorf("%d laps in %v, fastest %v, want 3 and %g", v.Laps, v.Efforts, v.CourseDurationSeconds, lap/4)
	}
}

func TestMovementsOfNoRunner(t *testing.T) {
	car := newRunner()
	car.along(at(0, 0), at(8000, 0))
	car.speed = 60 / 3.6
	car.along(at(8000, 0), at(10_000, 0))
	bus := newRunner()
	bus.along(at(0, 0), at(10_000, 0))
	bus.speed = 20
	bus.along(at(10_000, 0), at(14_000, 0))
	bike := newRunner()
	bike.speed = 30 / 3.6
	half := newRunner()
	half.speed = 7.5
	spiked := run(road...)
	spiked[500].Point = at(1500, 2000)
	for name, c := range map[string]struct {
		run  []Fix
		want Status
		why  Reason
	}{
		"cheat_car_60kmh":                {car.fixes, NotCompleted, ImplausibleMovement},
		"a bus home after the finish":    {bus.fixes, Completed, ""},
		"cheat_bike_30kmh over 10 km":    {bike.along(road...).fixes, NotCompleted, ImplausibleMovement},
		"cheat_time_scaled_half":         {half.along(road...).fixes, NotCompleted, ImplausibleMovement},
		"a spike of 2 km":                {spiked, Completed, ""},
		"cheat_start_finish_teleport":    {append(newRunner().stand(at(0, 0), 60).fixes, newRunner().unseen(10_000).along(at(10_000, 0), at(10_010, 0)).fixes...), NotCompleted, CoverageTooLow},
		"cheat_half_then_back":           {run(at(0, 0), at(5000, 0), at(0, 0)), NotCompleted, FinishNotPassed},
		"honest_tunnel_gap_25s":          {newRunner().along(at(0, 0), at(5000, 0)).unseen(75).along(at(5075, 0), at(10_000, 0)).fixes, Completed, ""},
		"honest_noise_10m":               {noisy(10, road...), Completed, ""},
		"19 % of it 80 m off, in passes": {weaving(0.16), Completed, ""},
		"21 % of it off":                 {weaving(0.24), NotCompleted, OffCourse},
	} {
		v := judged(t, road, c.run)
		if v.Status != c.want || c.why != "" && v.Reasons[0] != c.why {
			t.Errorf("%s: %s %v, want %s %s; covered %.1f, match %.1f", name, v.Status, v.Reasons, c.want, c.why, v.CoveragePercent, v.RouteMatchPercent)
		}
	}
}

// weaving runs the road and leaves it by 80 m for a share of every kilometre.
func weaving(share float64) []Fix {
	r := newRunner()
	for k := range 10 {
		x := float64(k) * 1000
		r.along(at(x, 0), at(x+400, 0), at(x+400, 80), at(x+400+1000*share, 80), at(x+400+1000*share, 0), at(x+1000, 0))
	}
	return r.fixes
}

func TestCoursesAtTheSeamsOfTheMap(t *testing.T) {
	for name, origin := range map[string]geo.Point{
		"across ±180°": geo.MustPoint(-17, 179.9995), "at 80° north": geo.MustPoint(80, 20), "on the equator": geo.MustPoint(0, 0), "at 85° south": geo.MustPoint(-85, -180),
	} {
		pl := geo.NewPlane(origin)
		var course []geo.Point
		for _, xy := range [][2]float64{{0, 0}, {700, 0}, {700, 500}, {0, 500}} {
			course = append(course, pl.Unproject(xy[0]-350, xy[1]))
		}
		v := judged(t, course, run(course...))
		if v.Status != Completed || v.MaxDeviationMeters > 0.2 || // the run is straight in degrees, the course on the earth
			v.CoveragePercent < 99 || v.CurveSectionCount != 2 {
			t.Errorf("%s: %s %v, %.2f m, %.1f %%, %d curves", name, v.Status, v.Reasons, v.MaxDeviationMeters, v.CoveragePercent, v.CurveSectionCount)
		}
	}
}

func TestACourseOf50000Vertices(t *testing.T) {
	var course []geo.Point
	for i := range 50_000 {
		course = append(course, at(float64(i)*0.4, 20*math.Sin(float64(i)/800)))
	}
	v := judged(t, course, run(course...))
	if v.Status != Completed || v.CoveragePercent < 99.9 {
		t.Errorf("%s %v, %.1f %%", v.Status, v.Reasons, v.CoveragePercent)
	}
}

// shape draws a course of some hundred metres to kilometres, with corners.
func shape(t *rapid.T) []geo.Point {
	pl := geo.NewPlane(geo.MustPoint(rapid.Float64Range(-80, 80).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng")))
	x, y, heading := 0.0, 0.0, rapid.Float64Range(0, 2*math.Pi).Draw(t, "heading")
	places := []geo.Point{pl.Unproject(0, 0)}
	for range rapid.IntRange(1, 8).Draw(t, "legs") {
		d := rapid.Float64Range(120, 600).Draw(t, "metres")
		heading += rapid.Float64Range(-2.2, 2.2).Draw(t, "turn")
		x, y = x+d*math.Cos(heading), y+d*math.Sin(heading)
		places = append(places, pl.Unproject(x, y))
	}
	return places
}

// densified puts vertices between those of a path.
func densified(places []geo.Point, every float64) []geo.Point {
	out := []geo.Point{places[0]}
	for i := 1; i < len(places); i++ {
		n := int(geo.Distance(places[i-1], places[i])/every) + 1
		for k := 1; k <= n; k++ {
			out = append(out, places[i-1].Interpolate(places[i], float64(k)/float64(n)))
		}
	}
	return out
}

func TestWhoRunsTheCourseCompletesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		course := shape(t)
		r := newRunner()
		r.noise = rapid.Float64Range(0, 5).Draw(t, "noise")
		r.speed = rapid.Float64Range(1.5, 4.5).Draw(t, "speed")
		v := judged(t, course, r.along(course...).fixes)
		if v.Status != Completed {
			t.Fatalf("%s %v, covered %.1f", v.Status, v.Reasons, v.CoveragePercent)
		}
		if v.CoveragePercent > 100 {
			t.Fatalf("covered %.2f %%", v.CoveragePercent)
		}
	})
}

func TestVerticesOnTheSamePathChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		course := shape(t)
		r := newRunner()
		r.noise = 3
		fixes := r.along(course...).fixes
		sparse, dense := judged(t, course, fixes), judged(t, densified(course, rapid.Float64Range(1, 40).Draw(t, "every")), fixes)
		if sparse.Status != dense.Status || math.Abs(sparse.CoveragePercent-dense.CoveragePercent) > 0.5 ||
			math.Abs(sparse.MaxDeviationMeters-dense.MaxDeviationMeters) > 0.05 || sparse.CurveSectionCount != dense.CurveSectionCount {
			t.Fatalf("sparse %s %.2f %% %.2f m %d, dense %s %.2f %% %.2f m %d", sparse.Status, sparse.CoveragePercent, sparse.MaxDeviationMeters, sparse.CurveSectionCount,
				dense.Status, dense.CoveragePercent, dense.MaxDeviationMeters, dense.CurveSectionCount)
		}
	})
}

func TestShiftingTimeChangesNoTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		course := shape(t)
		fixes := run(course...)
		before := judged(t, course, fixes)
		shift := rapid.Int64Range(-1e11, 1e11).Draw(t, "shift")
		for i := range fixes {
			fixes[i].Timestamp += shift
		}
		after := judged(t, course, fixes)
		if *before.CourseDurationSeconds != *after.CourseDurationSeconds || after.StartGateAt.Sub(*before.StartGateAt).Milliseconds() != shift {
			t.Fatalf("%v, %v", *before.CourseDurationSeconds, *after.CourseDurationSeconds)
		}
	})
}

func TestTheSameBytesGiveTheSameVerdict(t *testing.T) {
	course := Prepare(path(t, square...), CurrentRules())
	fixes := noisy(8, square...)
	first := judging(t, course, fixes)
	for range 10 {
		if again := judging(t, course, fixes); again.MaxDeviationMeters != first.MaxDeviationMeters || *again.CourseDurationSeconds != *first.CourseDurationSeconds {
			t.Fatal("another verdict")
		}
	}
}

// The deviation is that of brute force over all pieces.
func TestDeviationsAreThoseOfBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, err := geo.NewLine(densified(shape(t), rapid.Float64Range(5, 200).Draw(t, "every")))
		if err != nil {
			t.Fatal(err)
		}
		c := Prepare(line, CurrentRules())
		start := line.At(rapid.IntRange(0, line.Len()-1).Draw(t, "vertex"))
		p := geo.NewPlane(start).Unproject(rapid.Float64Range(-300, 300).Draw(t, "east"), rapid.Float64Range(-300, 300).Draw(t, "north"))
		got := aligning(t, c, []Fix{{Point: p}})[0].deviation
		want := math.Inf(1)
		for i := 1; i < len(c.at); i++ {
			d, _ := geo.SegmentDistance(p.Vector(), c.at[i-1], c.at[i])
			want = min(want, d)
		}
		if math.Abs(got-want) > 1e-9 {
			t.Fatalf("%.9f m, want %.9f", got, want)
		}
	})
}

// Round a parallel nothing changes but the longitude.
func TestTheSameRunElsewhereOnTheParallel(t *testing.T) {
	turned := func(points []geo.Point, by float64) []geo.Point {
		out := make([]geo.Point, len(points))
		for i, p := range points {
			out[i] = geo.MustPoint(p.Lat(), math.Remainder(p.Lng()+by, 360))
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		course := shape(t)
		r := newRunner()
		r.noise = rapid.Float64Range(0, 10).Draw(t, "noise")
		fixes := r.along(course...).fixes
		by := rapid.Float64Range(-180, 180).Draw(t, "by")
		there := make([]Fix, len(fixes))
		for i, f := range fixes {
			there[i] = f
			there[i].Point = turned([]geo.Point{f.Point}, by)[0]
		}
		a, b := judged(t, course, fixes), judged(t, turned(course, by), there)
		if a.Status != b.Status || a.DeviationPoints != b.DeviationPoints || math.Abs(a.CoveragePercent-b.CoveragePercent) > 0.02 ||
			math.Abs(a.MaxDeviationMeters-b.MaxDeviationMeters) > 0.011 || a.CurveSectionCount != b.CurveSectionCount {
			t.Fatalf("%s, %.2f %%, %.2f m; turned by %g°: %s, %.2f %%, %.2f m", a.Status, a.CoveragePercent, a.MaxDeviationMeters, by, b.Status, b.CoveragePercent, b.MaxDeviationMeters)
		}
	})
}

// More noise never raises the match on average.
func TestMoreNoiseMatchesLess(t *testing.T) {
	last := 100.0
	for _, noise := range []float64{0, 5, 10, 20, 30, 45, 60} {
		sum := 0.0
		const runs = 30
		for seed := range uint64(runs) {
			r := newRunner()
			r.rng = rand.New(rand.NewPCG(seed, 9)) // repeatable
			r.noise = noise
			sum += judged(t, square, r.along(square...).fixes).RouteMatchPercent
		}
		if mean := sum / runs; mean > last+0.1 {
			t.Errorf("with %g m of noise %.2f %% match, with less %.2f %%", noise, mean, last)
		} else {
			last = mean
		}
	}
	if last > 80 {
		t.Errorf("with 60 m of noise %.2f %% match", last)
	}
}

// However somebody wanders about a course, it is not covered more than once.
func TestCoverageNeverExceedsTheCourse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		course := shape(t)
		r := newRunner()
		r.noise = rapid.Float64Range(0, 20).Draw(t, "noise")
		for range rapid.IntRange(1, 4).Draw(t, "legs") {
			from, to := rapid.IntRange(0, len(course)-1).Draw(t, "from"), rapid.IntRange(0, len(course)-1).Draw(t, "to")
			if from <= to {
				r.along(course[from : to+1]...)
			} else {
				r.along(course[from], course[to])
			}
		}
		v := judged(t, course, r.fixes)
		if v.CoveragePercent < 0 || v.CoveragePercent > 100 || v.RouteMatchPercent < 0 || v.RouteMatchPercent > 100 {
			t.Fatalf("%.2f %% covered, %.2f %% match", v.CoveragePercent, v.RouteMatchPercent)
		}
		for i, m := range v.Missed {
			if m.ToMeters < m.FromMeters || i > 0 && m.FromMeters < v.Missed[i-1].ToMeters-0.02 {
				t.Fatalf("missed %v", v.Missed)
			}
		}
	})
}
