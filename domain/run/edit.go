package run

import (
	"cmp"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
)

// The bounds of editing.
const (
	// MaxMerged is how many recordings a run may be merged of: a stage of a race with
	// a battery that died at every aid station.
	MaxMerged = 10
	// MaxMergeGap is how far apart two runs may lie that are merged: over a night it is
	// another run.
	MaxMergeGap = 24 * time.Hour
)

// The answers to edits.
var (
	ErrRunPending    = fault.New(fault.Conflict, "run_pending", "the run is not judged and counted yet; edit it in a moment")
	ErrRunMerged     = fault.New(fault.Conflict, "run_merged", "the run is part of another by now; undo the edits of that one first")
	ErrRunIndoors    = fault.New(fault.Conflict, "run_indoors", "the run has no places: there is nothing to cut or to join")
	ErrOutsideRun    = fault.New(fault.Invalid, "outside_run", "the time lies outside of the run")
	ErrRunsOverlap   = fault.New(fault.Conflict, "runs_overlap", "the runs overlap in time: they cannot follow each other")
	ErrRunsApart     = fault.New(fault.Conflict, "runs_apart", "there is too much time between the runs for them to be one")
	ErrRunsDiffer    = fault.New(fault.Conflict, "runs_differ", "the runs are of different kinds: `what` says in what they differ")
	ErrTooManyMerged = fault.New(fault.Conflict, "too_many_merged", "a run cannot be merged of so many recordings")
)

// Take is a stretch of what a session recorded, both ends included.
type Take struct {
	SessionID id.Session
	From, To  time.Time // zero for the beginning and the end of the recording
}

// within returns the take cut down to a time, zero for an open end, and whether
// anything can be left.
func (t Take) within(from, to time.Time) (Take, bool) {
	if t.From.Before(from) {
		t.From = from
	}
	if !to.IsZero() && (t.To.IsZero() || t.To.After(to)) {
		t.To = to
	}
	return t, t.To.IsZero() || !t.To.Before(t.From)
}

// same reports whether two takes are of the same stretch.
func (t Take) same(o Take) bool {
	return t.SessionID == o.SessionID && t.From.Equal(o.From) && t.To.Equal(o.To)
}

// Edits is what became of a run after it was recorded. What was recorded stays.
type Edits struct {
	Takes   []Take    // that the run is made of, in order of time; nil for all of its own recording
	SplitAt time.Time // where the run was split off another, as it was asked for; zero for most
	Held    *Held     // nil when any course time is fine
}

// Held is what a run was judged at before it was edited. An edit never makes a time
// better: who cuts away the start passes the start gate later, by what the judge
// allows for ends that are missing.
type Held struct {
	Seconds int            // the course time; 0 when the course was not completed
	Reasons []judge.Reason // why it was not
}

// Hold returns a verdict on an edited run that is no better than the one before: a
// faster time is the old one, and a course that was not completed is not.
func (e Edits) Hold(v judge.Verdict) judge.Verdict {
	switch h := e.Held; {
	case h == nil:
	case h.Seconds == 0 && v.Status == judge.Completed:
		v.Status, v.Reasons = judge.NotCompleted, slices.Clone(h.Reasons)
	case v.CourseDurationSeconds != nil && *v.CourseDurationSeconds < h.Seconds:
		seconds := h.Seconds
		v.CourseDurationSeconds = &seconds
	}
	return v
}

// Edited reports whether the run is another than was recorded.
func (r Record) Edited() bool { return len(r.Edits.Takes) > 0 || !r.Edits.SplitAt.IsZero() }

// Takes returns the takes that the run is made of.
func (r Record) Takes() []Take {
	if len(r.Edits.Takes) > 0 {
		return r.Edits.Takes
	}
	return []Take{{SessionID: r.SessionID}}
}

// Editable refuses an edit of a run that is not settled, part of another, or without
// places.
func (r Record) Editable() error {
	switch {
	case !r.MergedInto.IsZero():
		return ErrRunMerged.With("run_id", r.MergedInto.String())
	case r.Processing != ProcessingDone:
		return ErrRunPending.With("processing", string(r.Processing))
	case r.Indoor:
		return ErrRunIndoors
	}
	return nil
}

// Crop returns the edits that leave of the run what lies within a time, both ends
// included. When nothing changes, as of a run that is cropped so already, same is true.
// Faults: outside_run, run_too_short when nothing is left.
func (r Record) Crop(from, to time.Time) (e Edits, same bool, err error) {
	from, to = wholeMillis(from), wholeMillis(to)
	if e = r.cut(from, to); slices.EqualFunc(e.Takes, r.Takes(), Take.same) {
		return r.Edits, true, nil
	}
	for _, end := range [...]struct {
		field string
		at    time.Time
	}{{"from", from}, {"to", to}} {
		if err := r.lies(end.field, end.at); err != nil {
			return e, false, err
		}
	}
	switch {
	case !from.Before(to):
		return e, false, fault.InvalidField("to", "must be after from")
	case len(e.Takes) == 0:
		return e, false, ErrRunTooShort
	}
	return e, false, nil
}

// cut returns the edits that leave of the run what lies within a time.
func (r Record) cut(from, to time.Time) Edits {
	e := Edits{SplitAt: r.Edits.SplitAt, Held: r.held()}
	for _, t := range r.Takes() {
		if t, some := t.within(from, to); some {
			e.Takes = append(e.Takes, t)
		}
	}
	return e
}

// lies refuses a time outside of the run.
func (r Record) lies(field string, at time.Time) error {
	if at.Before(r.StartedAt) || at.After(r.FinishedAt) {
		out := ErrOutsideRun.With("started_at", r.StartedAt.Format(time.RFC3339Nano)).With("finished_at", r.FinishedAt.Format(time.RFC3339Nano))
		out.Fields = []fault.Field{{Location: field, Message: "lies outside of the run"}}
		return out
	}
	return nil
}

// wholeMillis is a time as precise as that of a fix.
func wholeMillis(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// held returns what the run's next version is held to.
func (r Record) held() *Held {
	switch {
	case r.CourseID.IsZero():
		return nil
	case r.Result == nil:
		return r.Edits.Held
	case r.Result.Completed && r.Result.DurationSeconds != nil:
		return &Held{Seconds: *r.Result.DurationSeconds}
	case r.Verdict != nil && len(r.Verdict.Reasons) > 0:
		return &Held{Reasons: slices.Clone(r.Verdict.Reasons)}
	}
	return &Held{Reasons: []judge.Reason{judge.CoverageTooLow}}
}

// Untouched returns the edits that are left when those of a run are undone: what was
// split off a run that is gone stays a run of its own.
func (r Record) Untouched() Edits {
	if r.Edits.SplitAt.IsZero() {
		return Edits{}
	}
	return Edits{SplitAt: r.Edits.SplitAt, Held: r.Edits.Held}
}

// Merge returns the edits that make one run of several, and puts these in order of
// time: the first of them becomes the whole. Time between them is a declared break.
// Faults: those of Editable, runs_differ, runs_overlap, runs_apart,
// too_many_merged.
func Merge(runs []Record) (Edits, error) {
	slices.SortFunc(runs, func(a, b Record) int { return cmp.Or(a.StartedAt.Compare(b.StartedAt), a.ID.Compare(b.ID)) })
	e := Edits{SplitAt: runs[0].Edits.SplitAt}
	for i, r := range runs {
		if err := r.Editable(); err != nil {
			return e, err
		}
		if !r.Counts() {
			return e, ErrRunsDiffer.With("what", "duplicate_of")
		}
		e.Takes = append(e.Takes, r.closed()...)
		if i == 0 {
			continue
		}
		before := runs[i-1]
		gap := r.StartedAt.Sub(before.FinishedAt)
		switch {
		case r.Activity != before.Activity:
			return e, ErrRunsDiffer.With("what", "activity")
		case r.CourseID != before.CourseID:
			return e, ErrRunsDiffer.With("what", "course_id")
		case gap < 0:
			return e, ErrRunsOverlap
		case gap > MaxMergeGap:
			return e, ErrRunsApart.With("value", int(gap/time.Second)).With("limit", int(MaxMergeGap/time.Second)).With("unit", "seconds")
		}
	}
	if len(e.Takes) > MaxMerged {
		return e, ErrTooManyMerged.With("value", len(e.Takes)).With("limit", MaxMerged)
	}
	e.Held = heldTogether(runs)
	return e, nil
}

// closed returns the takes of the run with both ends of each, so that one that a crop
// leaves nothing of is known.
func (r Record) closed() []Take {
	takes := slices.Clone(r.Takes())
	if len(takes) == 1 {
		takes[0].From, takes[0].To = r.StartedAt, r.FinishedAt
	}
	return takes
}

// heldTogether returns what a merged run is held to: the best that its runs were
// judged at. Runs that were never edited may complete a course together that none of
// them completed alone.
func heldTogether(runs []Record) *Held {
	if !slices.ContainsFunc(runs, func(r Record) bool { return r.Edits.Held != nil }) {
		return nil
	}
	var best *Held
	for _, r := range runs {
		h := r.held()
		if h != nil && (best == nil || h.Seconds > 0 && (best.Seconds == 0 || h.Seconds < best.Seconds)) {
			best = h
		}
	}
	return best
}

// MergedAlready returns the run that several are one of already: each is that one, or
// was merged into it.
func MergedAlready(runs []Record) (whole Record, ok bool) {
	i := slices.IndexFunc(runs, func(r Record) bool { return r.MergedInto.IsZero() })
	if i < 0 {
		return whole, false
	}
	whole = runs[i]
	return whole, !slices.ContainsFunc(runs, func(r Record) bool { return r.ID != whole.ID && r.MergedInto != whole.ID })
}

// CheckSplit refuses a time that does not lie within the run.
func (r Record) CheckSplit(at time.Time) error {
	if at = wholeMillis(at); at.Equal(r.StartedAt) || at.Equal(r.FinishedAt) {
		return ErrRunTooShort
	}
	return r.lies("at", at)
}

// Until returns the edits that leave of the run what was until a time.
func (r Record) Until(at time.Time) Edits { return r.cut(time.Time{}, at) }

// Rest returns the record, still to be measured, of what is split off the run.
func (r Record) Rest(rid id.Record, at time.Time) Record {
	return Record{
		ID: rid, UserID: r.UserID, CourseID: r.CourseID, Activity: r.Activity,
		Version: 1, Edits: Edits{SplitAt: wholeMillis(at), Held: r.held()},
	}
}

// SplitOffAt reports whether the run was split off another at this time.
func (r Record) SplitOffAt(at time.Time) bool { return r.Edits.SplitAt.Equal(wholeMillis(at)) }

// SameVersion reports whether two readings of a record are of the same version, and
// as far settled. Its title and what it duplicates may have changed.
func (r Record) SameVersion(o Record) bool {
	return r.ID == o.ID && r.Version == o.Version && r.Processing == o.Processing && r.CourseID == o.CourseID
}
