package run

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
)

// every is a run eastwards of so many fixes, each so many seconds and metres
// behind the one before.
func every(n int, seconds, meters float64) []Fix {
	fixes := make([]Fix, n)
	for i := range fixes {
		fixes[i] = fixAt(0, 0, 0)
		fixes[i].Point = geo.MustPoint(0, math.Mod(float64(i)*meters/111_319.49+180, 360)-180)
		fixes[i].Timestamp += int64(float64(i) * seconds * 1000)
	}
	return fixes
}

func TestARunIsBounded(t *testing.T) {
	for _, c := range []struct {
		name  string
		fixes []Fix
		unit  string // of the bound that is broken; none when it is empty
		value int64
	}{
		{"a fix every nine days, 1,200 km apart", every(1000, 9*86400, 1_200_000), "seconds", 988 * 9 * 86400}, // its ends are stale, and the first lies at 0, 0
		{"three days", every(2593, 100, 200), "", 0},
		{"three days and a quarter of a second", every(2593, 100.0001, 200), "seconds", MaxRunSeconds + 1},
		{"1,000 km in legs of 4 km", every(251, 640, 3999.9), "", 0},
		{"1,002 km in legs of 4 km", every(252, 640, 3992.1), "meters", 1_002_018},
		{"400,000 fixes", every(400_000, 0.5, 1), "fixes", 400_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Measure(t.Context(), Recording{Fixes: c.fixes}, DefaultFilter())
			if c.unit == "" {
				if err != nil || len(m.Splits) > MaxSplits {
					t.Fatalf("%d splits, %v", len(m.Splits), err)
				}
				return
			}
			f := fault.As(err)
			if f == nil || f.Code != "run_too_long" || f.Details["unit"] != c.unit {
				t.Fatalf("%v with %v, want %s", err, f, c.unit)
			}
			if value := f.Details["value"].(int64); math.Abs(float64(value-c.value)) > 20 || value <= int64(f.Details["limit"].(int)) {
				t.Errorf("%d of %v, want %d", value, f.Details["limit"], c.value)
			}
		})
	}
}

// Nothing that a stranger makes up gives a record that is larger than its bounds.
func TestWhateverIsMeasuredIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.SampledFrom([]int64{-9 * 86400, -400, -1, 0, 1, 30, 400, 9 * 86400})
		meters := rapid.SampledFrom([]float64{-1e7, -4900, -30, 0, 3, 30, 4900, 5100, 1e7})
		at, x := noon.UnixMilli(), 0.0
		var fixes []Fix
		for range rapid.IntRange(0, 40).Draw(t, "stretches") {
			ds, dm := seconds.Draw(t, "seconds"), meters.Draw(t, "meters")
			for range rapid.IntRange(1, 60).Draw(t, "fixes") {
				at, x = min(max(at+ds*1000, EarliestTimestamp), LatestTimestamp), x+dm
				f := fixAt(0, 0, 0)
				f.Point, f.Timestamp = geo.MustPoint(0, math.Mod(math.Mod(x/111_319.49, 360)+540, 360)-180), at
				fixes = append(fixes, f)
			}
		}
		m, err := Measure(context.Background(), Recording{Fixes: fixes}, DefaultFilter())
		if fault.KindOf(err) == fault.Invalid {
			return
		}
		if err != nil || len(m.Splits) > MaxSplits || m.DistanceMeters > MaxRunMeters || m.TotalElapsedSeconds > MaxRunSeconds ||
			len(m.BestEfforts) > len(EffortMeters) || len(m.ElevationProfile) > CurrentMeasure().Climb.MaxSamples || len(m.Pauses) > MaxPauses+MaxRunSeconds/30 ||
			m.DurationSeconds > m.TotalElapsedSeconds || m.StartedAt.After(m.FinishedAt) {
			t.Fatalf("%d splits, %d m, %d s, %d pauses: %v", len(m.Splits), m.DistanceMeters, m.TotalElapsedSeconds, len(m.Pauses), err)
		}
	})
}

func TestALegOverFiveKilometresIsNotRun(t *testing.T) {
	for meters, want := range map[float64]int{4990: 900 + 4990 + 900, 5010: 900 + 900} {
		fixes := steady(300, 3)
		for s := range 301 { // an hour later: a walk, by the speed of it
			fixes = append(fixes, east(3900+float64(s), 900+meters+float64(s)*3))
		}
		m := measure(t, fixes)
		counted := want > 1800
		if abs(m.DistanceMeters-want) > 1 || slices.Contains(m.Flags, FlagLeaps) == counted || (m.DurationSeconds == 4200) != counted || len(m.Pauses) > 1 {
			t.Errorf("a leg of %g m: %d m in %d s, flags %v, pauses %v", meters, m.DistanceMeters, m.DurationSeconds, m.Flags, m.Pauses)
		}
	}
}

func TestStaleEndsAreNoPartOfARun(t *testing.T) {
	for _, days := range []int64{-20, 20} {
		for n := 1; n <= CurrentMeasure().StrayFixes; n++ {
			fixes := steady(600, 3)
			for i := range n {
				if days > 0 {
					i = len(fixes) - 1 - i
				}
				fixes[i].Timestamp += days * 86_400_000
			}
			if m := measure(t, fixes); m.TotalElapsedSeconds != 600-n {
				t.Errorf("%d fixes %d days away: %d s", n, days, m.TotalElapsedSeconds)
			}
		}
	}
}

func TestAClockSetBackAgainAndAgainEndsWithTheCalendar(t *testing.T) {
	var fixes []Fix
	for i := range 200_000 {
		f := fixAt(i, 37, 127)
		if i%7 == 0 {
			f.Timestamp = LatestTimestamp
		}
		fixes = append(fixes, f)
	}
	usable, _ := onOneClock(free(), fixes)
	for _, f := range usable {
		if f.Timestamp < EarliestTimestamp || f.Timestamp > LatestTimestamp {
			t.Fatalf("a fix at %d", f.Timestamp)
		}
	}
}

func TestAFasterRecordingIsThinned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fixes []Fix
		at := noon.UnixMilli()
		for range rapid.IntRange(0, 400).Draw(t, "fixes") {
			at += rapid.SampledFrom([]int64{1, 20, 49, 50, 51, 99, 100, 101, 1000}).Draw(t, "milliseconds")
			fixes = append(fixes, Fix{Timestamp: at})
		}
		in := map[int64]int{}
		for _, f := range fixes {
			in[f.Timestamp/1000]++
		}
		kept, last := map[int64]int{}, int64(0)
		for _, f := range thin(free(), slices.Clone(fixes)) {
			kept[f.Timestamp/1000]++
			if f.Timestamp <= last || !slices.Contains(fixes, f) {
				t.Fatalf("%d behind %d", f.Timestamp, last)
			}
			last = f.Timestamp
		}
		for second, n := range in {
			if k := kept[second]; k > MaxFixesPerSecond || k < 1 || n <= MaxFixesPerSecond && k != n {
				t.Fatalf("%d of %d fixes of a second are kept", k, n)
			}
		}
		if len(fixes) > 0 && last != at {
			t.Fatal("the last fix is gone")
		}
	})
}

// At 20 Hz and more the judge sees a tenth of each second, and nobody's time is
// another than at 10 Hz.
func TestAFasterRecordingHasTheSameTime(t *testing.T) {
	var line []geo.Point
	for m := 100.0; m <= 900; m += 10 {
		line = append(line, course.Unproject(m, 0))
	}
	route, err := geo.NewLine(line)
	if err != nil {
		t.Fatal(err)
	}
	seconds := func(hertz int) int {
		var fixes []Fix
		for i := range 300*hertz + 1 {
			s := float64(i) / float64(hertz)
			fixes = append(fixes, east(s, 3.33*s+5*math.Sin(s/20))) // faster and slower
		}
		usable, err := Filter(t.Context(), fixes, DefaultFilter())
		if err != nil || len(usable) > 300*MaxFixesPerSecond+1 {
			t.Fatalf("%d fixes, %v", len(usable), err)
		}
		v, err := judge.Prepare(route, judge.CurrentRules()).Judge(t.Context(), ForJudge(usable))
		if err != nil || v.CourseDurationSeconds == nil {
			t.Fatalf("at %d Hz: %v, %v", hertz, v.Reasons, err)
		}
		return *v.CourseDurationSeconds
	}
	want := seconds(10)
	for _, hertz := range []int{20, 25, 50, 200} {
		if got := seconds(hertz); got != want {
			t.Errorf("at %d Hz %d s, at 10 Hz %d s", hertz, got, want)
		}
	}
}

func TestOfTooManyPausesTheLongestCount(t *testing.T) {
	var pauses []Pause
	for i := range 2 * MaxPauses { // of 1 s and of 2 s, every 4 s
		from := noon.Add(time.Duration(4*i) * time.Second)
		pauses = append(pauses, Pause{StartedAt: from, EndedAt: from.Add(time.Duration(1+i%2) * time.Second)})
	}
	m := measure(t, every(8*MaxPauses/60+3, 60, 100), pauses...)
	if len(m.Pauses) != MaxPauses || m.TotalElapsedSeconds-m.DurationSeconds != 2*MaxPauses {
		t.Errorf("%d pauses, %d s of them", len(m.Pauses), m.TotalElapsedSeconds-m.DurationSeconds)
	}
}

// big is a chunk of n fixes; wide ones take a lot of bytes.
func big(t testing.TB, sequence, n int, wide bool) Chunk {
	t.Helper()
	in := ChunkInput{Sequence: sequence, Type: Intermediate, Summary: claim(1, 1), Cumulative: claim(1, 1)}
	for range n {
		f := fixAt(sequence, 37, 127)
		if wide {
			f.Point = geo.MustPoint(-37.123456789012345, -127.12345678901234)
			f.Altitude, f.Accuracy, f.Speed, f.Heading, f.HeartRate, f.Cadence = 1./3, 1./3, 1./3, 1./3, 1./3, 1./3
		}
		in.Fixes = append(in.Fixes, f)
	}
	if wide {
		in.Filtered = in.Fixes
	}
	c, err := NewChunk(in)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestASessionIsFull(t *testing.T) {
	for _, c := range []struct {
		what  string
		fixes int
		wide  bool
		fit   int // chunks
	}{
		{"chunks", 1, false, MaxSessionChunks},
		{"fixes", MaxChunkFixes, false, MaxSessionFixes / MaxChunkFixes},
		{"bytes", MaxChunkFixes, true, MaxSessionBytes / big(t, 0, MaxChunkFixes, true).Bytes()},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := session(t)
			for i := range c.fit {
				s = accept(t, s, big(t, i, c.fixes, c.wide))
				if crowded := s.Ledger().Crowded(); crowded != (i+1 > c.fit/4) && i+1 != c.fit/4 {
					t.Fatalf("crowded with %d of %d chunks: %v", i+1, c.fit, crowded)
				}
			}
			next, _, err := s.Accept(mina, big(t, c.fit, c.fixes, c.wide), noon.Add(time.Hour))
			f := fault.As(err)
			if !errors.Is(err, ErrSessionFull) || f.Details["what"] != c.what || f.Details["value"].(int) <= f.Details["limit"].(int) {
				t.Fatalf("one more: %v, %+v", err, f)
			}
			if next.Ledger().Len() != c.fit {
				t.Errorf("a refused chunk is in the ledger")
			}
			if _, outcome, err := s.Accept(mina, big(t, 0, c.fixes, c.wide), noon.Add(time.Hour)); err != nil || outcome != Replayed {
				t.Errorf("a repeat: %v, %v", outcome, err)
			}
			if _, err := s.Complete(record1, c.fit); err != nil {
				t.Errorf("it cannot be completed: %v", err)
			}
			if !RestoreSession(s.Snapshot()).Ledger().Crowded() {
				t.Error("its size was forgotten")
			}
		})
	}
}

func TestSessionsFromBeforeTheBoundsAreReadAndMeasured(t *testing.T) {
	entries := make([]Entry, 4000)
	for i := range entries {
		entries[i].Sequence = i
	}
	s := RestoreSession(SessionSnapshot{UserID: mina, Status: Active, StartedAt: noon, CreatedAt: noon, Ledger: NewLedger(entries)})
	if _, err := s.Abandon(noon); err != nil {
		t.Error(err)
	}
	if _, err := s.Complete(record1, 4000); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Accept(mina, big(t, 4000, 1, false), noon.Add(2*time.Hour)); !errors.Is(err, ErrSessionFull) {
		t.Errorf("one more chunk: %v", err)
	}
	chunks := make([]Chunk, 101)
	for i := range chunks {
		chunks[i] = RestoreChunk(ChunkInput{Sequence: i, Fixes: make([]Fix, 3000)}, Digest{})
	}
	if _, err := NewRecord(t.Context(), RecordInput{Session: s, Chunks: chunks, Filter: DefaultFilter(), Now: noon.Add(100 * time.Hour)}); !fault.HasCode(err, "run_too_long") {
		t.Errorf("303,000 fixes: %v", err)
	}
}

func TestTheSixthActiveSessionIsRefused(t *testing.T) {
	var others []id.Session
	for n := range 8 {
		err := CheckActive(others)
		if (err == nil) != (n < MaxActiveSessions) {
			t.Errorf("beside %d: %v", n, err)
		}
		if f := fault.As(err); f != nil && (f.Details["value"] != n+1 || f.Details["limit"] != MaxActiveSessions || fmt.Sprint(f.Details["active"]) != fmt.Sprint(others)) {
			t.Errorf("beside %d: %v", n, f.Details)
		}
		others = append(others, session(t).ID())
	}
}

func TestImportsAreCountedByTheDay(t *testing.T) {
	for age, wait := range map[time.Duration]any{
		0: 86400, time.Second: 86399, 24*time.Hour - time.Millisecond: 1, 24 * time.Hour: nil, 25 * time.Hour: nil,
	} {
		err := CheckImports(noon.Add(-age), noon)
		if f := fault.As(err); (wait == nil) != (err == nil) || f != nil && (f.Details["retry_after"] != wait || f.Kind != fault.RateLimited) {
			t.Errorf("%s ago: %v", age, err)
		}
	}
	if err := CheckImports(time.Time{}, noon); err != nil {
		t.Errorf("with fewer: %v", err)
	}
}

// A phone sends a chunk a minute, and some people run for a day and longer. One
// that was offline is told when to send the rest.
func TestALongRunMaySendAChunkAMinute(t *testing.T) {
	s := session(t)
	at := func(i int) Chunk { return big(t, i, 1, false) }
	var err error
	for i := range 1440 {
		if s, _, err = s.Accept(mina, at(i), noon.Add(time.Duration(i+1)*time.Minute)); err != nil {
			t.Fatalf("the chunk of minute %d: %v", i+1, err)
		}
	}
	offline := session(t)
	now := noon.Add(time.Minute)
	for i := range MaxSessionChunks {
		if offline, _, err = offline.Accept(mina, at(i), now); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = offline.Accept(mina, at(300), now)
	if !errors.Is(err, ErrSessionFull) {
		t.Fatalf("more at once: %v", err)
	}
	wait := time.Duration(fault.As(err).Details["retry_after"].(int)) * time.Second
	if wait <= 0 || wait > 3*time.Hour {
		t.Errorf("it is told to wait for %s", wait)
	}
	if _, _, err = offline.Accept(mina, at(300), now.Add(wait)); err != nil {
		t.Errorf("after it has waited: %v", err)
	}
}

// 1,100 fixes a millisecond and a metre apart: every step is a jump, so nobody
// can say which fix is wrong. The run is kept, and none of it counts.
func TestWhereEveryStepIsAJumpAllStays(t *testing.T) {
	var fixes []Fix
	for i := range 1100 {
		fixes = append(fixes, east(float64(i)/1000, 1.1*float64(i)))
	}
	m, err := Measure(t.Context(), Recording{Fixes: fixes}, DefaultFilter())
	if err != nil || m.DistanceMeters > 0 || len(m.BestEfforts) > 0 || !slices.Contains(m.Flags, FlagLeaps) {
		t.Errorf("%d m, %v, %v, %v", m.DistanceMeters, m.BestEfforts, m.Flags, err)
	}
}
