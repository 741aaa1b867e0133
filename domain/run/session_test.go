package run

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
)

var (
	noon    = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	mina    = id.MustParse[id.UserKind]("0199b0a2-0000-7000-8000-000000000001")
	other   = id.MustParse[id.UserKind]("0199b0a2-0000-7000-8000-000000000002")
	record1 = id.MustParse[id.RecordKind]("0199b0a2-0000-7000-8000-0000000000aa")
)

func session(t testing.TB) Session {
	t.Helper()
	s, err := NewSession(NewSessionInput{
		ID: id.MustParse[id.SessionKind]("0199b0a2-0000-7000-8000-0000000000ff"), UserID: mina, StartedAt: noon,
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func claim(meters, seconds float64) Claim {
	doc := strictjson.Document(`{"distance_meters":` + string(strictjson.AppendFloat(nil, meters)) + `,"duration_seconds":` + string(strictjson.AppendFloat(nil, seconds)) + `}`)
	return Claim{DistanceMeters: meters, DurationSeconds: seconds, Document: doc}
}

func fixAt(second int, lat, lng float64) Fix {
	return Fix{
		Point: geo.MustPoint(lat, lng), Timestamp: noon.UnixMilli() + int64(second)*1000,
		Altitude: Absent, Accuracy: Absent, Speed: Absent, Heading: Absent, HeartRate: Absent, Cadence: Absent,
	}
}

// chunk has two fixes; body tells different uploads of one sequence apart.
func chunk(t testing.TB, sequence int, kind ChunkType, body int) Chunk {
	t.Helper()
	c, err := NewChunk(ChunkInput{
		Sequence: sequence, Type: kind, Summary: claim(10, 2), Cumulative: claim(float64(10*(sequence+1)), 2),
		Fixes: []Fix{fixAt(2*sequence, 37.5, 127+float64(body)*1e-5), fixAt(2*sequence+1, 37.50001, 127)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func must(t testing.TB, s Session, err error) Session {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func accept(t testing.TB, s Session, c Chunk) Session {
	t.Helper()
	s, outcome, err := s.Accept(mina, c, noon.Add(time.Hour))
	if err != nil || outcome != Stored {
		t.Fatalf("chunk %d: %v, %v", c.Sequence(), outcome, err)
	}
	return s
}

// TestTheStateMachine is the table in doc.go, a row a case.
func TestTheStateMachine(t *testing.T) {
	later := noon.Add(time.Hour)
	active := accept(t, accept(t, session(t), chunk(t, 0, Intermediate, 0)), chunk(t, 2, Intermediate, 0))
	whole := accept(t, accept(t, active, chunk(t, 1, Intermediate, 0)), chunk(t, 3, Final, 0))
	completed, err := whole.Complete(record1, 0)
	completed = must(t, completed, err)
	abandoned, err := active.Abandon(later)
	abandoned = must(t, abandoned, err)
	imported := RestoreSession(SessionSnapshot{Status: Abandoned, AbandonedAt: later, Imported: true})
	recovered, err := active.Recover(record1)
	recovered = must(t, recovered, err)

	type outcome struct {
		accepted Acceptance
		err      *fault.Error
	}
	for _, c := range []struct {
		name  string
		from  Session
		chunk Chunk
		want  outcome
	}{
		{"active, a new chunk", active, chunk(t, 1, Intermediate, 0), outcome{Stored, nil}},
		{"active, the same again", active, chunk(t, 0, Intermediate, 0), outcome{Replayed, nil}},
		{"active, the sequence with another body", active, chunk(t, 0, Intermediate, 1), outcome{0, ErrChunkConflict}},
		{"active, beyond the final", whole, chunk(t, 4, Intermediate, 0), outcome{0, ErrChunkBeyondFinal}},
		{"active, the final below a stored one", active, chunk(t, 1, Final, 0), outcome{0, ErrFinalBeforeLast}},
		{"active, a second final", whole, chunk(t, 4, Final, 0), outcome{0, ErrFinalConflict}},
		{"completed, the same chunk", completed, chunk(t, 3, Final, 0), outcome{Replayed, nil}},
		{"completed, a new chunk", completed, chunk(t, 9, Intermediate, 0), outcome{0, ErrSessionClosed}},
		{"completed, another body", completed, chunk(t, 0, Intermediate, 1), outcome{0, ErrSessionClosed}},
		{"recovered, the same chunk", recovered, chunk(t, 0, Intermediate, 0), outcome{Replayed, nil}},
		{"recovered, a new chunk", recovered, chunk(t, 1, Intermediate, 0), outcome{0, ErrSessionClosed}},
		{"abandoned, any chunk", abandoned, chunk(t, 0, Intermediate, 0), outcome{0, ErrSessionAbandoned}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, accepted, err := c.from.Accept(mina, c.chunk, later)
			if accepted != c.want.accepted || (c.want.err == nil) != (err == nil) || (c.want.err != nil && !errors.Is(err, c.want.err)) {
				t.Errorf("%v, %v; want %v", accepted, err, c.want)
			}
		})
	}
	for _, c := range []struct {
		name string
		do   func() (Session, error)
		want Status
		err  *fault.Error
	}{
		{"complete, all there", func() (Session, error) { return whole.Complete(record1, 0) }, Completed, nil},
		{"complete, all there and counted", func() (Session, error) { return whole.Complete(record1, 4) }, Completed, nil},
		{"complete with a gap", func() (Session, error) { return active.Complete(record1, 0) }, "", ErrChunksMissing},
		{"complete, no final and not counted", func() (Session, error) {
			return accept(t, session(t), chunk(t, 0, Intermediate, 0)).Complete(record1, 0)
		}, "", ErrChunksMissing},
		{"complete, no final but counted", func() (Session, error) {
			return accept(t, session(t), chunk(t, 0, Intermediate, 0)).Complete(record1, 1)
		}, Completed, nil},
		{"complete, counted too few", func() (Session, error) { return whole.Complete(record1, 3) }, "", ErrTotalChunksMismatch},
		{"complete, counted too many", func() (Session, error) { return whole.Complete(record1, 5) }, "", ErrTotalChunksMismatch},
		{"complete with no chunk", func() (Session, error) { return session(t).Complete(record1, 0) }, "", ErrChunksMissing},
		{"complete again", func() (Session, error) { return completed.Complete(record1, 0) }, "", ErrSessionClosed},
		{"complete what was abandoned", func() (Session, error) { return abandoned.Complete(record1, 0) }, "", ErrSessionAbandoned},
		{"finalize active", func() (Session, error) { return active.Recover(record1) }, Recovered, nil},
		{"finalize abandoned", func() (Session, error) { return abandoned.Recover(record1) }, Recovered, nil},
		{"finalize completed", func() (Session, error) { return completed.Recover(record1) }, "", ErrSessionClosed},
		{"resume abandoned", func() (Session, error) { return abandoned.Resume(later) }, Active, nil},
		{"resume active", func() (Session, error) { return active.Resume(later) }, Active, nil},
		{"resume after 30 days", func() (Session, error) { return abandoned.Resume(later.Add(AbandonedRetention + time.Second)) }, "", ErrNothingToRecover},
		{"resume an import", func() (Session, error) { return imported.Resume(later) }, "", ErrNothingToRecover},
		{"abandon twice", func() (Session, error) { return abandoned.Abandon(later) }, Abandoned, nil},
		{"abandon completed", func() (Session, error) { return completed.Abandon(later) }, "", ErrSessionClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := c.do()
			if c.err != nil {
				if !errors.Is(err, c.err) {
					t.Fatalf("%v, want %v", err, c.err)
				}
				return
			}
			if err != nil || s.Status() != c.want {
				t.Errorf("%v, %v; want %v", s.Status(), err, c.want)
			}
		})
	}
	if _, _, err := active.Accept(other, chunk(t, 1, Intermediate, 0), later); !errors.Is(err, ErrSessionNotFound) {
		t.Errorf("another's session: %v", err)
	}
}

// TestTheTableOfStatesNamesEveryAnswer compares the table in doc.go with the
// states, and with the faults of the state machine.
func TestTheTableOfStatesNamesEveryAnswer(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`\w+`).FindAllString(string(page), -1)
	for _, f := range []*fault.Error{
		ErrSessionNotFound, ErrSessionConflict, ErrChunkConflict, ErrChunkBeyondFinal, ErrFinalBeforeLast, ErrFinalConflict, ErrChunksMissing,
		ErrTotalChunksMismatch, ErrRunTooShort, ErrRunTooLong, ErrSessionFull, ErrSessionClosed, ErrSessionAbandoned, ErrNothingToRecover,
	} {
		if !slices.Contains(words, f.Code) {
			t.Errorf("doc.go does not name %s", f.Code)
		}
	}
	for _, s := range []Status{Active, Completed, Recovered, Abandoned} {
		if !slices.Contains(words, string(s)) {
			t.Errorf("doc.go does not name %s", s)
		}
	}
}

// TestFixesOfTheFutureAreRefused holds that early ones are stored: a clock that was
// set back is no reason to lose what came behind it.
func TestFixesOfTheFutureAreRefused(t *testing.T) {
	for second, want := range map[int]fault.Kind{-60: 0, -3600: 0, -20 * 86400: 0, 3600: 0, 3600 + 600: fault.Invalid} {
		c, err := NewChunk(ChunkInput{Sequence: 0, Type: Final, Fixes: []Fix{fixAt(second, 37, 127)}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := session(t).Accept(mina, c, noon.Add(time.Hour)); fault.KindOf(err) != want {
			t.Errorf("%d s after the start: %v", second, err)
		}
	}
}

func TestChunksThatBreakARuleAreNotBuilt(t *testing.T) {
	good := func() ChunkInput {
		return ChunkInput{Sequence: 0, Type: Intermediate, Fixes: []Fix{fixAt(0, 37, 127)}, Summary: claim(1, 1), Cumulative: claim(1, 1)}
	}
	pause := func(from, to int) Pause {
		return Pause{StartedAt: noon.Add(time.Duration(from) * time.Second), EndedAt: noon.Add(time.Duration(to) * time.Second)}
	}
	for name, spoil := range map[string]func(*ChunkInput){
		"sequence":                      func(c *ChunkInput) { c.Sequence = -1 },
		"sequence 5000":                 func(c *ChunkInput) { c.Sequence = 5000 },
		"chunk_type":                    func(c *ChunkInput) { c.Type = "FINAL" },
		"raw_gps_points, none":          func(c *ChunkInput) { c.Fixes = nil },
		"raw_gps_points, 3601":          func(c *ChunkInput) { c.Fixes = make([]Fix, 3601) },
		"filtered_points":               func(c *ChunkInput) { c.Filtered = make([]Fix, 2) },
		"chunk_summary.distance_meters": func(c *ChunkInput) { c.Summary.DistanceMeters = -1 },
		"cumulative.duration_seconds":   func(c *ChunkInput) { c.Cumulative.DurationSeconds = -1 },
		"pause_intervals, negative":     func(c *ChunkInput) { c.Pauses = []Pause{pause(5, 4)} },
		"pause_intervals, overlapping":  func(c *ChunkInput) { c.Pauses = []Pause{pause(0, 5), pause(4, 6)} },
	} {
		in := good()
		spoil(&in)
		if _, err := NewChunk(in); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewChunk(good()); err != nil {
		t.Fatal(err)
	}
}

// TestAnyOrderOfArrivalGivesTheSameSession sends the chunks of a run in any
// order, any number of times.
func TestAnyOrderOfArrivalGivesTheSameSession(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(rt, "chunks")
		order := rapid.Permutation(sequences(n)).Draw(rt, "order")
		s := session(t)
		for _, i := range order {
			kind := Intermediate
			if i == n-1 {
				kind = Final
			}
			c := chunk(t, i, kind, 0)
			for again := 0; again <= rapid.IntRange(0, 2).Draw(rt, "again"); again++ {
				next, outcome, err := s.Accept(mina, c, noon.Add(time.Hour))
				if err != nil || (outcome == Stored) != (again == 0) {
					rt.Fatalf("chunk %d, time %d: %v, %v", i, again, outcome, err)
				}
				s = next
			}
		}
		l := s.Ledger()
		if len(l.Missing()) > 0 || len(l.Received()) != 1 || l.Received()[0] != (Range{0, n - 1}) || !l.HasFinal() || l.NextExpected() != n {
			rt.Fatalf("received %v, missing %v, next %d", l.Received(), l.Missing(), l.NextExpected())
		}
		if _, err := s.Complete(record1, n); err != nil {
			rt.Fatal(err)
		}
	})
}

func sequences(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestReceivedAndMissingAreOpposites compares the ledger with a plain set.
func TestReceivedAndMissingAreOpposites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SliceOfDistinct(rapid.IntRange(0, 40), rapid.ID[int]).Draw(t, "sequences")
		entries := make([]Entry, len(set))
		has := map[int]bool{}
		for i, s := range set {
			entries[i], has[s] = Entry{Sequence: s}, true
		}
		l := NewLedger(entries)
		in := func(ranges []Range, s int) bool {
			for _, r := range ranges {
				if s >= r[0] && s <= r[1] {
					return true
				}
			}
			return false
		}
		for s := 0; s <= l.Highest(); s++ {
			if in(l.Received(), s) != has[s] || in(l.Missing(), s) == has[s] {
				t.Fatalf("%d: received %v, missing %v", s, l.Received(), l.Missing())
			}
		}
	})
}
