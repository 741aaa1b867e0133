package run

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/geo"
)

// leg is a stretch eastwards: fixes every so many seconds for so long, at a speed.
type leg struct{ every, seconds, speed float64 }

// walked is a recording of legs, and where and when each ended.
func walked(legs ...leg) []Fix {
	at, x := 0.0, 0.0
	fixes := []Fix{east(0, 0)}
	for _, l := range legs {
		for k := 1.0; k*l.every <= l.seconds; k++ {
			fixes = append(fixes, east(at+k*l.every, x+k*l.every*l.speed))
		}
		at, x = at+l.seconds, x+l.seconds*l.speed
	}
	return fixes
}

// TestDistanceAndTimeBelongTogether holds what a silence, a pause and a leap count:
// both metres and seconds, or neither.
func TestDistanceAndTimeBelongTogether(t *testing.T) {
	pause := func(from, to float64) []Pause {
		return []Pause{{StartedAt: second(int(from)), EndedAt: second(int(to))}}
	}
	for _, c := range []struct {
		name            string
		fixes           []Fix
		pauses          []Pause
		meters, seconds int
		breaks          []Break // kind and metres
	}{
		{"a slow walk, logged once a minute", walked(leg{60, 2340, 0.9}), nil, 2106, 2340, nil},
		{"a tunnel of three minutes", walked(leg{1, 200, 3}, leg{180, 180, 3}, leg{1, 200, 3}), nil, 1740, 580, nil},
		{"a phone asleep at a table", walked(leg{1, 200, 3}, leg{600, 600, 0.01}, leg{1, 200, 3}), nil, 1200, 400, []Break{{Kind: Gap, DistanceMeters: 6}}},
		{"a bus, undeclared", walked(leg{1, 200, 3}, leg{300, 300, 8}, leg{1, 200, 3}), nil, 1200, 400, []Break{{Kind: Gap, DistanceMeters: 2400}}},
		{"a loop of a minute without a fix", walked(leg{1, 200, 3}, leg{50, 50, 0.1}, leg{1, 200, 3}), nil, 1205, 450, nil},
		{"a bus in a pause", walked(leg{1, 200, 3}, leg{1200, 1200, 2.1}, leg{1, 200, 3}), pause(200, 1400), 1200, 400, []Break{{Kind: Declared, DistanceMeters: 2520}}},
		{"a short pause at a light", walked(leg{1, 200, 3}, leg{25, 25, 0.1}, leg{1, 200, 3}), pause(200, 225), 1200, 400, []Break{{Kind: Declared, DistanceMeters: 2.5}}},
		{"recorded on through a pause", walked(leg{1, 600, 3}), pause(100, 160), 1620, 540, []Break{{Kind: Declared, DistanceMeters: 180}}},
		{"a pause that begins between fixes", walked(leg{10, 600, 3}), pause(105, 155), 1650, 550, []Break{{Kind: Declared, DistanceMeters: 150}}},
		{"rest at a bench, recorded", walked(leg{1, 200, 3}, leg{1, 100, 0}, leg{1, 200, 3}), nil, 1200, 500, []Break{{Kind: Standstill}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := measure(t, c.fixes, c.pauses...)
			if abs(m.DistanceMeters-c.meters) > 1 || abs(m.DurationSeconds-c.seconds) > 1 {
				t.Errorf("%d m in %d s, want %d m in %d s", m.DistanceMeters, m.DurationSeconds, c.meters, c.seconds)
			}
			if !slices.EqualFunc(m.Pauses, c.breaks, func(a, b Break) bool {
				return a.Kind == b.Kind && math.Abs(a.DistanceMeters-b.DistanceMeters) < 1
			}) {
				t.Errorf("pauses %+v, want %+v", m.Pauses, c.breaks)
			}
		})
	}
}

// TestNothingIsFasterThanItsFixes holds, for any legs, silences and pauses, that no
// split and no pace is faster than the fastest leg between fixes, and that moving
// time is what the breaks leave.
func TestNothingIsFasterThanItsFixes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var legs []leg
		fastest := 0.0
		for range rapid.IntRange(1, 8).Draw(t, "legs") {
			l := leg{
				every:   rapid.SampledFrom([]float64{1, 5, 30, 60, 300}).Draw(t, "every"),
				seconds: float64(rapid.IntRange(1, 60).Draw(t, "seconds")) * 30,
				speed:   rapid.Float64Range(0, 8).Draw(t, "speed"),
			}
			legs, fastest = append(legs, l), max(fastest, l.speed)
		}
		fixes := walked(legs...)
		if len(fixes) < 2 {
			return
		}
		var pauses []Pause
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			from := rapid.IntRange(0, 5000).Draw(t, "from")
			pauses = append(pauses, Pause{StartedAt: second(from), EndedAt: second(from + rapid.IntRange(0, 900).Draw(t, "for"))})
		}
		m, err := Measure(t.Context(), Recording{Fixes: fixes, Pauses: pauses}, DefaultFilter())
		if err != nil {
			t.Fatal(err)
		}
		left := m.FinishedAt.Sub(m.StartedAt)
		for _, b := range m.Pauses {
			if b.Kind != Standstill {
				left -= b.EndedAt.Sub(b.StartedAt)
			}
		}
		if d := left - time.Duration(m.DurationSeconds)*time.Second; d.Abs() > time.Second {
			t.Fatalf("moving %d s, the breaks leave %s", m.DurationSeconds, left)
		}
		if float64(m.AvgSpeedMS) > fastest+0.1 || float64(m.MaxSpeedMS) > fastest+0.1 {
			t.Fatalf("on average %v, at most %v m/s: the fixes move at %v", m.AvgSpeedMS, m.MaxSpeedMS, fastest)
		}
		for _, s := range m.Splits {
			if s.DistanceMeters > 20 && s.DistanceMeters/s.DurationSeconds > fastest+0.1 {
				t.Fatalf("split %+v: the fixes move at %v m/s", s, fastest)
			}
		}
	})
}

func TestBestEffortsDoNotSpanLongBreaks(t *testing.T) {
	for _, c := range []struct {
		name  string
		rest  leg
		ranTo bool
	}{
		{"a short rest", leg{300, 300, 0.01}, true},
		{"a long rest", leg{700, 700, 0.01}, false},
		{"a ride", leg{60, 60, 10}, false},
	} {
		m := measure(t, walked(leg{1, 250, 3}, c.rest, leg{1, 250, 3}))
		if (len(m.BestEfforts) == 1) != c.ranTo {
			t.Errorf("%s: efforts %v of %d m", c.name, m.BestEfforts, m.DistanceMeters)
		}
		if c.ranTo && m.BestEfforts[0].DurationSeconds < 600 {
			t.Errorf("%s: %v, resting is not free", c.name, m.BestEfforts)
		}
	}
}

// TestTheTimerOfAFileWins holds when it does: as long as it fits the fixes.
func TestTheTimerOfAFileWins(t *testing.T) {
	fixes := walked(leg{1, 200, 3}, leg{1, 100, 0}, leg{1, 200, 3}) // 400 s of moving, 100 of standing
	for timer, want := range map[float64]int{0: 500, 500: 500, 440: 440, 400: 400, 380: 500, 505: 500, 700: 500, math.NaN(): 500} {
		m, err := Measure(t.Context(), Recording{Fixes: fixes, Source: Source{TimerSeconds: timer}}, DefaultFilter())
		if err != nil || m.DurationSeconds != want {
			t.Errorf("a timer of %v s: moving %d s, %v; want %d", timer, m.DurationSeconds, err, want)
		}
	}
}

func TestHeartRateAndCadence(t *testing.T) {
	fixes := steady(1500, 2)
	for i := range fixes {
		fixes[i].HeartRate, fixes[i].Cadence = 120, 170
		if i > 500 {
			fixes[i].HeartRate = 160
		}
		if i%10 == 0 {
			fixes[i].HeartRate, fixes[i].Cadence = 0, Absent // the strap slipped
		}
	}
	m, err := Measure(t.Context(), Recording{Fixes: fixes, Body: Body{MaxHeartRate: 200}}, DefaultFilter())
	if err != nil {
		t.Fatal(err)
	}
	if *m.AvgHeartRate != 147 || *m.MaxHeartRate != 160 || *m.AvgCadence != 170 {
		t.Errorf("heart rate %d, at most %d, cadence %d", *m.AvgHeartRate, *m.MaxHeartRate, *m.AvgCadence)
	}
	if *m.Splits[0].AvgHeartRate != 120 || *m.Splits[1].AvgHeartRate != 160 || *m.Splits[2].AvgCadence != 170 {
		t.Errorf("splits %+v", m.Splits)
	}
	if !slices.Equal(m.ZoneSeconds, []int{0, 450, 0, 900, 0}) {
		t.Errorf("zones %v", m.ZoneSeconds)
	}
	if m := measure(t, steady(600, 3)); m.AvgHeartRate != nil || m.AvgCadence != nil || m.ZoneSeconds != nil || m.Splits[0].AvgHeartRate != nil {
		t.Errorf("without readings: %+v", m.Heart)
	}
}

func TestPaceOnTheFlat(t *testing.T) {
	for grade, want := range map[float64]float64{0: 500, 0.1: 500 / 1.66, -0.1: 500 / 0.6} {
		fixes := steady(1000, 2)
		for i := range fixes {
			fixes[i].Altitude = 100 + grade*float64(i)*2
		}
		m := measure(t, fixes)
		if got := *m.Splits[0].GradeAdjustedPaceSecondsPerKM; math.Abs(got-want) > want/50 {
			t.Errorf("at a grade of %v: %v s/km on the flat, want %v", grade, got, want)
		}
	}
	if m := measure(t, steady(600, 3)); m.Splits[0].GradeAdjustedPaceSecondsPerKM != nil {
		t.Error("a pace on the flat without altitudes")
	}
}

// nullIsland is where a broken receiver is.
var nullIsland = geo.MustPoint(0, 0)

func TestAPlaceOfNowhereIsNone(t *testing.T) {
	fixes := steady(600, 3)
	for _, i := range []int{0, 300, 301, 600} {
		fixes[i].Point = nullIsland
	}
	m := measure(t, fixes)
	if abs(m.DistanceMeters-1794) > 1 || !slices.Equal(m.Flags, []string{FlagNullIsland}) || slices.Contains(m.Route, nullIsland) {
		t.Errorf("%d m, flags %v", m.DistanceMeters, m.Flags)
	}
	through := every(200, 1, 3) // from 0° N 0° E eastwards
	if m := measure(t, through); len(m.Flags) > 0 || m.Route[0] != nullIsland {
		t.Errorf("a run through 0° N 0° E: flags %v", m.Flags)
	}
}

func TestARunIndoors(t *testing.T) {
	rate := 150
	s := Source{TimerSeconds: 1800, Indoor: &Indoor{DistanceMeters: 5000, ElapsedSeconds: 1900, Heart: Heart{AvgHeartRate: &rate}}}
	m, err := s.measureIndoors(noon, Body{}, DefaultFilter())
	if err != nil || !m.Indoor || m.DistanceMeters != 5000 || m.DurationSeconds != 1800 || *m.AvgHeartRate != 150 || len(m.Route) > 0 {
		t.Errorf("%+v, %v", m, err)
	}
	for name, i := range map[string]Indoor{"no time": {DistanceMeters: 1}, "no number": {DistanceMeters: math.NaN(), ElapsedSeconds: 1}, "four days": {1, 4 * 86400, Heart{}}, "too far": {2e6, 86400, Heart{}}} {
		if _, err := (Source{Indoor: &i}).measureIndoors(noon, Body{}, DefaultFilter()); err == nil {
			t.Errorf("%s: a run", name)
		}
	}
}

func TestAClockThatWasNeverSet(t *testing.T) {
	old := later(steady(600, 3), 0, 601, -36*52*weeks)
	if !SetClock([][]Fix{old}, noon.UnixMilli()) || old[600].Timestamp != noon.UnixMilli() || old[0].Seconds(old[600]) != 600 {
		t.Errorf("all of before 2000: until %d", old[600].Timestamp)
	}
	late := later(steady(600, 3), 0, 50, -36*52*weeks) // set after 50 s
	if SetClock([][]Fix{late}, noon.UnixMilli()) {
		t.Error("a clock that was set is told from one that was not")
	}
	if m := measure(t, late); m.DistanceMeters != 1800 || m.DurationSeconds != 600 || m.StartedAt != noon || !slices.Equal(m.Flags, []string{FlagClockChanged}) {
		t.Errorf("%d m in %d s from %s, flags %v", m.DistanceMeters, m.DurationSeconds, m.StartedAt, m.Flags)
	}
	if SetClock(nil, 0) {
		t.Error("nothing has an unset clock")
	}
}

func TestThePausesOfAFileAreBetweenItsParts(t *testing.T) {
	run := steady(100, 3)
	got := CutPauses([][]Fix{run[:20], {}, run[50:60], run[60:], run[:5]})
	want := []Pause{{second(19), second(50)}, {second(59), second(60)}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	chunks, err := CutChunks(run, want, 30)
	if err != nil || !slices.Equal(chunks[0].Pauses(), want[:1]) || !slices.Equal(chunks[1].Pauses(), want[1:]) || len(chunks[2].Pauses()) > 0 {
		t.Errorf("%v", err)
	}
}

// TestATimerDoesNotRunInADeclaredBreak holds that a file that contradicts itself is
// read as its breaks say.
func TestATimerDoesNotRunInADeclaredBreak(t *testing.T) {
	m, err := Measure(t.Context(), Recording{
		Fixes: walked(leg{1, 300, 3}, leg{25, 25, 0.1}, leg{1, 290, 3}), Pauses: []Pause{{second(300), second(325)}}, Source: Source{TimerSeconds: 615},
	}, DefaultFilter())
	if err != nil || m.DurationSeconds != 590 || m.TotalElapsedSeconds != 615 {
		t.Errorf("moving %d of %d s, %v", m.DurationSeconds, m.TotalElapsedSeconds, err)
	}
}

func TestOnlyWhatWasRecordedIsRunInAPause(t *testing.T) {
	for name, c := range map[string]struct {
		pause leg
		want  bool
	}{"a bus, not recorded": {leg{1200, 1200, 2.1}, false}, "running on": {leg{1, 1200, 2.1}, true}, "to the shop": {leg{1, 300, 1.2}, false}} {
		fixes := walked(leg{1, 200, 3}, c.pause, leg{1, 200, 3})
		m := measure(t, fixes, Pause{StartedAt: second(200), EndedAt: second(200 + int(c.pause.seconds))})
		if slices.Contains(m.Flags, FlagPausedRunning) != c.want {
			t.Errorf("%s: flags %v", name, m.Flags)
		}
	}
}

// TestClimbInABreakIsNone holds that a lift in a pause is no climb, whether its way
// was recorded or not.
func TestClimbInABreakIsNone(t *testing.T) {
	for name, pause := range map[string]leg{"recorded": {1, 60, 0.2}, "not recorded": {60, 60, 0.2}} {
		fixes := walked(leg{1, 300, 3}, pause, leg{1, 300, 3})
		for i := range fixes {
			at := fixes[0].Seconds(fixes[i])
			fixes[i].Altitude = 20 + 0.5*max(0, min(at-300, 60)) // 30 m in the minute
		}
		m := measure(t, fixes, Pause{StartedAt: second(300), EndedAt: second(360)})
		if m.ElevationGainMeters > 1 {
			t.Errorf("%s: %d m", name, m.ElevationGainMeters)
		}
	}
}

// TestABreakHasNoHeartRate holds that zones add up to what counts.
func TestABreakHasNoHeartRate(t *testing.T) {
	fixes := walked(leg{1, 300, 3}, leg{400, 400, 0.01}, leg{1, 300, 3})
	for i := range fixes {
		fixes[i].HeartRate = 150
	}
	m, err := Measure(t.Context(), Recording{Fixes: fixes, Pauses: []Pause{{second(100), second(140)}}, Body: Body{MaxHeartRate: 200}}, DefaultFilter())
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, s := range m.ZoneSeconds {
		sum += s
	}
	if abs(sum-m.DurationSeconds) > 2 {
		t.Errorf("%d s in zones, %d s moving", sum, m.DurationSeconds)
	}
}

func TestMorePartsThanAChunkHasPauses(t *testing.T) {
	var parts [][]Fix
	for i := range 1200 { // a second each, and two of a break
		parts = append(parts, []Fix{east(float64(3*i), float64(9*i)), east(float64(3*i+1), float64(9*i+3))})
	}
	chunks, err := CutChunks(slices.Concat(parts...), CutPauses(parts), MaxChunkFixes)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newWork(t.Context()).measure(JoinFixes(chunks), joinPauses(chunks), Source{}, Body{}, DefaultFilter())
	if err != nil || abs(m.DistanceMeters-3600) > 2 || abs(m.DurationSeconds-1200) > 1 {
		t.Errorf("%d m in %d s, %v", m.DistanceMeters, m.DurationSeconds, err)
	}
}
