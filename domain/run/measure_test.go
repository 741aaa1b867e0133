package run

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/strictjson"
)

// course is where the made-up runs below take place.
var course = geo.NewPlane(geo.MustPoint(37.5, 127))

// east is a fix so many seconds into the run and metres east of the start.
func east(second, meters float64) Fix {
	f := fixAt(0, 0, 0)
	f.Point = course.Unproject(meters, 0)
	f.Timestamp += int64(second * 1000)
	return f
}

// second is a time so many seconds into the run.
func second(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }

// steady is a run eastwards of a duration in seconds at a speed in m/s, at 1 Hz.
func steady(seconds int, speed float64) []Fix {
	var fixes []Fix
	for s := 0; s <= seconds; s++ {
		fixes = append(fixes, east(float64(s), float64(s)*speed))
	}
	return fixes
}

func measure(t testing.TB, fixes []Fix, pauses ...Pause) Measures {
	t.Helper()
	m, err := Measure(t.Context(), Recording{Fixes: fixes, Pauses: pauses}, DefaultFilter())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestASteadyRun(t *testing.T) {
	m := measure(t, steady(1000, 2.5))
	if m.DistanceMeters != 2500 || m.DurationSeconds != 1000 || m.TotalElapsedSeconds != 1000 {
		t.Errorf("%d m in %d of %d s", m.DistanceMeters, m.DurationSeconds, m.TotalElapsedSeconds)
	}
	if *m.AvgPaceSecondsPerKM != 400 || *m.BestPaceSecondsPerKM != 400 || m.AvgSpeedMS != 2.5 || math.Abs(float64(m.MaxSpeedMS)-2.5) > 0.01 {
		t.Errorf("pace %d, best %d, speed %v, max %v", *m.AvgPaceSecondsPerKM, *m.BestPaceSecondsPerKM, m.AvgSpeedMS, m.MaxSpeedMS)
	}
	if len(m.Splits) != 3 || math.Abs(m.Splits[0].DurationSeconds-400) > 0.05 || math.Abs(m.Splits[2].DistanceMeters-500) > 0.2 {
		t.Errorf("splits %+v", m.Splits)
	}
	// 0.2 ml/kg/m · 2,500 m + 3.5 ml/kg/min · 16.67 min, 70 kg, 5 kcal/l.
	if m.Calories != 195 {
		t.Errorf("%d kcal, want 195", m.Calories)
	}
	if len(m.Flags) > 0 || len(m.Pauses) > 0 {
		t.Errorf("flags %v, pauses %v", m.Flags, m.Pauses)
	}
}

func TestWhatTheFilterDrops(t *testing.T) {
	inaccurate := steady(300, 3)
	for i := 100; i < 110; i++ {
		inaccurate[i].Point = course.Unproject(float64(i)*3, 300)
		inaccurate[i].Accuracy = 5000
	}
	teleport := steady(300, 3)
	teleport[150].Point = course.Unproject(500_000, 0)
	excursion := steady(300, 3)
	for i := 150; i < 155; i++ {
		excursion[i].Point = course.Unproject(float64(i)*3, 400)
	}
	lost := steady(300, 3)
	lost[0].Point = course.Unproject(0, 3000) // before the receiver found itself
	doubled := slices.Insert(steady(300, 3), 100, steady(300, 3)[100])
	stray := steady(300, 3)
	stray[100], stray[101] = stray[101], stray[100]
	for name, fixes := range map[string][]Fix{
		"bad accuracy where better ones are": inaccurate, "a teleport and back": teleport, "an excursion of five fixes": excursion,
		"a cold start 3 km away": lost, "a duplicate": doubled, "a stray in time": stray,
	} {
		t.Run(name, func(t *testing.T) {
			if m := measure(t, fixes); m.DistanceMeters < 890 || m.DistanceMeters > 901 || m.DurationSeconds < 298 {
				t.Errorf("%d m in %d s, want 900 in 300", m.DistanceMeters, m.DurationSeconds)
			}
		})
	}
}

func TestTheFilterDropsNoMoreThanItMust(t *testing.T) {
	allBad := steady(300, 3)
	for i := range allBad {
		allBad[i].Accuracy = 120
	}
	if m := measure(t, allBad); m.DistanceMeters != 900 {
		t.Errorf("bad accuracy all along: %d m, want 900", m.DistanceMeters)
	}
	var loop []Fix // 10 m of radius at 2 m/s: a garden
	for s := 0; s <= 600; s++ {
		f := east(float64(s), 0)
		f.Point = course.Unproject(10*math.Cos(float64(s)/5), 10*math.Sin(float64(s)/5))
		loop = append(loop, f)
	}
	if m := measure(t, loop); m.DistanceMeters < 1190 {
		t.Errorf("a small circle: %d m, want about 1,200", m.DistanceMeters)
	}
	if m := measure(t, steady(600, 1)); m.DistanceMeters != 600 {
		t.Errorf("a slow walk: %d m, want 600", m.DistanceMeters)
	}
}

func TestStandingStillGoesNowhere(t *testing.T) {
	seed := uint64(3)
	noise := func() float64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return (float64(seed>>11)/(1<<53) - 0.5) * 8
	}
	var jitter []Fix
	for s := 0; s <= 1200; s++ {
		f := east(float64(s), 0)
		f.Point = course.Unproject(noise(), noise())
		jitter = append(jitter, f)
	}
	if m := measure(t, jitter); m.DistanceMeters > 20 || m.DurationSeconds != 1200 {
		t.Errorf("20 minutes of standing: %d m in %d s", m.DistanceMeters, m.DurationSeconds)
	}
	m := measure(t, []Fix{east(0, 0), east(10, 0), east(20, 0)})
	if m.DistanceMeters != 0 || m.AvgPaceSecondsPerKM != nil || m.AvgSpeedMS != 0 {
		t.Errorf("all fixes at one place: %+v", m)
	}
}

func TestPausesAndGapsAreNotMovingTime(t *testing.T) {
	gap := append(steady(300, 3), east(900, 905))
	for s := 901; s <= 1200; s++ {
		gap = append(gap, east(float64(s), 905+float64(s-900)*3))
	}
	tunnel := append(steady(300, 3), east(400, 1200))
	for _, c := range []struct {
		name   string
		fixes  []Fix
		pauses []Pause
		moving int
	}{
		{"none", steady(600, 3), nil, 600},
		{"one sent", steady(600, 3), []Pause{{second(100), second(160)}}, 540},
		{"two that overlap", steady(600, 3), []Pause{{second(100), second(160)}, {second(150), second(200)}}, 500},
		{"sent beyond the run", steady(600, 3), []Pause{{second(-50), second(10)}, {second(590), second(900)}}, 580},
		{"a recording gap", gap, nil, 600},
		{"a gap, and a pause sent for it", gap, []Pause{{second(300), second(900)}}, 600},
		{"a tunnel run through", tunnel, nil, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := measure(t, c.fixes, c.pauses...); m.DurationSeconds != c.moving {
				t.Errorf("moving %d s of %d, want %d; pauses %v", m.DurationSeconds, m.TotalElapsedSeconds, c.moving, m.Pauses)
			}
		})
	}
}

func TestAClockSetBackLosesNothingOfThePath(t *testing.T) {
	fixes := steady(600, 3)
	for i := 300; i < len(fixes); i++ {
		fixes[i].Timestamp -= 3600_000
	}
	m := measure(t, fixes)
	if m.DistanceMeters != 1800 || m.DurationSeconds != 600 || !slices.Contains(m.Flags, FlagClockChanged) {
		t.Errorf("%d m in %d s, flags %v", m.DistanceMeters, m.DurationSeconds, m.Flags)
	}
}

func TestClimb(t *testing.T) {
	seed := uint64(9)
	noise := func(size float64) float64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return (float64(seed>>11)/(1<<53) - 0.5) * 2 * size
	}
	with := func(altitude func(meters float64) float64) []Fix {
		fixes := steady(2000, 3)
		for i := range fixes {
			fixes[i].Altitude = altitude(float64(i) * 3)
		}
		return fixes
	}
	for _, c := range []struct {
		name       string
		fixes      []Fix
		gain, loss int
		slack      int
	}{
		{"flat", with(func(float64) float64 { return 50 }), 0, 0, 0},
		{"flat, with noise of ±3 m", with(func(float64) float64 { return 50 + noise(3) }), 0, 0, 0},
		{"one hill of 100 m", with(func(m float64) float64 { return 100 * math.Sin(math.Pi*m/6000) }), 100, 100, 1},
		{"uphill 60 m with noise", with(func(m float64) float64 { return m/100 + noise(2) }), 60, 0, 2},
		{"ten waves of 20 m", with(func(m float64) float64 { return 10 - 10*math.Cos(2*math.Pi*m/600) }), 200, 200, 4},
		{"one altitude gone mad", with(func(m float64) float64 {
			if m == 3000 {
				return 900
			}
			return 50
		}), 0, 0, 0},
		{"no altitudes", steady(2000, 3), 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := measure(t, c.fixes)
			if abs(m.ElevationGainMeters-c.gain) > c.slack || abs(m.ElevationLossMeters-c.loss) > c.slack {
				t.Errorf("+%d −%d m, want +%d −%d", m.ElevationGainMeters, m.ElevationLossMeters, c.gain, c.loss)
			}
			if len(m.ElevationProfile) > 200 {
				t.Errorf("%d samples", len(m.ElevationProfile))
			}
		})
	}
}

func abs(n int) int { return max(n, -n) }

func TestTooFewFixesAreNoRun(t *testing.T) {
	for _, fixes := range [][]Fix{nil, {east(0, 0)}, {east(0, 0), east(0, 0)}} {
		if _, err := Measure(t.Context(), Recording{Fixes: fixes}, DefaultFilter()); !fault.HasCode(err, "run_too_short") {
			t.Errorf("%d fixes: %v", len(fixes), err)
		}
	}
}

// TestHowARunIsCutIntoChunksChangesNothing is what makes uploads over bad
// networks trustworthy.
func TestHowARunIsCutIntoChunksChangesNothing(t *testing.T) {
	fixes := steady(900, 3)
	want := measure(t, fixes)
	rapid.Check(t, func(t *rapid.T) {
		var chunks []Chunk
		for from := 0; from < len(fixes); {
			to := min(len(fixes), from+rapid.IntRange(1, 400).Draw(t, "length"))
			c, err := NewChunk(ChunkInput{Sequence: len(chunks), Type: Intermediate, Fixes: fixes[from:to]})
			if err != nil {
				t.Fatal(err)
			}
			chunks, from = append(chunks, c), to
		}
		got, err := Measure(context.Background(), Recording{Fixes: JoinFixes(chunks)}, DefaultFilter())
		if err != nil {
			t.Fatal(err)
		}
		if got.DistanceMeters != want.DistanceMeters || got.TrackDigest != want.TrackDigest || !slices.Equal(got.Splits, want.Splits) {
			t.Fatal("another record")
		}
	})
}

func TestFixesReadBackAsTheyWereWritten(t *testing.T) {
	optional := func(lo, hi float64) *rapid.Generator[float64] {
		return rapid.OneOf(rapid.Just(Absent), rapid.Float64Range(lo, hi))
	}
	rapid.Check(t, func(t *rapid.T) {
		fixes := make([]Fix, rapid.IntRange(1, 5).Draw(t, "n"))
		for i := range fixes {
			fixes[i] = Fix{
				Point:     geo.MustPoint(rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng")),
				Timestamp: rapid.Int64Range(EarliestTimestamp, LatestTimestamp).Draw(t, "timestamp"),
				Altitude:  optional(MinAltitudeMeters, MaxAltitudeMeters).Draw(t, "altitude"), Accuracy: optional(0, 1e4).Draw(t, "accuracy"),
				Speed: optional(0, 100).Draw(t, "speed"), Heading: optional(0, 360).Draw(t, "heading"),
				HeartRate: optional(0, 300).Draw(t, "heart rate"), Cadence: optional(0, 400).Draw(t, "cadence"),
			}.Known()
		}
		written := AppendFixes(nil, fixes)
		r, err := strictjson.NewReader(written)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ReadFixes(r, 10)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(appendFixBytes(nil, fixes), appendFixBytes(nil, read)) {
			t.Fatalf("%s", written)
		}
	})
}

// FuzzReadFixes looks for input that is accepted and not written back the same.
func FuzzReadFixes(f *testing.F) {
	f.Add([]byte(`[{"lat":1,"lng":2,"timestamp":1700000000000,"altitude":null}]`))
	f.Add([]byte(`[{"lat":-90,"lng":180,"timestamp":946684800000,"heart_rate":61.5,"speed":0}]`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := strictjson.NewReader(in)
		if err != nil {
			return
		}
		fixes, err := ReadFixes(r, 100)
		if err != nil || r.End() != nil {
			return
		}
		again, err := strictjson.NewReader(AppendFixes(nil, fixes))
		if err != nil {
			t.Fatal(err)
		}
		same, err := ReadFixes(again, 100)
		if err != nil || !bytes.Equal(appendFixBytes(nil, fixes), appendFixBytes(nil, same)) {
			t.Fatalf("%q: %v", in, err)
		}
	})
}

func TestALeapThatNeverComesBackIsNotRun(t *testing.T) {
	for _, meters := range []float64{197, 500_000} {
		fixes := steady(600, 3)
		for i := 300; i < len(fixes); i++ {
			fixes[i].Point = course.Unproject(float64(i)*3, meters)
		}
		m := measure(t, fixes)
		if m.DistanceMeters < 1790 || m.DistanceMeters > 1800 || m.MaxSpeedMS > 3.5 || *m.AvgPaceSecondsPerKM < 330 {
			t.Errorf("a leap of %g m: %d m, at most %v m/s, pace %d", meters, m.DistanceMeters, m.MaxSpeedMS, *m.AvgPaceSecondsPerKM)
		}
		if far := meters > CurrentMeasure().EffortBreakMeters; !slices.Contains(m.Flags, FlagLeaps) || far != (len(m.BestEfforts) == 0) || !far && m.BestEfforts[0].DurationSeconds < 330 {
			t.Errorf("a leap of %g m: flags %v, efforts %v", meters, m.Flags, m.BestEfforts)
		}
		if len(m.Route) != len(fixes) {
			t.Errorf("%d of %d fixes stay", len(m.Route), len(fixes))
		}
	}
}

func TestAPauseOverTheWholeRunHasNoPace(t *testing.T) {
	fixes := steady(600, 3)
	m := measure(t, fixes, Pause{StartedAt: time.UnixMilli(fixes[0].Timestamp).Add(-time.Hour), EndedAt: time.UnixMilli(fixes[600].Timestamp).Add(time.Hour)})
	if m.DistanceMeters != 0 || m.DurationSeconds != 0 || m.AvgPaceSecondsPerKM != nil || m.BestPaceSecondsPerKM != nil || !slices.Contains(m.Flags, FlagPausedRunning) {
		t.Errorf("%d m in %d s, pace %v, flags %v", m.DistanceMeters, m.DurationSeconds, m.AvgPaceSecondsPerKM, m.Flags)
	}
}

// free is work that nobody ends.
func free() *work { return newWork(context.Background()) }
