package portstest

import (
	"context"
	"testing"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/judge"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// edited is the next version of a record, with something else in each field that may
// change.
func edited(r run.Record, seconds int) run.Record {
	from := noon.Add(time.Minute).Truncate(time.Millisecond)
	r.Version++
	r.DistanceMeters, r.DurationSeconds, r.StartedAt, r.LocalDate, r.LocalHour = 17, 18, noon.Add(time.Hour), "2026-05-02", 3
	r.Route, r.Flags, r.Splits, r.ClientDiscrepancy = r.Route[:1:1], []string{run.FlagLeaps}, []run.Split{}, nil
	r.Route = append(r.Route, r.Route[0])
	r.TrackDigest, r.EditedDigest = run.Digest{5}, run.Digest{6}
	r.Edits = run.Edits{
		Takes: []run.Take{{SessionID: r.SessionID, From: from}, {SessionID: r.SessionID, To: from}}, SplitAt: from,
		Held: &run.Held{Seconds: seconds, Reasons: []judge.Reason{judge.Shortcut}},
	}
	r.Processing, r.Result, r.Verdict = run.ProcessingPending, nil, nil
	return r
}

func rewritten(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	c := newCourse(t, f.Store, mina, nil)
	whole := newRecord(t, f.Store, attempt{owner: mina, course: c.ID, seconds: 300})
	part, rest := newRecord(t, f.Store, attempt{owner: mina}), newRecord(t, f.Store, attempt{owner: mina})
	want := edited(whole, 300)
	ok(t, f.Store.RewriteRecord(ctx, want))
	got, err := f.Store.Record(ctx, whole.ID)
	ok(t, err)
	equal(t, "an edited record", got, want)
	list, _, err := f.Store.ListRecords(ctx, ports.RecordQuery{Owner: mina, Page: ports.Page{Limit: 10}})
	ok(t, err)
	for _, r := range list {
		equal(t, "edited in a list", r.Edited, r.ID == whole.ID)
	}
	part.MergedInto, rest.SplitFrom = whole.ID, whole.ID
	ok(t, f.Store.RewriteRecord(ctx, part))
	ok(t, f.Store.RewriteRecord(ctx, rest))
	for _, want := range []run.Record{part, rest} {
		got, err := f.Store.Record(ctx, want.ID)
		ok(t, err)
		equal(t, "a related record", got, want)
	}
	// Back to what was recorded nothing is left of the edits.
	whole.Version = 2
	ok(t, f.Store.RewriteRecord(ctx, whole))
	got, err = f.Store.Record(ctx, whole.ID)
	ok(t, err)
	equal(t, "a record whose edits are undone", got, whole)
}

func merged(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	c := newCourse(t, f.Store, joon, nil)
	whole := newRecord(t, f.Store, attempt{owner: mina, course: c.ID, seconds: 300})
	part := newRecord(t, f.Store, attempt{owner: mina, course: c.ID, seconds: 200})
	deep := newRecord(t, f.Store, attempt{owner: mina})
	kept := newRecord(t, f.Store, attempt{owner: mina})
	part.MergedInto, deep.MergedInto, kept.SplitFrom = whole.ID, part.ID, whole.ID
	for _, r := range []run.Record{part, deep, kept} {
		ok(t, f.Store.RewriteRecord(ctx, r))
	}
	for what, c := range map[string]struct {
		list func(context.Context, id.Record) ([]id.Record, error)
		of   id.Record
		want []id.Record
	}{
		"parts": {f.Store.PartsOf, whole.ID, []id.Record{part.ID}}, "parts of a part": {f.Store.PartsOf, part.ID, []id.Record{deep.ID}},
		"split off": {f.Store.SplitOff, whole.ID, []id.Record{kept.ID}},
	} {
		got, err := c.list(ctx, c.of)
		ok(t, err)
		equal(t, what, got, c.want)
	}
	none, err := f.Store.PartsOf(ctx, kept.ID)
	ok(t, err)
	equal(t, "parts of none", len(none), 0)

	// What is part of another is in no list, and counts nowhere.
	list, total, err := f.Store.ListRecords(ctx, ports.RecordQuery{Owner: mina, Page: ports.Page{Limit: 10}})
	ok(t, err)
	equal(t, "runs in the list", []int{len(list), total}, []int{2, 2})
	runs, err := f.Store.UserRuns(ctx, mina)
	ok(t, err)
	equal(t, "runs that count", len(runs), 2)
	attempts, err := f.Store.Attempts(ctx, c.ID, mina)
	ok(t, err)
	equal(t, "attempts", len(attempts), 1)
	sums, err := f.Store.CourseTotals(ctx, c.ID)
	ok(t, err)
	equal(t, "runs of the course", sums.Runs, 1)
	at, err := f.Store.Overlapping(ctx, mina, noon.Add(-time.Hour), noon.Add(time.Hour), 10)
	ok(t, err)
	equal(t, "runs at the time", len(at), 2)

	// They go with the whole; what was split off it stays, by itself.
	ok(t, f.Store.DeleteRecord(ctx, whole.ID))
	for what, r := range map[string]run.Record{"the whole": whole, "a part": part, "a part of a part": deep} {
		if _, err := f.Store.Record(ctx, r.ID); !fault.HasCode(err, "run_not_found") {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := f.Store.Session(ctx, r.SessionID); !fault.HasCode(err, "session_not_found") {
			t.Errorf("the session of %s: %v", what, err)
		}
	}
	got, err := f.Store.Record(ctx, kept.ID)
	ok(t, err)
	equal(t, "split from", got.SplitFrom, id.Record{})
}

func editedCopies(t *testing.T, f Fixture) {
	mina, joon := newUser(t, f.Store, "mina"), newUser(t, f.Store, "joon")
	r := newRecord(t, f.Store, attempt{owner: mina})
	r.EditedDigest = run.Digest{8}
	ok(t, f.Store.RewriteRecord(ctx, r))
	for _, c := range []struct {
		digest run.Digest
		who    id.User
		want   bool
	}{{r.TrackDigest, joon, true}, {r.EditedDigest, joon, true}, {r.EditedDigest, mina, false}, {run.Digest{9}, joon, false}} {
		taken, err := f.Store.TrackTaken(ctx, c.digest, c.who)
		ok(t, err)
		equal(t, "taken", taken, c.want)
	}
}

func recordedBefore(t *testing.T, f Fixture) {
	mina := newUser(t, f.Store, "mina")
	chunks := []run.Chunk{newChunk(t, 0, run.Intermediate, 1), newChunk(t, 1, run.Final, 2)}
	rid := id.New[id.RecordKind](ids{})
	s := newSession(t, f.Store, mina, id.Course{}).Sequel(id.New[id.SessionKind](ids{}), run.Record{ID: rid, Activity: run.Walking}, chunks, noon)
	ok(t, f.Store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		if _, _, err := tx.InsertSession(ctx, s); err != nil {
			return err
		}
		return tx.InsertChunks(ctx, s.ID(), chunks, noon)
	}))
	got, err := f.Store.Session(ctx, s.ID())
	ok(t, err)
	equal(t, "the session", got, s)
	stored, err := f.Store.Chunks(ctx, s.ID())
	ok(t, err)
	equal(t, "chunks", len(stored), 2)
	for i, c := range stored {
		equal(t, "fixes", string(c.RawJSON()), string(chunks[i].RawJSON()))
		equal(t, "digest", c.Digest(), chunks[i].Digest())
	}
	if _, _, err := appendChunk(f.Store, s, newChunk(t, 2, run.Intermediate, 3)); !fault.HasCode(err, "session_closed") {
		t.Errorf("a chunk more: %v", err)
	}
}
