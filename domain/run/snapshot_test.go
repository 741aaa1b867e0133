package run

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
)

func TestANewSessionIsActive(t *testing.T) {
	in := NewSessionInput{
		ID: id.FromBytes[id.SessionKind]([16]byte{3}), UserID: mina, CourseID: id.FromBytes[id.CourseKind]([16]byte{4}),
		StartedAt: noon.Add(1234567), DeviceInfo: document(t, `{"os":"x"}`), ClientSessionID: "mine", Imported: true,
	}
	s, err := NewSession(in, noon)
	if err != nil {
		t.Fatal(err)
	}
	if s.ID() != in.ID || s.Owner() != mina || s.CourseID() != in.CourseID || s.Status() != Active || s.Closed() || !s.Imported() || !s.RecordID().IsZero() {
		t.Errorf("%+v", s)
	}
	if want := noon.Add(time.Millisecond); !s.StartedAt().Equal(want) {
		t.Errorf("it started at %v, want whole milliseconds, %v", s.StartedAt(), want)
	}
	if again := RestoreSession(s.Snapshot()); !reflect.DeepEqual(again, s) {
		t.Errorf("restored it is %+v", again)
	}
}

func TestWhatASessionMayNotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*NewSessionInput)
		want   string
	}{
		"at the edge of the future": {func(in *NewSessionInput) { in.StartedAt = noon.Add(MaxFutureSkew) }, "no fault"},
		"in the future":             {func(in *NewSessionInput) { in.StartedAt = noon.Add(MaxFutureSkew + 1) }, "validation_failed started_at"},
		"in the year 2000":          {func(in *NewSessionInput) { in.StartedAt = time.UnixMilli(EarliestTimestamp) }, "no fault"},
		"before the year 2000":      {func(in *NewSessionInput) { in.StartedAt = time.UnixMilli(EarliestTimestamp - 1) }, "validation_failed started_at"},
		"of a talkative device": {func(in *NewSessionInput) {
			in.DeviceInfo = document(t, `{"a":"`+strings.Repeat("a", MaxClaimBytes)+`"}`)
		}, "claim_too_large device_info"},
	} {
		in := NewSessionInput{UserID: mina, StartedAt: noon}
		c.change(&in)
		if _, err := NewSession(in, noon); where(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestARepeatedCreationIsKnown holds that a repeat says the same, whatever its id,
// and anything else does not.
func TestARepeatedCreationIsKnown(t *testing.T) {
	of := func(change func(*NewSessionInput)) Session {
		in := NewSessionInput{ID: id.FromBytes[id.SessionKind]([16]byte{3}), UserID: mina, StartedAt: noon, DeviceInfo: document(t, `{"os":"x"}`)}
		change(&in)
		s, err := NewSession(in, noon.Add(time.Hour))
		return must(t, s, err)
	}
	first := of(func(*NewSessionInput) {})
	for name, c := range map[string]struct {
		change func(*NewSessionInput)
		same   bool
	}{
		"another id":                 {func(in *NewSessionInput) { in.ID = id.Session{} }, true},
		"less than a millisecond":    {func(in *NewSessionInput) { in.StartedAt = noon.Add(999_999) }, true},
		"a millisecond later":        {func(in *NewSessionInput) { in.StartedAt = noon.Add(time.Millisecond) }, false},
		"on a course":                {func(in *NewSessionInput) { in.CourseID = id.FromBytes[id.CourseKind]([16]byte{4}) }, false},
		"another device":             {func(in *NewSessionInput) { in.DeviceInfo = document(t, `{"os":"y"}`) }, false},
		"a device that says nothing": {func(in *NewSessionInput) { in.DeviceInfo = nil }, false},
	} {
		if got := first.SameBody(of(c.change)); got != c.same {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestTwoLooksAtASessionDifferWhenAnythingHappened compares a session with itself
// after each thing that may happen to it.
func TestTwoLooksAtASessionDifferWhenAnythingHappened(t *testing.T) {
	s := accept(t, session(t), chunk(t, 0, Intermediate, 0))
	if !s.Same(s) || !s.Same(RestoreSession(s.Snapshot())) {
		t.Error("it differs from itself")
	}
	abandoned, err := s.Abandon(noon)
	abandoned = must(t, abandoned, err)
	final := s.Snapshot()
	final.Ledger = NewLedger([]Entry{{Digest: chunk(t, 0, Intermediate, 0).Digest(), Final: true}})
	another := session(t).Snapshot()
	another.ID = id.Session{}
	for name, other := range map[string]Session{
		"one more chunk":     accept(t, s, chunk(t, 1, Intermediate, 0)),
		"another body":       accept(t, session(t), chunk(t, 0, Intermediate, 1)),
		"another sequence":   accept(t, session(t), chunk(t, 1, Intermediate, 0)),
		"a final chunk":      accept(t, session(t), chunk(t, 0, Final, 0)),
		"no chunk":           session(t),
		"the chunk is final": RestoreSession(final),
		"abandoned":          abandoned,
		"of another person":  RestoreSession(another),
	} {
		if s.Same(other) || other.Same(s) {
			t.Errorf("%s: the same", name)
		}
	}
}

func TestASessionIsSilentADayAfterItsLastSound(t *testing.T) {
	s := session(t)
	heard := s.Snapshot()
	heard.LastChunkAt = noon.Add(time.Hour)
	resumed := s.Snapshot()
	resumed.LastChunkAt, resumed.ActiveSince = noon.Add(time.Hour), noon.Add(2*time.Hour)
	closed := heard
	closed.Status = Abandoned
	for name, c := range map[string]struct {
		of    SessionSnapshot
		after time.Duration
		want  bool
	}{
		"just made":                  {s.Snapshot(), 0, false},
		"a moment before":            {s.Snapshot(), SilenceLimit - 1, false},
		"a day after it was made":    {s.Snapshot(), SilenceLimit, true},
		"a day, but a chunk came":    {heard, SilenceLimit, false},
		"a day after its chunk":      {heard, SilenceLimit + time.Hour, true},
		"a day, but it was resumed":  {resumed, SilenceLimit + time.Hour, false},
		"a day after it was resumed": {resumed, SilenceLimit + 2*time.Hour, true},
		"abandoned":                  {closed, 10 * SilenceLimit, false},
	} {
		if got := RestoreSession(c.of).SilentAt(noon.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAClosedSessionIsNotResumed(t *testing.T) {
	s, err := session(t).Recover(record1)
	s = must(t, s, err)
	if _, err := s.Resume(noon); !errors.Is(err, ErrSessionClosed) || s.RecordID() != record1 {
		t.Errorf("%v, of record %s", err, s.RecordID())
	}
}

func TestFewerChunksThanArrivedAreNotAll(t *testing.T) {
	s := accept(t, session(t), chunk(t, 2, Intermediate, 0))
	for total, want := range map[int]map[string]any{
		2: {"total_chunks": 2, "expected": 3},
		3: {"missing": []Range{{0, 1}}},
		5: {"missing": []Range{{0, 1}, {3, 4}}},
		0: {"missing": []Range{{0, 1}, {3, 3}}},
	} {
		if got := fault.As(s.WholeSet(total)).Details; !reflect.DeepEqual(got, want) {
			t.Errorf("of %d: %v, want %v", total, got, want)
		}
	}
}

// TestTheNextChunkIsTheFirstThatIsMissing looks at ledgers of any sequences.
func TestTheNextChunkIsTheFirstThatIsMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SliceOfDistinct(rapid.IntRange(0, 8), rapid.ID[int]).Draw(t, "sequences")
		entries, want := make([]Entry, len(set)), 0
		for i, s := range set {
			entries[i].Sequence = s
		}
		for has := true; has; want++ {
			has = false
			for _, s := range set {
				has = has || s == want
			}
		}
		l := NewLedger(entries)
		if got := l.NextExpected(); got != want-1 {
			t.Fatalf("%v: %d, want %d", set, got, want-1)
		}
		// Below a sequence that is there, only those before it are missing.
		for last := -1; last <= 9; last++ {
			missing := 0
			for _, r := range l.missingBelow(last) {
				missing += r[1] - r[0] + 1
			}
			has := 0
			for _, s := range set {
				if s <= last {
					has++
				}
			}
			if missing != last+1-has {
				t.Fatalf("%v: %v are missing up to %d", set, l.missingBelow(last), last)
			}
		}
	})
}

func TestLoadingTakesWhatTheChunksHold(t *testing.T) {
	l := NewLedger([]Entry{{Sequence: 0, Fixes: 10, Bytes: 1000}, {Sequence: 1, Fixes: 5, Bytes: 400}})
	if l.Fixes() != 15 || l.LoadBytes() != 2*1400+15*bytesPerLoadedFix {
		t.Errorf("%d fixes, %d bytes", l.Fixes(), l.LoadBytes())
	}
	old := NewLedger([]Entry{{Sequence: 0}}) // from before they were counted
	if old.Fixes() != MaxChunkFixes || old.LoadBytes() < 2*MaxChunkFixes*bytesPerOldFix {
		t.Errorf("an old one: %d fixes, %d bytes", old.Fixes(), old.LoadBytes())
	}
}

// TestEachFaultOfABoundIsListed compares what people are shown with what is
// answered.
func TestEachFaultOfABoundIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, b := range Bounds() {
		listed[b.Code] = true
	}
	for _, f := range []*fault.Error{ErrRunTooLong, ErrSessionFull, ErrTooManySessions, ErrImportQuota, ErrClaimTooLarge} {
		if !listed[f.Code] {
			t.Errorf("%s is not listed", f.Code)
		}
	}
}
