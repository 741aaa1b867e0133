package run

import (
	"context"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/domain/text"
)

// DiscrepancyShare is how far a claim may lie from what the server computed.
const DiscrepancyShare = 0.05

// MaxTitleRunes is the longest title of a run.
const MaxTitleRunes = 100

// CheckTitle trims a run's title; "" is no title. Invalid when it is too long
// or has control characters.
func CheckTitle(s string) (string, error) { return text.Line("title", s, MaxTitleRunes) }

// RecordInput is what a record is made from.
type RecordInput struct {
	ID           id.Record
	Session      Session // closed with this record
	Chunks       []Chunk // all that arrived, by sequence
	Title        string
	ClientFilter strictjson.Document
	Body         Body
	Ground       Ground // of the session's course; none unless NeedsGround
	Filter       FilterConfig
	Now          time.Time
}

// NewRecord measures a session's chunks and makes its record, still to be
// judged and counted. Faults: those of Measure.
func NewRecord(ctx context.Context, in RecordInput) (Record, error) {
	raw := JoinFixes(in.Chunks)
	if err := checkFixes(raw); err != nil {
		return Record{}, err
	}
	w := newWork(ctx)
	w.ground = in.Ground
	var m Measures
	var err error
	if source := in.Session.Source(); source.Indoor != nil {
		m, err = source.measureIndoors(in.Session.StartedAt(), in.Body, in.Filter)
	} else {
		m, err = w.measure(raw, joinPauses(in.Chunks), source, in.Body, in.Filter)
	}
	if err != nil {
		return Record{}, err
	}
	if m.FinishedAt.After(in.Now.Add(MaxFutureSkew)) {
		return Record{}, errFuture
	}
	r := Record{
		ID: in.ID, UserID: in.Session.Owner(), SessionID: in.Session.ID(), CourseID: in.Session.CourseID(), Activity: in.Session.Activity(),
		Title: in.Title, CreatedAt: in.Now, Measures: m, ClientFilter: in.ClientFilter,
		Processing: ProcessingPending,
	}
	if len(in.Session.Ledger().Missing()) > 0 {
		r.AddFlag(FlagGaps)
	}
	r.compareClaims(w, in.Chunks)
	return r, w.err
}

// errFuture answers for a file whose clock was ahead all the time.
var errFuture = ErrRunTooShort.Saying("the recording lies in the future: the clock of the device was wrong")

// AddFlag notes one more thing about the record.
func (r *Record) AddFlag(flag string) {
	if !slices.Contains(r.Flags, flag) {
		r.Flags = append(r.Flags, flag)
		sort.Strings(r.Flags)
	}
}

// Against returns why the run counts on no course, whatever its path is; empty for
// most.
func (r Record) Against() []judge.Reason {
	var reasons []judge.Reason
	if slices.ContainsFunc(r.Flags, func(f string) bool { return f == FlagTimesUnreliable || f == FlagClockChanged || f == FlagClockUnset }) {
		reasons = append(reasons, judge.ImplausibleMovement)
	}
	if slices.Contains(r.Flags, FlagCopiedTrack) {
		reasons = append(reasons, judge.CopiedTrack)
	}
	return reasons
}

// Judged puts a verdict on the record, as far as its edits let it.
func (r *Record) Judged(v judge.Verdict) {
	v = r.Edits.Hold(v)
	r.Verdict = &v
	r.Result = &CourseResult{
		Completed:          v.Status == judge.Completed,
		RouteMatchPercent:  float32(v.RouteMatchPercent),
		MaxDeviationMeters: float32(v.MaxDeviationMeters),
		DurationSeconds:    v.CourseDurationSeconds,
		RuleVersion:        v.RuleVersion,
	}
}

// Detached returns the record as a free run's: every course field null. It is
// what is left when its course is deleted.
func (r Record) Detached() Record {
	r.CourseID, r.Result, r.Verdict = id.Course{}, nil, nil
	return r
}

// JoinFixes returns the raw fixes of chunks in the order of their sequences.
func JoinFixes(chunks []Chunk) []Fix {
	n := 0
	for _, c := range chunks {
		n += len(c.Fixes())
	}
	fixes := make([]Fix, 0, n)
	for _, c := range chunks {
		fixes = append(fixes, c.Fixes()...)
	}
	return fixes
}

// joinPauses returns the times of the pauses of chunks.
func joinPauses(chunks []Chunk) []span {
	n := 0
	for _, c := range chunks {
		n += len(c.Pauses())
	}
	spans := make([]span, 0, n)
	for _, c := range chunks {
		for _, p := range c.Pauses() {
			spans = append(spans, spanOf(p))
		}
	}
	return spans
}

// ForJudge returns what the judge looks at of usable fixes.
func ForJudge(fixes []Fix) []judge.Fix {
	out := make([]judge.Fix, len(fixes))
	for i, f := range fixes {
		out[i] = judge.Fix{Point: f.Point, Timestamp: f.Timestamp, AccuracyMeters: f.Accuracy}
	}
	return out
}

// compareClaims notes where the client's last totals, and its splits, differ
// from what was computed.
func (r *Record) compareClaims(w *work, chunks []Chunk) {
	if len(chunks) == 0 {
		return // indoors
	}
	claim := chunks[len(chunks)-1].Cumulative()
	if claim.Document == nil {
		return // an imported file claims nothing
	}
	for _, c := range [...]struct {
		name              string
		claimed, computed float64
	}{
		{"distance_meters", claim.DistanceMeters, float64(r.DistanceMeters)},
		{"duration_seconds", claim.DurationSeconds, float64(r.DurationSeconds)},
	} {
		if math.Abs(c.claimed-c.computed) > DiscrepancyShare*c.computed {
			if r.ClientDiscrepancy == nil {
				r.ClientDiscrepancy = map[string]Discrepancy{}
			}
			r.ClientDiscrepancy[c.name] = Discrepancy{Claimed: c.claimed, Computed: c.computed}
		}
	}
	if sum, some := claimedSplits(w, chunks); some {
		// Whole splits lie between the distance less one kilometre and the distance.
		slack := DiscrepancyShare * claim.DistanceMeters
		if sum > claim.DistanceMeters+slack || sum < claim.DistanceMeters-splitMeters-slack {
			r.AddFlag(FlagSplitsMismatch)
		}
	}
}

// claimedSplits adds up the distances of the splits that clients sent with
// their chunks; a split that is sent again counts once, and more of them than a
// run has not at all.
func claimedSplits(w *work, chunks []Chunk) (sumMeters float64, some bool) {
	seen := map[string]bool{}
	for _, c := range chunks {
		if c.CompletedSplits() == nil || len(seen) >= MaxSplits || w.err != nil {
			continue
		}
		// The document was written by us, so reading it cannot fail.
		_ = eachSplit(c.CompletedSplits(), func(_ int, split strictjson.Document) error {
			if seen[string(split)] || !w.step() {
				return nil
			}
			seen[string(split)] = true
			if d, ok := distanceOf(split); ok {
				sumMeters, some = sumMeters+d, true
			}
			return nil
		})
	}
	return sumMeters, some
}

func distanceOf(split strictjson.Document) (meters float64, ok bool) {
	r, err := strictjson.NewStoredReader(split)
	if err != nil {
		return 0, false
	}
	err = r.Object(func(name []byte) error {
		if string(name) != "distance_meters" {
			return r.Skip()
		}
		meters, err = r.Float()
		ok = err == nil
		return err
	})
	return meters, ok && err == nil
}
