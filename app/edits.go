package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// Crop leaves of a run what lies within a time. The run is as it was when it is
// cropped so already. Faults: those of run.Record.Editable and Crop, of Measure,
// run_not_found, course_retired, course_set_aside.
func (r *Runs) Crop(ctx context.Context, uid id.User, rid id.Record, from, to time.Time) (rec run.Record, err error) {
	return r.edit(ctx, func() (revision, error) {
		seen, err := r.Record(ctx, uid, rid)
		if err != nil {
			return revision{}, err
		}
		edits, same, err := seen.Crop(from, to)
		if same {
			return revision{answer: []run.Record{seen}}, nil
		}
		if refused := r.editable(ctx, seen); refused != nil {
			err = refused
		}
		if err != nil {
			return revision{}, err
		}
		next, err := r.remeasure(ctx, seen, edits)
		return revision{seen: []run.Record{seen}, becomes: []run.Record{next}, answer: []run.Record{next}}, err
	}).one()
}

// Split makes two runs of one: the first keeps the record, and what comes behind
// becomes a recording of its own, so that deleting one takes nothing from the other.
// created is false when the run was split there before. Faults: as of Crop, and
// import_quota_exceeded.
func (r *Runs) Split(ctx context.Context, uid id.User, rid id.Record, at time.Time) (first, second run.Record, created bool, err error) {
	done := r.edit(ctx, func() (revision, error) {
		seen, err := r.Record(ctx, uid, rid)
		if err != nil {
			return revision{}, err
		}
		if before, err := r.splitBefore(ctx, seen, at); err != nil || !before.ID.IsZero() {
			return revision{answer: []run.Record{seen, before}}, err
		}
		if err := r.editable(ctx, seen); err != nil {
			return revision{}, err
		}
		return r.split(ctx, seen, at)
	})
	if done.err != nil {
		return first, second, false, done.err
	}
	return done.answer[0], done.answer[1], done.changed, nil
}

// splitBefore returns what was split off a run at a time already.
func (r *Runs) splitBefore(ctx context.Context, rec run.Record, at time.Time) (before run.Record, err error) {
	off, err := r.store.SplitOff(ctx, originOf(rec))
	if err != nil {
		return before, err
	}
	for _, rid := range off {
		other, err := r.store.Record(ctx, rid)
		if err == nil && other.ID != rec.ID && other.SplitOffAt(at) && !other.StartedAt.Before(rec.FinishedAt) {
			return other, nil
		}
		if err != nil && !notFound(err) {
			return before, err
		}
	}
	return before, nil
}

// originOf returns the run that others were split off: a half's is the whole's.
func originOf(rec run.Record) id.Record {
	if rec.SplitFrom.IsZero() {
		return rec.ID
	}
	return rec.SplitFrom
}

// splitFix is what a fix takes while it is made a chunk's and stored once more.
const splitFix = importedFix

func (r *Runs) split(ctx context.Context, seen run.Record, at time.Time) (revision, error) {
	if err := seen.CheckSplit(at); err != nil {
		return revision{}, err
	}
	tapes, release, err := load(ctx, r.store, r.budget, seen.Takes(), func(fixes int) int64 { return splitFix * int64(fixes) })
	if err != nil {
		return revision{}, err
	}
	defer release()
	off, err := run.SplitOff(ctx, tapes, at, r.filter)
	if err != nil {
		return revision{}, err
	}
	in := run.EditInput{Edits: seen.Until(off.Cut), Filter: r.filter}
	for _, tape := range tapes {
		if i := slices.IndexFunc(in.Edits.Takes, func(t run.Take) bool { return t.SessionID == tape.Take.SessionID }); i >= 0 {
			tape.Take = in.Edits.Takes[i]
			in.Tapes = append(in.Tapes, tape)
		}
	}
	if in.Body, err = r.bodyOf(ctx, seen); err != nil {
		return revision{}, err
	}
	first, err := r.edited(ctx, seen, in)
	if err != nil {
		return revision{}, err
	}
	chunks, err := run.CutChunks(off.Fixes, off.Pauses, run.MaxChunkFixes)
	if err != nil {
		return revision{}, err
	}
	rest := seen.Rest(id.New[id.RecordKind](r.ids), at)
	session := tapes[len(tapes)-1].Session.Sequel(id.New[id.SessionKind](r.ids), rest, chunks, r.clock.Now())
	measured, err := run.NewRecord(ctx, run.RecordInput{
		ID: rest.ID, Session: session, Chunks: chunks, Title: seen.Title, Body: in.Body, Filter: r.filter, Now: r.clock.Now(),
	})
	if err != nil {
		return revision{}, err
	}
	measured.Edits, measured.Version, measured.DuplicateOf, measured.SplitFrom = rest.Edits, rest.Version, seen.DuplicateOf, originOf(seen)
	if measured, err = r.placed(ctx, measured, measured.TrackDigest, seen); err != nil {
		return revision{}, err
	}
	return revision{
		seen: []run.Record{seen}, becomes: []run.Record{first}, answer: []run.Record{first, measured},
		added: &recorded{session, chunks, measured},
	}, nil
}

// Merge makes one run of several that follow each other: the first in time becomes
// the whole, and the others are kept aside. Runs that are merged so already stay as
// they are. Faults: those of run.Merge, of Measure, run_not_found, course_retired,
// course_set_aside.
func (r *Runs) Merge(ctx context.Context, uid id.User, ids []id.Record) (rec run.Record, err error) {
	return r.edit(ctx, func() (revision, error) {
		seen := make([]run.Record, len(ids))
		for i, rid := range ids {
			if seen[i], err = r.Record(ctx, uid, rid); err != nil {
				return revision{}, err
			}
		}
		if whole, ok := run.MergedAlready(seen); ok {
			return revision{answer: []run.Record{whole}}, nil
		}
		edits, err := run.Merge(seen)
		if err == nil {
			err = r.editable(ctx, seen[0])
		}
		if err != nil {
			return revision{}, err
		}
		whole, err := r.remeasure(ctx, seen[0], edits)
		if err != nil {
			return revision{}, err
		}
		for _, part := range seen[1:] {
			if slices.Contains(part.Flags, run.FlagCopiedTrack) {
				whole.AddFlag(run.FlagCopiedTrack)
			}
		}
		out := revision{seen: seen, becomes: []run.Record{whole}, answer: []run.Record{whole}}
		for _, part := range seen[1:] {
			out.becomes = append(out.becomes, part.SetAside(whole.ID))
		}
		return out, nil
	}).one()
}

// UndoEdits makes a run again what was recorded, measured as today: what was merged
// into it comes back, and what was split off it goes. Undoing it for a run that was
// split off undoes it for that which it was split off, and returns that one. A run
// that was never edited stays as it is. Faults: those of run.Record.Editable,
// run_not_found, course_retired, course_set_aside.
func (r *Runs) UndoEdits(ctx context.Context, uid id.User, rid id.Record) (rec run.Record, err error) {
	return r.edit(ctx, func() (revision, error) {
		whole, err := r.Record(ctx, uid, rid)
		if err == nil && !whole.SplitFrom.IsZero() && whole.MergedInto.IsZero() {
			whole, err = r.Record(ctx, uid, whole.SplitFrom)
		}
		if err != nil {
			return revision{}, err
		}
		out, err := r.madeOf(ctx, whole)
		if err != nil {
			return revision{}, err
		}
		if len(whole.Edits.Takes) == 0 && len(out.seen) == 1 && whole.MergedInto.IsZero() {
			return revision{answer: []run.Record{whole}}, nil
		}
		if err := r.editable(ctx, whole); err != nil {
			return revision{}, err
		}
		again, err := r.again(ctx, whole)
		out.becomes, out.answer = append(out.becomes, again), []run.Record{again}
		return out, err
	}).one()
}

// madeOf returns the revision that takes apart what a run was made of, and what was
// made of it: what was split off it goes, and what was merged into any of these is
// released. Faults: run_merged when something split off is part of another run.
func (r *Runs) madeOf(ctx context.Context, whole run.Record) (out revision, err error) {
	off, err := r.records(ctx, r.store.SplitOff, whole.ID)
	if err != nil {
		return out, err
	}
	out.seen = append([]run.Record{whole}, off...)
	isOff := func(rid id.Record) bool {
		return slices.ContainsFunc(off, func(o run.Record) bool { return o.ID == rid })
	}
	for _, o := range off {
		if into := o.MergedInto; !into.IsZero() && into != whole.ID && !isOff(into) {
			return out, run.ErrRunMerged.With("run_id", into.String())
		}
	}
	for _, rec := range slices.Clone(out.seen) {
		parts, err := r.records(ctx, r.store.PartsOf, rec.ID)
		if err != nil {
			return out, err
		}
		for _, part := range parts {
			if !isOff(part.ID) {
				out.seen, out.becomes = append(out.seen, part), append(out.becomes, part.Release())
			}
		}
	}
	return out, nil
}

// records reads the records that a list names. Those that are gone by now are left
// out: then what was seen is another, and it is looked again.
func (r *Runs) records(ctx context.Context, list func(context.Context, id.Record) ([]id.Record, error), of id.Record) (recs []run.Record, err error) {
	ids, err := list(ctx, of)
	if err != nil {
		return nil, err
	}
	for _, rid := range ids {
		rec, err := r.store.Record(ctx, rid)
		if notFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		recs = append(recs, rec)
	}
	return recs, nil
}

// editable refuses an edit of a run that could not be judged again as it was.
func (r *Runs) editable(ctx context.Context, rec run.Record) error {
	if err := rec.Editable(); err != nil || rec.CourseID.IsZero() {
		return err
	}
	c, err := r.store.CourseAccess(ctx, rec.CourseID)
	if notFound(err) {
		return nil // it is a free run by now
	}
	if err == nil {
		_, err = r.prepared.stored(ctx, r.store, c)
	}
	return err
}

// remeasure returns the next version of a record, with other edits.
func (r *Runs) remeasure(ctx context.Context, rec run.Record, e run.Edits) (run.Record, error) {
	tapes, release, err := load(ctx, r.store, r.budget, e.Takes, func(int) int64 { return 0 })
	if err != nil {
		return rec, err
	}
	defer release()
	body, err := r.bodyOf(ctx, rec)
	if err != nil {
		return rec, err
	}
	return r.edited(ctx, rec, run.EditInput{Edits: e, Tapes: tapes, Body: body, Filter: r.filter})
}

func (r *Runs) edited(ctx context.Context, rec run.Record, in run.EditInput) (run.Record, error) {
	next, err := rec.Edit(ctx, in)
	if err != nil {
		return rec, err
	}
	return r.placed(ctx, next, next.EditedDigest, rec)
}

// again returns the next version of a record: as it was recorded.
func (r *Runs) again(ctx context.Context, rec run.Record) (run.Record, error) {
	tapes, release, err := load(ctx, r.store, r.budget, []run.Take{{SessionID: rec.SessionID}}, func(int) int64 { return 0 })
	if err != nil {
		return rec, err
	}
	defer release()
	body, err := r.bodyOf(ctx, rec)
	if err != nil {
		return rec, err
	}
	measured, err := run.NewRecord(ctx, run.RecordInput{
		ID: rec.ID, Session: tapes[0].Session, Chunks: tapes[0].Chunks, Title: rec.Title, ClientFilter: rec.ClientFilter, Body: body, Filter: r.filter, Now: r.clock.Now(),
	})
	if err != nil {
		return rec, err
	}
	next := rec.Undo(measured)
	return r.placed(ctx, next, next.TrackDigest, rec)
}

// bodyOf returns what of its runner a run is measured with.
func (r *Runs) bodyOf(ctx context.Context, rec run.Record) (run.Body, error) {
	u, err := r.store.User(ctx, rec.UserID)
	return run.Body{WeightKG: u.WeightKG, MaxHeartRate: u.HighestHeartRate(rec.StartedAt.Year())}, err
}

// placed says of the next version of a run when it was at its place, and that it is a
// copy: as the version before was, or as it became one by the edit.
func (r *Runs) placed(ctx context.Context, next run.Record, digest run.Digest, before run.Record) (run.Record, error) {
	local := r.zones.LocalTime(next.Route[0], next.StartedAt)
	next.LocalHour, next.LocalDate = local.Hour(), local.Format(time.DateOnly)
	copied, err := r.store.TrackTaken(ctx, digest, next.UserID)
	if copied || slices.Contains(before.Flags, run.FlagCopiedTrack) {
		next.AddFlag(run.FlagCopiedTrack)
	}
	return next, err
}

// revision is a change of runs: what they were when it was made out, and what they
// become.
type revision struct {
	seen    []run.Record // all that changes
	becomes []run.Record // those of them that stay; the rest goes
	added   *recorded
	answer  []run.Record // what the caller is told, when it is done
}

// recorded is a run with its recording.
type recorded struct {
	session run.Session
	chunks  []run.Chunk
	record  run.Record
}

// outcome is what became of an edit.
type outcome struct {
	answer  []run.Record
	changed bool
	err     error
}

// one is the outcome of an edit that is answered with one run.
func (o outcome) one() (run.Record, error) {
	if o.err != nil {
		return run.Record{}, o.err
	}
	return o.answer[0], nil
}

// edit makes out a revision with no lock held, for measuring may take long, and
// stores it if the runs are still as they were seen.
func (r *Runs) edit(ctx context.Context, plan func() (revision, error)) outcome {
	for range closeTries {
		rev, err := plan()
		if errors.Is(err, run.ErrSessionNotFound) { // it went while it was measured
			continue
		}
		if err != nil || len(rev.seen) == 0 {
			return outcome{answer: rev.answer, err: err}
		}
		if stored, err := r.revise(ctx, rev); stored || err != nil {
			return outcome{rev.answer, true, err}
		}
	}
	return outcome{err: errRunBusy}
}

var errRunBusy = fault.New(fault.Unavailable, "run_busy", "the run is being changed by others; try again").With("retry_after", 1)

// revise stores a revision, unless a run is no longer as it was seen. Runs are taken
// out of totals, boards and statistics as they were, and counted as they become by
// the jobs that are enqueued with it.
func (r *Runs) revise(ctx context.Context, rev revision) (stored bool, err error) {
	err = r.store.InTx(ctx, func(ctx context.Context, tx ports.Repo) error {
		stored = false
		now := map[id.Record]run.Record{}
		for _, rid := range inOrder(rev.seen) { // so that two edits of the same runs do not lock crosswise
			rec, err := tx.LockRecord(ctx, rid)
			if notFound(err) {
				return nil
			}
			if err != nil {
				return err
			}
			now[rid] = rec
		}
		for _, seen := range rev.seen {
			if !now[seen.ID].SameVersion(seen) {
				return nil
			}
		}
		first := now[rev.seen[0].ID]
		if err := tx.LockUser(ctx, first.UserID); err != nil {
			return err
		}
		standing, err := hold(ctx, tx, first.UserID, first.CourseID)
		if err != nil {
			return err
		}
		if standing.course.Retired {
			return course.ErrRetired
		}
		if err := r.replace(ctx, tx, rev, now); err != nil {
			return err
		}
		stored = true
		days := make([]string, 0, len(now))
		for _, rec := range now {
			days = append(days, rec.LocalDate)
			if err := discountRun(ctx, tx, rec, r.clock.Now()); err != nil {
				return err
			}
		}
		return standing.settle(ctx, tx, r.clock.Now(), days...)
	})
	return stored && err == nil, err
}

// replace writes what runs become. What changes without a new version is as it is now.
func (r *Runs) replace(ctx context.Context, tx ports.Repo, rev revision, now map[id.Record]run.Record) error {
	stays := map[id.Record]bool{}
	for _, next := range rev.becomes {
		before := now[next.ID]
		next.Title, next.DuplicateOf, next.SplitFrom = before.Title, before.DuplicateOf, before.SplitFrom
		stays[next.ID] = true
		if err := tx.RewriteRecord(ctx, next); err != nil {
			return err
		}
		if next.Processing == run.ProcessingPending {
			if err := tx.Enqueue(ctx, ports.Job{Kind: ports.JobSettleRun, ID: next.ID.String()}); err != nil {
				return err
			}
		}
	}
	for _, seen := range rev.seen {
		if stays[seen.ID] {
			continue
		}
		if err := bequeath(ctx, tx, seen.ID, now[rev.seen[0].ID]); err != nil {
			return err
		}
		if err := tx.DeleteRecord(ctx, seen.ID); err != nil {
			return err
		}
	}
	if rev.added == nil {
		return nil
	}
	add := *rev.added
	add.record.DuplicateOf, add.record.SplitFrom = now[rev.seen[0].ID].DuplicateOf, originOf(now[rev.seen[0].ID])
	if _, _, err := tx.InsertSession(ctx, add.session); err != nil {
		return err
	}
	if err := r.checkImports(ctx, tx, add.session); err != nil {
		return err
	}
	if err := tx.InsertChunks(ctx, add.session.ID(), add.chunks, r.clock.Now()); err != nil {
		return err
	}
	if err := tx.InsertRecord(ctx, add.record); err != nil {
		return err
	}
	return tx.Enqueue(ctx, ports.Job{Kind: ports.JobSettleRun, ID: add.record.ID.String()})
}

// bequeath makes the duplicates of a run that goes duplicates of the one that it is
// part of again.
func bequeath(ctx context.Context, tx ports.Records, gone id.Record, whole run.Record) error {
	heirs, err := lockDuplicates(ctx, tx, gone)
	if err != nil {
		return err
	}
	for _, rec := range heirs {
		if rec.DuplicateOf = whole.DuplicateOf; rec.DuplicateOf.IsZero() {
			rec.DuplicateOf = whole.ID
		}
		if err := tx.SaveRecord(ctx, rec); err != nil {
			return err
		}
	}
	return nil
}

// inOrder returns the ids of records, ascending.
func inOrder(recs []run.Record) []id.Record {
	ids := make([]id.Record, len(recs))
	for i, rec := range recs {
		ids[i] = rec.ID
	}
	slices.SortFunc(ids, id.Record.Compare)
	return ids
}
