package run

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
)

// taped is a settled run with its recording.
type taped struct {
	rec  Record
	tape Tape
}

// tapeOf records fixes as a run of a session of its own.
func tapeOf(t rapid.TB, n byte, fixes []Fix, pauses ...Pause) taped {
	t.Helper()
	chunks, err := CutChunks(slices.Clone(fixes), slices.Clone(pauses), MaxChunkFixes)
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]Entry, len(chunks))
	for i, c := range chunks {
		entries[i] = c.Entry()
	}
	s := RestoreSession(SessionSnapshot{
		ID: id.FromBytes[id.SessionKind]([16]byte{1, n}), UserID: id.FromBytes[id.UserKind]([16]byte{2}), Activity: Running, StartedAt: noon, Ledger: NewLedger(entries),
	})
	rec, err := NewRecord(context.Background(), RecordInput{
		ID: id.FromBytes[id.RecordKind]([16]byte{3, n}), Session: s, Chunks: chunks, Filter: DefaultFilter(), Now: noon.Add(1000 * time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	rec.Processing = ProcessingDone
	return taped{rec, Tape{Session: s, Chunks: chunks, Take: Take{SessionID: s.ID()}}}
}

// edited measures a run as edits make it of tapes.
func edited(t rapid.TB, rec Record, e Edits, tapes ...Tape) (Record, error) {
	t.Helper()
	in := EditInput{Edits: e, Filter: DefaultFilter()}
	for _, take := range e.Takes {
		for _, tape := range tapes {
			if tape.Take.SessionID == take.SessionID {
				tape.Take = take
				in.Tapes = append(in.Tapes, tape)
			}
		}
	}
	next, err := rec.Edit(context.Background(), in)
	if err == nil {
		next.Processing = ProcessingDone
	}
	return next, err
}

// crop leaves of a run what lies between two of its seconds.
func crop(t rapid.TB, r taped, from, to int) Record {
	t.Helper()
	e, same, err := r.rec.Crop(second(from), second(to))
	if err != nil || same {
		t.Fatal(same, err)
	}
	next, err := edited(t, r.rec, e, r.tape)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// halves splits a run at a second.
func halves(t rapid.TB, r taped, at int) (first Record, rest taped) {
	t.Helper()
	off, err := SplitOff(context.Background(), []Tape{r.tape}, second(at), DefaultFilter())
	if err != nil {
		t.Fatal(err)
	}
	if first, err = edited(t, r.rec, r.rec.Until(off.Cut), r.tape); err != nil {
		t.Fatal(err)
	}
	return first, tapeOf(t, 9, off.Fixes, off.Pauses...)
}

func TestACropMeasuresWhatIsLeft(t *testing.T) {
	whole := tapeOf(t, 1, steady(1000, 2.5))
	left := crop(t, whole, 100, 500)
	if left.DistanceMeters != 1000 || left.DurationSeconds != 400 || !left.StartedAt.Equal(second(100)) || !left.FinishedAt.Equal(second(500)) || len(left.Splits) == 0 {
		t.Errorf("%d m in %d s from %v to %v, %d splits", left.DistanceMeters, left.DurationSeconds, left.StartedAt, left.FinishedAt, len(left.Splits))
	}
	if !left.Edited() || left.Version != 1 || left.TrackDigest != whole.rec.TrackDigest || left.EditedDigest == left.TrackDigest || left.EditedDigest == (Digest{}) {
		t.Errorf("edited %v, version %d", left.Edited(), left.Version)
	}
	if _, same, err := left.Crop(second(100), second(500)); !same || err != nil {
		t.Errorf("the same crop again: %v, %v", same, err)
	}
	if _, same, err := left.Crop(second(150), second(400)); same || err != nil {
		t.Errorf("a crop of what is left: %v, %v", same, err)
	}
	for name, c := range map[string]struct {
		from, to int
		code     string
	}{
		"before it": {99, 400, "outside_run"}, "behind it": {200, 501, "outside_run"}, "the wrong way round": {300, 200, "validation_failed"}, "of no time": {300, 300, "validation_failed"},
	} {
		if _, _, err := left.Crop(second(c.from), second(c.to)); !fault.HasCode(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	e, _, err := left.Crop(second(200), second(200).Add(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := edited(t, left, e, whole.tape); !errors.Is(err, ErrRunTooShort) {
		t.Errorf("one fix: %v", err)
	}
}

func TestATimerIsOfAWholeRecording(t *testing.T) {
	s := SessionSnapshot{ID: id.FromBytes[id.SessionKind]([16]byte{1}), Source: Source{TimerSeconds: 100, SkippedPoints: 2, Damaged: true}}
	whole := Tape{Session: RestoreSession(s), Take: Take{SessionID: s.ID}}
	part := whole
	part.Take.From = noon
	for name, c := range map[string]struct {
		tapes []Tape
		want  Source
	}{
		"whole": {[]Tape{whole}, s.Source}, "a part": {[]Tape{part}, Source{SkippedPoints: 2, Damaged: true}}, "two": {[]Tape{whole, whole}, Source{SkippedPoints: 4, Damaged: true}},
	} {
		if got := sourceOf(c.tapes); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What a crop says of the clock is what the whole recording says of it.
func TestAnOddClockIsNotCutAway(t *testing.T) {
	whole := tapeOf(t, 1, later(steady(1000, 3), 700, 1001, -3600))
	if !slices.Contains(whole.rec.Flags, FlagClockChanged) {
		t.Fatal(whole.rec.Flags)
	}
	if left := crop(t, whole, 0, 300); !slices.Contains(left.Flags, FlagClockChanged) || left.DistanceMeters != 900 {
		t.Errorf("%d m, flags %v", left.DistanceMeters, left.Flags)
	}
}

func TestAnEditUndoneLeavesTheRunAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := tapeOf(t, 1, wander(t))
		seconds := whole.rec.TotalElapsedSeconds
		from := rapid.IntRange(0, seconds-80).Draw(t, "from")
		left := crop(t, whole, from, rapid.IntRange(from+70, seconds-1).Draw(t, "to"))
		if left.DistanceMeters > whole.rec.DistanceMeters+1 || left.TotalElapsedSeconds > seconds {
			t.Fatalf("a crop of %d m in %d s has %d m in %d s", whole.rec.DistanceMeters, seconds, left.DistanceMeters, left.TotalElapsedSeconds)
		}
		again, err := NewRecord(context.Background(), RecordInput{ID: whole.rec.ID, Session: whole.tape.Session, Chunks: whole.tape.Chunks, Filter: DefaultFilter(), Now: noon.Add(1000 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		undone := left.Undo(again)
		want := whole.rec
		want.Version, want.Processing = 2, ProcessingPending
		if !reflect.DeepEqual(undone, want) {
			t.Fatalf("undone it is\n%+v, was\n%+v", undone, want)
		}
	})
}

// wander is a run of some minutes whose speed changes, with its silences.
func wander(t *rapid.T) (fixes []Fix) {
	at, meters := 0.0, 0.0
	for range rapid.IntRange(3, 5).Draw(t, "stretches") {
		speed := rapid.Float64Range(1.5, 5).Draw(t, "speed")
		for range rapid.IntRange(40, 200).Draw(t, "seconds") {
			fixes = append(fixes, east(at, meters))
			at, meters = at+1, meters+speed
		}
		if silence := rapid.IntRange(0, 60).Draw(t, "silence"); silence > 0 {
			at, meters = at+float64(silence), meters+speed*float64(silence)
		}
	}
	return fixes
}

// The halves of a split add up, and merged they are the run that was split.
func TestHalvesAddUpAndMergeToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fixes := wander(t)
		whole := tapeOf(t, 1, fixes)
		at := rapid.IntRange(20, whole.rec.TotalElapsedSeconds-20).Draw(t, "at")
		first, rest := halves(t, whole, at)
		if d := first.DistanceMeters + rest.rec.DistanceMeters - whole.rec.DistanceMeters; math.Abs(float64(d)) > 1 {
			t.Fatalf("split at %d: %d m + %d m of %d m", at, first.DistanceMeters, rest.rec.DistanceMeters, whole.rec.DistanceMeters)
		}
		if d := first.DurationSeconds + rest.rec.DurationSeconds - whole.rec.DurationSeconds; math.Abs(float64(d)) > 1 {
			t.Fatalf("split at %d: %d s + %d s of %d s", at, first.DurationSeconds, rest.rec.DurationSeconds, whole.rec.DurationSeconds)
		}
		if first.StartedAt != whole.rec.StartedAt || first.FinishedAt != rest.rec.StartedAt || rest.rec.FinishedAt != whole.rec.FinishedAt {
			t.Fatalf("%v to %v, %v to %v", first.StartedAt, first.FinishedAt, rest.rec.StartedAt, rest.rec.FinishedAt)
		}
		runs := []Record{rest.rec, first}
		e, err := Merge(runs)
		if err != nil {
			t.Fatal(err)
		}
		merged, err := edited(t, runs[0], e, whole.tape, rest.tape)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(merged.Measures, whole.rec.Measures) || merged.EditedDigest != whole.rec.TrackDigest {
			t.Fatalf("merged\n%+v, was\n%+v", merged.Measures, whole.rec.Measures)
		}
	})
}

// Between two runs that are merged nothing was run.
func TestBetweenMergedRunsIsADeclaredBreak(t *testing.T) {
	morning := tapeOf(t, 1, steady(600, 3))
	evening := tapeOf(t, 2, aside(steady(600, 3), 500, 3600))
	runs := []Record{evening.rec, morning.rec}
	e, err := Merge(runs)
	if err != nil {
		t.Fatal(err)
	}
	merged, err := edited(t, runs[0], e, morning.tape, evening.tape)
	if err != nil {
		t.Fatal(err)
	}
	if merged.ID != morning.rec.ID || merged.DistanceMeters != 3600 || merged.DurationSeconds != 1200 || merged.TotalElapsedSeconds != 4200 {
		t.Errorf("%d m in %d of %d s", merged.DistanceMeters, merged.DurationSeconds, merged.TotalElapsedSeconds)
	}
	if len(merged.Pauses) != 1 || merged.Pauses[0].Kind != Declared || !merged.Pauses[0].StartedAt.Equal(second(600)) || !merged.Pauses[0].EndedAt.Equal(second(3600)) {
		t.Errorf("breaks %+v", merged.Pauses)
	}
	c, _, err := merged.Crop(second(4000), second(4200))
	if err != nil {
		t.Fatal(err)
	}
	if left, err := edited(t, merged, c, morning.tape, evening.tape); err != nil || left.DistanceMeters != 600 || len(left.Edits.Takes) != 1 {
		t.Errorf("cropped to the second: %d m of %d takes, %v", left.DistanceMeters, len(left.Edits.Takes), err)
	}
	off, err := SplitOff(t.Context(), []Tape{morning.tape, evening.tape}, second(1800), DefaultFilter())
	if err != nil || !off.Cut.Equal(second(600)) || off.Fixes[0].Timestamp != second(3600).UnixMilli() || len(off.Pauses) != 0 {
		t.Errorf("split in the break: to %v, from %v, pauses %v, %v", off.Cut, off.Fixes[0].Timestamp, off.Pauses, err)
	}
}

func TestWhatCannotBeMerged(t *testing.T) {
	first, next := tapeOf(t, 1, steady(600, 3)).rec, tapeOf(t, 2, aside(steady(600, 3), 0, 700)).rec
	many := next
	for range MaxMerged {
		many.Edits.Takes = append(many.Edits.Takes, Take{SessionID: next.SessionID})
	}
	for name, c := range map[string]struct {
		change func(*Record)
		code   string
	}{
		"over each other":  {func(r *Record) { r.StartedAt = second(599) }, "runs_overlap"},
		"over a day apart": {func(r *Record) { r.StartedAt = second(600).Add(MaxMergeGap + time.Second) }, "runs_apart"},
		"a walk":           {func(r *Record) { r.Activity = Walking }, "runs_differ"},
		"another course":   {func(r *Record) { r.CourseID = id.FromBytes[id.CourseKind]([16]byte{7}) }, "runs_differ"},
		"a duplicate":      {func(r *Record) { r.DuplicateOf = first.ID }, "runs_differ"},
		"pending":          {func(r *Record) { r.Processing = ProcessingPending }, "run_pending"},
		"indoors":          {func(r *Record) { r.Indoor = true }, "run_indoors"},
		"part of another":  {func(r *Record) { r.MergedInto = first.ID }, "run_merged"},
		"of too many":      {func(r *Record) { *r = many }, "too_many_merged"},
		"that fit":         {func(*Record) {}, ""},
		"that touch":       {func(r *Record) { r.StartedAt = second(600) }, ""},
		"a day apart":      {func(r *Record) { r.StartedAt = second(600).Add(MaxMergeGap) }, ""},
	} {
		r := next
		c.change(&r)
		if _, err := Merge([]Record{r, first}); c.code == "" && err != nil || c.code != "" && !fault.HasCode(err, c.code) {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

// An edit never makes a course time better.
func TestAnEditedRunIsHeldToWhatItWas(t *testing.T) {
	completed := func(seconds int) judge.Verdict {
		return judge.Verdict{Status: judge.Completed, Reasons: []judge.Reason{}, CourseDurationSeconds: &seconds}
	}
	not := judge.Verdict{Status: judge.NotCompleted, Reasons: []judge.Reason{judge.Shortcut}}
	r := tapeOf(t, 1, steady(600, 3)).rec
	r.CourseID = id.FromBytes[id.CourseKind]([16]byte{7})
	for name, c := range map[string]struct {
		before, now judge.Verdict
		seconds     int
		reasons     []judge.Reason
	}{
		"faster":                 {completed(300), completed(290), 300, []judge.Reason{}},
		"slower":                 {completed(300), completed(310), 310, []judge.Reason{}},
		"not completed now":      {completed(300), not, 0, []judge.Reason{judge.Shortcut}},
		"not completed once":     {not, completed(290), 0, []judge.Reason{judge.Shortcut}},
		"never completed":        {not, judge.Verdict{Status: judge.NotCompleted, Reasons: []judge.Reason{judge.OffCourse}}, 0, []judge.Reason{judge.OffCourse}},
		"as fast as it ever was": {completed(300), completed(300), 300, []judge.Reason{}},
	} {
		before := r
		before.Judged(c.before)
		e, _, err := before.Crop(second(100), second(500))
		if err != nil {
			t.Fatal(err)
		}
		after := before.next(e)
		after.Judged(c.now)
		seconds := 0
		if after.Result.Completed {
			seconds = *after.Result.DurationSeconds
		}
		if seconds != c.seconds || !slices.Equal(after.Verdict.Reasons, c.reasons) {
			t.Errorf("%s: %d s, %v; want %d s, %v", name, seconds, after.Verdict.Reasons, c.seconds, c.reasons)
		}
	}
	// Merged runs are held to the best of them, once one was edited.
	fast, slow := r, tapeOf(t, 2, aside(steady(600, 3), 0, 700)).rec
	slow.CourseID = r.CourseID
	fast.Judged(completed(300))
	slow.Judged(completed(400))
	if e, err := Merge([]Record{slow, fast}); err != nil || e.Held != nil {
		t.Errorf("whole recordings are held to %+v, %v", e.Held, err)
	}
	slow.Edits.Held = &Held{Seconds: 400}
	if e, err := Merge([]Record{slow, fast}); err != nil || e.Held == nil || e.Held.Seconds != 300 {
		t.Errorf("with an edited one they are held to %+v, %v", e.Held, err)
	}
	fast.Judged(not)
	if e, err := Merge([]Record{slow, fast}); err != nil || e.Held == nil || e.Held.Seconds != 400 {
		t.Errorf("with one that did not complete the course they are held to %+v, %v", e.Held, err)
	}
}
