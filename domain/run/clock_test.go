package run

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// later moves the fixes [from, to) on by so many seconds.
func later(fixes []Fix, from, to int, seconds float64) []Fix {
	out := slices.Clone(fixes)
	for i := from; i < to; i++ {
		out[i].Timestamp += int64(seconds * 1000)
	}
	return out
}

const (
	hour  = 3600
	weeks = 7 * 24 * hour
)

// TestAClockIsNoRunner holds what becomes of times that do not fit: the path stays,
// and the time line is that of the longer part.
func TestAClockIsNoRunner(t *testing.T) {
	run := steady(599, 3) // 600 fixes, 1,797 m
	backwards := slices.Clone(run)
	slices.Reverse(backwards)
	segments := slices.Concat(run[400:], run[:200], run[200:400])
	repeated := slices.Concat(run[:200], run[100:300], run[300:500], run[400:])
	for _, c := range []struct {
		name    string
		fixes   []Fix
		meters  int
		seconds int
		starts  int64 // milliseconds from noon
		flags   []string
	}{
		{"as it should be", run, 1797, 599, 0, nil},
		{"newest first", backwards, 1797, 599, 0, nil},
		{"set back an hour late in the run", later(run, 400, 600, -hour), 1797, 599, 0, []string{FlagClockChanged}},
		{"set back an hour early in the run", later(run, 200, 600, -hour), 1797, 599, -hour * 1000, []string{FlagClockChanged}},
		{"set back 20 s", later(run, 400, 600, -20), 1797, 599, 0, []string{FlagClockChanged}},
		{"set back an hour, and right again", later(run, 200, 400, -hour), 1797, 599, 0, []string{FlagClockChanged}},
		{"set on an hour, and right again", later(run, 200, 400, hour), 1797, 599, 0, []string{FlagClockChanged}},
		{"set on 5 min, and right again", later(run, 200, 400, 300), 1797, 599, 0, []string{FlagClockChanged}},
		{"set on 1,024 weeks", later(run, 400, 600, 1024*weeks), 1797, 599, 0, []string{FlagClockChanged}},
		{"set back 1,024 weeks", later(run, 400, 600, -1024*weeks), 1797, 599, 0, []string{FlagClockChanged}},
		{"set on 20 years, and the rest is longer", later(run, 100, 600, 20*52*weeks), 1797, 599, 20 * 52 * weeks * 1000, []string{FlagClockChanged}},
		{"two fixes an hour late at the start", later(run, 0, 2, hour), 1791, 597, 2000, []string{FlagStepsBack}},
		{"one fix an hour late", later(run, 300, 301, hour), 1797, 599, 0, []string{FlagStepsBack}},
		{"five fixes an hour early", later(run, 300, 305, -hour), 1797, 599, 0, []string{FlagStepsBack}},
		{"three fixes a second early at the end", later(run, 597, 600, -hour), 1788, 596, 0, []string{FlagStepsBack}},
		{"a first fix of 20 days before", later(run, 0, 1, -20*24*hour), 1794, 598, 1000, nil},
		{"a last fix of the evening", later(run, 599, 600, 7*hour), 1794, 598, 0, nil},
		{"each fix twice", slices.Concat(run[:300], run[299:]), 1797, 599, 0, nil},
		{"segments out of order", segments, 1797, 599, 0, nil},
		{"segments that repeat the one before", repeated, 1797, 599, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := measure(t, c.fixes)
			if m.DistanceMeters != c.meters || m.DurationSeconds != c.seconds || m.TotalElapsedSeconds != c.seconds {
				t.Errorf("%d m in %d of %d s, want %d m in %d s", m.DistanceMeters, m.DurationSeconds, m.TotalElapsedSeconds, c.meters, c.seconds)
			}
			if got := m.StartedAt.UnixMilli() - noon.UnixMilli(); got != c.starts {
				t.Errorf("it starts at %d ms, want %d", got, c.starts)
			}
			if !slices.Equal(m.Flags, c.flags) {
				t.Errorf("flags %v, want %v", m.Flags, c.flags)
			}
		})
	}
}

// TestAnOrderThatNobodyCanTellIsFlagged holds that a run is in doubt from over one
// in a hundred fixes on, and not before.
func TestAnOrderThatNobodyCanTellIsFlagged(t *testing.T) {
	for odd, want := range map[int]bool{1: false, 9: false, 11: true} {
		fixes := steady(999, 3)
		for k := range odd {
			fixes[50+k*60].Timestamp -= 30_000
		}
		m := measure(t, fixes)
		if got := slices.Contains(m.Flags, FlagTimesUnreliable); got != want || len(Record{Measures: m}.Against()) > 0 != want {
			t.Errorf("%d of 1,000 fixes step back: flags %v", odd, m.Flags)
		}
	}
}

// TestSentPausesMoveWithTheClock holds that a pause is where it was in the run.
func TestSentPausesMoveWithTheClock(t *testing.T) {
	fixes := steady(599, 3)
	for i := 450; i < 600; i++ {
		fixes[i].Point = course.Unproject(float64(i)*3, 0)
	}
	moved := later(fixes, 400, 600, -hour)
	pause := Pause{StartedAt: second(450 - hour), EndedAt: second(460 - hour)}
	m := measure(t, moved, pause)
	if m.DurationSeconds != 589 || m.DistanceMeters != 1767 || len(m.Pauses) != 1 || m.Pauses[0].StartedAt != second(450) {
		t.Errorf("%d m in %d s, pauses %v", m.DistanceMeters, m.DurationSeconds, m.Pauses)
	}
}

// TestTheClockLosesNoPath holds, for one change of the clock of any size, that the
// run is as long and takes as long as it does without.
func TestTheClockLosesNoPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(40, 400).Draw(t, "fixes")
		at := rapid.IntRange(10, n-10).Draw(t, "at")
		by := rapid.OneOf(rapid.IntRange(-1024*weeks, -10), rapid.IntRange(80*hour, 1024*weeks)).Draw(t, "by seconds")
		fixes := steady(n, 3)
		m, err := Measure(t.Context(), Recording{Fixes: later(fixes, at, len(fixes), float64(by))}, DefaultFilter())
		if err != nil {
			t.Fatal(err)
		}
		if abs(m.DistanceMeters-3*n) > 1 || m.DurationSeconds != n || m.TotalElapsedSeconds != n || !slices.Equal(m.Flags, []string{FlagClockChanged}) {
			t.Fatalf("%d m in %d of %d s, flags %v", m.DistanceMeters, m.DurationSeconds, m.TotalElapsedSeconds, m.Flags)
		}
	})
}

// TestPartsOnAnotherClock holds that a break between two parts is no longer than it
// was, whatever the clock of one of them said.
func TestPartsOnAnotherClock(t *testing.T) {
	for _, by := range []float64{-300, -hour, -24 * hour, -14 * 24 * hour, -52 * weeks, 52 * weeks} {
		for which := range 3 {
			run := later(steady(1199, 3), which*400, which*400+400, by)
			parts := [][]Fix{run[:400], run[400:800], run[800:]}
			m := measure(t, slices.Concat(parts...), CutPauses(parts)...)
			if abs(m.DistanceMeters-3597) > 7 || abs(m.DurationSeconds-1199) > 3 {
				t.Errorf("part %d by %v s: %d m in %d of %d s, flags %v, pauses %v", which, by, m.DistanceMeters, m.DurationSeconds, m.TotalElapsedSeconds, m.Flags, m.Pauses)
			}
		}
	}
}

func TestAClockThatIsAhead(t *testing.T) {
	now := noon.UnixMilli()
	for name, c := range map[string]struct {
		fixes []Fix
		moved bool
	}{
		"as it should be":                   {later(steady(599, 3), 0, 600, -600), false},
		"a zone ahead":                      {later(steady(599, 3), 0, 600, 9*hour-900), true},
		"set on an hour in its second half": {later(later(steady(599, 3), 0, 600, -600), 300, 600, hour), true},
		"set on 20 years, the longer part":  {later(later(steady(599, 3), 0, 600, -600), 100, 600, 20*52*weeks), true},
	} {
		moved, err := DateBy(t.Context(), [][]Fix{c.fixes}, now)
		if err != nil || moved != c.moved {
			t.Errorf("%s: moved %v, %v", name, moved, err)
		}
		if m := measure(t, c.fixes); abs(m.DistanceMeters-1797) > 3 || m.FinishedAt.UnixMilli() > now {
			t.Errorf("%s: %d m until %s", name, m.DistanceMeters, m.FinishedAt)
		}
	}
}
