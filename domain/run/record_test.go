package run

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/strictjson"
)

// recordOf is the record of a run of 2,000 m in 800 s whose only chunk says this.
func recordOf(t *testing.T, total Claim, splits ...string) Record {
	t.Helper()
	in := ChunkInput{Type: Final, Fixes: steady(800, 2.5), Cumulative: total}
	if len(splits) > 0 {
		in.CompletedSplits = document(t, "["+strings.Join(splits, ",")+"]")
	}
	c, err := NewChunk(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRecord(t.Context(), RecordInput{
		ID: record1, Session: accept(t, session(t), chunk(t, 0, Final, 0)), Chunks: []Chunk{c}, Title: "Morning", Filter: DefaultFilter(), Now: noon.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func split(meters float64) string { return fmt.Sprintf(`{"distance_meters":%v}`, meters) }

func TestARecordIsOfItsSession(t *testing.T) {
	s := RestoreSession(SessionSnapshot{ID: id.FromBytes[id.SessionKind]([16]byte{3}), UserID: mina, CourseID: id.FromBytes[id.CourseKind]([16]byte{4})})
	c, err := NewChunk(ChunkInput{Type: Final, Fixes: steady(800, 2.5)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRecord(t.Context(), RecordInput{ID: record1, Session: s, Chunks: []Chunk{c}, Title: "Morning", ClientFilter: document(t, `{"a":1}`), Filter: DefaultFilter(), Now: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != record1 || r.UserID != mina || r.SessionID != s.ID() || r.CourseID != s.CourseID() || r.Title != "Morning" || !r.CreatedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", r)
	}
	if r.DistanceMeters != 2000 || r.DurationSeconds != 800 || r.Processing != ProcessingPending || string(r.ClientFilter) != `{"a":1}` || r.Verdict != nil {
		t.Errorf("%d m in %d s, %s", r.DistanceMeters, r.DurationSeconds, r.Processing)
	}
	if r.ClientDiscrepancy != nil || len(r.Flags) != 0 {
		t.Errorf("nothing is claimed, and %v, %v noted", r.ClientDiscrepancy, r.Flags)
	}
}

func TestAClaimThatDiffersIsNoted(t *testing.T) {
	for name, c := range map[string]struct {
		meters, seconds float64
		want            map[string]Discrepancy
	}{
		"the same":         {2000, 800, nil},
		"just within":      {2100, 760, nil},
		"too far":          {2101, 800, map[string]Discrepancy{"distance_meters": {2101, 2000}}},
		"not far enough":   {1899, 800, map[string]Discrepancy{"distance_meters": {1899, 2000}}},
		"both":             {0, 841, map[string]Discrepancy{"distance_meters": {0, 2000}, "duration_seconds": {841, 800}}},
		"faster than true": {2000, 759, map[string]Discrepancy{"duration_seconds": {759, 800}}},
	} {
		if got := recordOf(t, claim(c.meters, c.seconds)).ClientDiscrepancy; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestSplitsThatDoNotAddUpAreNoted(t *testing.T) {
	for name, c := range map[string]struct {
		splits []string
		want   bool
	}{
		"none":                         {nil, false},
		"both":                         {[]string{split(1000), `{"distance_meters":1000.0,"index":2}`}, false},
		"the first alone":              {[]string{split(1000)}, false}, // the second was not completed
		"too few":                      {[]string{split(800)}, true},
		"too many":                     {[]string{split(1000), split(1001), split(1002)}, true},
		"one sent again":               {[]string{split(1000), split(1000), split(1000)}, false},
		"none that says a distance":    {[]string{`{"index":1}`, `{}`, `{"DISTANCE_METERS":9000}`}, false},
		"a distance that is no number": {[]string{`{"distance_meters":"far"}`}, false},
	} {
		r := recordOf(t, claim(2000, 800), c.splits...)
		if got := slices.Contains(r.Flags, FlagSplitsMismatch); got != c.want {
			t.Errorf("%s: %v", name, r.Flags)
		}
	}
	if got := recordOf(t, Claim{}, split(9000)).Flags; len(got) > 0 {
		t.Errorf("a file that claims no total is flagged %v", got)
	}
}

func TestARunThatWasRecoveredWithoutAChunkSaysSo(t *testing.T) {
	gap := accept(t, accept(t, session(t), chunk(t, 0, Intermediate, 0)), chunk(t, 2, Final, 0))
	c, err := NewChunk(ChunkInput{Type: Final, Fixes: steady(100, 2.5)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRecord(t.Context(), RecordInput{Session: gap, Chunks: []Chunk{c}, Filter: DefaultFilter(), Now: noon.Add(100 * time.Hour)})
	if err != nil || !slices.Equal(r.Flags, []string{FlagGaps}) {
		t.Errorf("%v, %v", r.Flags, err)
	}
	if _, err := NewRecord(t.Context(), RecordInput{Session: gap, Filter: DefaultFilter(), Now: noon.Add(100 * time.Hour)}); !errors.Is(err, ErrRunTooShort) {
		t.Errorf("of no chunk: %v", err)
	}
}

func TestFlagsAreASet(t *testing.T) {
	var r Record
	for _, flag := range []string{FlagLeaps, FlagCopiedTrack, FlagLeaps, FlagGaps, FlagCopiedTrack} {
		r.AddFlag(flag)
	}
	if want := []string{FlagCopiedTrack, FlagGaps, FlagLeaps}; !slices.Equal(r.Flags, want) {
		t.Errorf("%v, want %v", r.Flags, want)
	}
}

func TestFlagsThatKeepARunOffEveryBoard(t *testing.T) {
	for flag, want := range map[string][]judge.Reason{
		FlagTimesUnreliable: {judge.ImplausibleMovement}, FlagCopiedTrack: {judge.CopiedTrack},
		FlagNullIsland: nil, FlagLeaps: nil, FlagAltimeterBroken: nil, FlagPausedRunning: nil, FlagSplitsMismatch: nil, FlagGaps: nil,
	} {
		if got := (Record{Measures: Measures{Flags: []string{FlagGaps, flag}}}).Against(); !slices.Equal(got, want) {
			t.Errorf("against a record flagged %s: %v, want %v", flag, got, want)
		}
	}
	both := Record{Measures: Measures{Flags: []string{FlagCopiedTrack, FlagTimesUnreliable}}}
	if got := both.Against(); !slices.Equal(got, []judge.Reason{judge.ImplausibleMovement, judge.CopiedTrack}) {
		t.Errorf("against a copy whose clock went back: %v", got)
	}
}

func TestAVerdictIsPutOnTheRecord(t *testing.T) {
	seconds := 600
	v := judge.Verdict{Status: judge.Completed, RouteMatchPercent: 97.5, MaxDeviationMeters: 12.25, CourseDurationSeconds: &seconds, RuleVersion: "v"}
	r := Record{ID: record1, CourseID: id.FromBytes[id.CourseKind]([16]byte{4}), Title: "Morning"}
	free := r
	free.CourseID = id.Course{}
	r.Judged(v)
	want := CourseResult{Completed: true, RouteMatchPercent: 97.5, MaxDeviationMeters: 12.25, DurationSeconds: &seconds, RuleVersion: "v"}
	if !reflect.DeepEqual(*r.Result, want) || !reflect.DeepEqual(*r.Verdict, v) {
		t.Errorf("%+v, %+v", r.Result, r.Verdict)
	}
	if got := r.Detached(); !reflect.DeepEqual(got, free) {
		t.Errorf("without its course: %+v", got)
	}
	v.Status = judge.NotCompleted
	if r.Judged(v); r.Result.Completed {
		t.Error("what is not completed is")
	}
}

func TestATitleIsALine(t *testing.T) {
	for in, want := range map[string]string{" Morning ": "Morning", "": "", strings.Repeat("달", MaxTitleRunes): strings.Repeat("달", MaxTitleRunes)} {
		if got, err := CheckTitle(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"a\nb", strings.Repeat("달", MaxTitleRunes+1)} {
		if _, err := CheckTitle(in); fault.KindOf(err) != fault.Invalid || fault.As(err).Fields[0].Location != "title" {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// TestAnImportedRunIsOneSession holds that the same recording is known again, and
// no other is taken for it.
func TestAnImportedRunIsOneSession(t *testing.T) {
	fixes, river := steady(60, 3), id.FromBytes[id.CourseKind]([16]byte{4})
	name := ImportSessionID(fixes, river)
	if name != ImportSessionID(slices.Clone(fixes), river) {
		t.Error("the same recording has another name")
	}
	u := id.MustParse[id.SessionKind](name).Bytes()
	if u[6]>>4 != 8 || u[8]>>6 != 0b10 {
		t.Errorf("%s is no UUID of version 8", name)
	}
	moved := slices.Clone(fixes)
	moved[30].Timestamp++
	for what, other := range map[string]string{
		"another course": ImportSessionID(fixes, id.Course{}), "a fix moved": ImportSessionID(moved, river), "a fix less": ImportSessionID(fixes[1:], river),
	} {
		if other == name {
			t.Errorf("%s has the same name", what)
		}
	}
}

func TestARecordingIsCutIntoChunks(t *testing.T) {
	fixes := steady(99, 3)
	for n, want := range map[int]int{1: 100, 33: 4, 50: 2, 99: 2, 100: 1, 3600: 1} {
		chunks, err := CutChunks(fixes, nil, n)
		if err != nil || len(chunks) != want {
			t.Fatalf("by %d: %d chunks, %v", n, len(chunks), err)
		}
		for i, c := range chunks {
			if c.Sequence() != i || (c.Type() == Final) != (i == len(chunks)-1) || len(c.Fixes()) > n || c.Summary().Document != nil {
				t.Errorf("by %d: chunk %d is %d, %s, of %d fixes", n, i, c.Sequence(), c.Type(), len(c.Fixes()))
			}
		}
		if got := JoinFixes(chunks); !slices.EqualFunc(got, fixes, func(a, b Fix) bool { return a.Point == b.Point && a.Timestamp == b.Timestamp }) {
			t.Errorf("by %d: not the same fixes", n)
		}
	}
	if chunks, err := CutChunks(nil, nil, 10); err != nil || len(chunks) != 0 {
		t.Errorf("of nothing: %v, %v", chunks, err)
	}
	if _, err := CutChunks(steady(MaxChunkFixes, 1), nil, MaxChunkFixes+1); fault.KindOf(err) != fault.Invalid {
		t.Errorf("into chunks that are too large: %v", err)
	}
}

func TestAChunkSaysWhatWasSent(t *testing.T) {
	pause := Pause{noon, noon.Add(time.Minute)}
	in := ChunkInput{
		Sequence: 3, Type: Final, Fixes: steady(2, 3), Filtered: steady(1, 3), Summary: claim(6, 2), Cumulative: claim(60, 20),
		CompletedSplits: document(t, `[{"a":1}]`), Pauses: []Pause{pause},
	}
	c, err := NewChunk(in)
	if err != nil {
		t.Fatal(err)
	}
	kept := RestoreChunk(in, c.Digest())
	for name, c := range map[string]Chunk{"new": c, "restored": kept} {
		if string(c.Summary().Document) != string(in.Summary.Document) || string(c.Cumulative().Document) != string(in.Cumulative.Document) ||
			string(c.CompletedSplits()) != `[{"a":1}]` || !slices.Equal(c.Pauses(), in.Pauses) || len(c.Filtered()) != 2 || c.Digest() != kept.Digest() {
			t.Errorf("%s: %+v", name, c)
		}
		if string(c.RawJSON()) != string(AppendFixes(nil, in.Fixes)) || string(c.FilteredJSON()) != string(AppendFixes(nil, in.Filtered)) {
			t.Errorf("%s: %s and %s", name, c.RawJSON(), c.FilteredJSON())
		}
	}
	if want := len(c.RawJSON()) + len(c.FilteredJSON()) + len(in.Summary.Document) + len(in.Cumulative.Document) + len(in.CompletedSplits); c.Bytes() != want {
		t.Errorf("%d bytes, want %d", c.Bytes(), want)
	}
	bare, err := NewChunk(ChunkInput{Type: Final, Fixes: steady(2, 3)})
	if err != nil || bare.FilteredJSON() != nil || bare.Filtered() != nil {
		t.Errorf("without a filter of its own: %s, %v", bare.FilteredJSON(), err)
	}
}

// TestEachPartOfAChunkTellsItFromOthers changes one thing after another: none may
// be taken for a repeat.
func TestEachPartOfAChunkTellsItFromOthers(t *testing.T) {
	seen := map[Digest]string{}
	for name, change := range map[string]func(*ChunkInput){
		"nothing":      func(*ChunkInput) {},
		"sequence":     func(in *ChunkInput) { in.Sequence = 1 },
		"type":         func(in *ChunkInput) { in.Type = Final },
		"a fix":        func(in *ChunkInput) { in.Fixes[1].HeartRate = 120 },
		"filtered":     func(in *ChunkInput) { in.Filtered = steady(0, 3) },
		"summary":      func(in *ChunkInput) { in.Summary = claim(1, 2) },
		"cumulative":   func(in *ChunkInput) { in.Cumulative = claim(1, 2) },
		"splits":       func(in *ChunkInput) { in.CompletedSplits = strictjson.Document(`[{}]`) },
		"a pause":      func(in *ChunkInput) { in.Pauses = []Pause{{noon, noon.Add(1e6)}} },
		"a long pause": func(in *ChunkInput) { in.Pauses = []Pause{{noon, noon.Add(2e6)}} },
	} {
		in := ChunkInput{Type: Intermediate, Fixes: steady(2, 3)}
		change(&in)
		c, err := NewChunk(in)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[c.Digest()]; ok {
			t.Errorf("%s and %s are one", name, other)
		}
		seen[c.Digest()] = name
	}
}
