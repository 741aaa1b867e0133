package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

var (
	errNoSession     = errors.New("memory: a record refers to a session that is not there")
	errNoRecord      = errors.New("memory: a course refers to a record that is not there")
	errSecondRecord  = errors.New("memory: the session has a record")
	errRouteTooShort = errors.New("memory: the route of a record has fewer than 2 points")
)

// InsertRecord implements ports.Records.
func (r *repo) InsertRecord(ctx context.Context, rec run.Record) error {
	return r.write(ctx, func(x *snapshot) error {
		switch {
		case x.records.has(rec.ID):
			return errTaken
		case !x.users.has(rec.UserID):
			return errNoUser
		case !x.sessions.has(rec.SessionID):
			return errNoSession
		case x.sessionRecords.has(rec.SessionID):
			return errSecondRecord
		case !rec.CourseID.IsZero() && !x.courses.has(rec.CourseID):
			return errNoCourse
		case len(rec.Route) < 2 && !rec.Indoor:
			return errRouteTooShort
		}
		x.records.put(rec.ID, cloneRecord(rec))
		x.sessionRecords.put(rec.SessionID, rec.ID)
		return nil
	})
}

// Record implements ports.Records.
func (r *repo) Record(ctx context.Context, rid id.Record) (rec run.Record, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		row, ok := x.records.get(rid)
		if !ok {
			return ports.ErrRunNotFound
		}
		rec = cloneRecord(row)
		return nil
	})
	return rec, err
}

// LockRecord implements ports.Records. Every transaction is alone already.
func (r *repo) LockRecord(ctx context.Context, rid id.Record) (run.Record, error) {
	return r.Record(ctx, rid)
}

// RecordProcessing implements ports.Records.
func (r *repo) RecordProcessing(ctx context.Context, rid id.Record) (p run.Processing, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		row, ok := x.records.get(rid)
		if !ok {
			return ports.ErrRunNotFound
		}
		p = row.Processing
		return nil
	})
	return p, err
}

// SaveRecord implements ports.Records.
func (r *repo) SaveRecord(ctx context.Context, rec run.Record) error {
	return r.write(ctx, func(x *snapshot) error {
		row, ok := x.records.get(rec.ID)
		if !ok {
			return nil
		}
		saved := cloneRecord(rec)
		row.Title, row.Processing, row.CourseID, row.Result, row.Verdict = saved.Title, saved.Processing, saved.CourseID, saved.Result, saved.Verdict
		row.DuplicateOf = saved.DuplicateOf
		x.records.put(row.ID, row)
		return nil
	})
}

// RewriteRecord implements ports.Records.
func (r *repo) RewriteRecord(ctx context.Context, rec run.Record) error {
	return r.write(ctx, func(x *snapshot) error {
		row, ok := x.records.get(rec.ID)
		if !ok {
			return nil
		}
		next := cloneRecord(rec)
		next.UserID, next.SessionID, next.CreatedAt = row.UserID, row.SessionID, row.CreatedAt
		x.records.put(row.ID, next)
		return nil
	})
}

// Overlapping implements ports.Records.
func (r *repo) Overlapping(ctx context.Context, owner id.User, from, to time.Time, limit int) (found []id.Record, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		rows := x.recordsOwned(owner)
		slices.SortFunc(rows, func(a, b run.Record) int { return newestFirst(b, a) })
		for _, row := range rows {
			if len(found) < limit && !row.FinishedAt.Before(from) && !row.StartedAt.After(to) && !row.Indoor && row.Counts() {
				found = append(found, row.ID)
			}
		}
		return nil
	})
	return found, err
}

// DuplicatesOf implements ports.Records.
func (r *repo) DuplicatesOf(ctx context.Context, rid id.Record) (found []id.Record, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		original, ok := x.records.get(rid)
		if !ok {
			return nil
		}
		rows := x.recordsOwned(original.UserID)
		slices.SortFunc(rows, func(a, b run.Record) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), a.ID.Compare(b.ID)) })
		for _, row := range rows {
			if row.DuplicateOf == rid {
				found = append(found, row.ID)
			}
		}
		return nil
	})
	return found, err
}

// PartsOf implements ports.Records.
func (r *repo) PartsOf(ctx context.Context, rid id.Record) ([]id.Record, error) {
	return r.related(ctx, rid, func(row run.Record) id.Record { return row.MergedInto })
}

// SplitOff implements ports.Records.
func (r *repo) SplitOff(ctx context.Context, rid id.Record) ([]id.Record, error) {
	return r.related(ctx, rid, func(row run.Record) id.Record { return row.SplitFrom })
}

// related returns the records of a record's runner that refer to it.
func (r *repo) related(ctx context.Context, rid id.Record, to func(run.Record) id.Record) (found []id.Record, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		row, ok := x.records.get(rid)
		if !ok {
			return nil
		}
		for _, other := range x.recordsOwned(row.UserID) {
			if to(other) == rid {
				found = append(found, other.ID)
			}
		}
		slices.SortFunc(found, id.Record.Compare)
		return nil
	})
	return found, err
}

// recordsOwned returns the records of a runner.
func (x *snapshot) recordsOwned(owner id.User) []run.Record {
	return x.recordsOf.collect(&x.records, owner)
}

// DeleteRecord implements ports.Records.
func (r *repo) DeleteRecord(ctx context.Context, rid id.Record) error {
	return r.write(ctx, func(x *snapshot) error {
		row, ok := x.records.get(rid)
		if !ok {
			return nil
		}
		x.deleteRecord(row)
		return nil
	})
}

// deleteRecord deletes a record with its session, and what was merged into it.
func (x *snapshot) deleteRecord(row run.Record) {
	for _, other := range x.recordsOwned(row.UserID) {
		if other.MergedInto == row.ID {
			x.deleteRecord(other)
		}
	}
	if s, ok := x.sessions.get(row.SessionID); ok {
		x.deleteSession(s)
	}
	x.sessionRecords.delete(row.SessionID)
	x.records.delete(row.ID)
	for _, other := range x.recordsOwned(row.UserID) {
		if other.DuplicateOf != row.ID && other.SplitFrom != row.ID {
			continue
		}
		if other.DuplicateOf == row.ID {
			other.DuplicateOf = id.Record{}
		}
		if other.SplitFrom == row.ID {
			other.SplitFrom = id.Record{}
		}
		x.records.put(other.ID, other)
	}
	for _, c := range x.coursesOfRecord.collect(&x.courses, row.ID) {
		c.RunRecordID = id.Record{}
		x.courses.put(c.ID, c)
	}
}

// deleteSession deletes a session with its chunks.
func (x *snapshot) deleteSession(s sessionRow) {
	x.dropChunks(s)
	x.sessions.delete(s.ID)
	if s.ClientSessionID != "" {
		x.clientSessions.delete(clientKey{s.UserID, s.ClientSessionID})
	}
}

// ListRecords implements ports.Records.
func (r *repo) ListRecords(ctx context.Context, q ports.RecordQuery) (list []ports.RunSummary, total int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		rows := slices.DeleteFunc(x.recordsOwned(q.Owner), func(r run.Record) bool { return !r.MergedInto.IsZero() })
		if !q.CourseID.IsZero() {
			rows = slices.DeleteFunc(rows, func(r run.Record) bool { return r.CourseID != q.CourseID })
		}
		slices.SortFunc(rows, newestFirst)
		total = len(rows)
		page := q.Page
		if after := q.After; after != nil {
			rows = slices.DeleteFunc(rows, func(r run.Record) bool {
				return newestFirst(r, run.Record{ID: after.ID, Measures: run.Measures{FinishedAt: stamp(after.FinishedAt)}}) <= 0
			})
			page.Offset = 0
		}
		for _, row := range stretch(rows, page) {
			list = append(list, ports.SummaryOf(cloneRecord(row), x.person(q.Owner)))
		}
		return nil
	})
	return list, total, err
}

// newestFirst orders a runner's history.
func newestFirst(a, b run.Record) int {
	return cmp.Or(b.FinishedAt.Compare(a.FinishedAt), b.ID.Compare(a.ID))
}

// RunsOn implements ports.Records.
func (r *repo) RunsOn(ctx context.Context, cid id.Course, after id.Record, limit int) (runs []id.Record, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for rec := range x.recordsOn.of(&x.records, cid) {
			if rec.Processing == run.ProcessingDone && rec.ID.Compare(after) > 0 {
				runs = append(runs, rec.ID)
			}
		}
		slices.SortFunc(runs, id.Record.Compare)
		runs = stretch(runs, ports.Page{Limit: limit})
		return nil
	})
	return runs, err
}

// CoursesWithRuns implements ports.Records.
func (r *repo) CoursesWithRuns(ctx context.Context, after id.Course, limit int) (courses []id.Course, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		seen := map[id.Course]bool{}
		for _, rec := range x.records.all() {
			if cid := rec.CourseID; !cid.IsZero() && cid.Compare(after) > 0 && !seen[cid] {
				seen[cid] = true
				courses = append(courses, cid)
			}
		}
		slices.SortFunc(courses, id.Course.Compare)
		courses = stretch(courses, ports.Page{Limit: limit})
		return nil
	})
	return courses, err
}

// TrackTaken implements ports.Records.
func (r *repo) TrackTaken(ctx context.Context, d run.Digest, except id.User) (taken bool, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for row := range x.recordsOfTrack.of(&x.records, d) {
			taken = taken || row.UserID != except
		}
		for row := range x.recordsOfEdit.of(&x.records, d) {
			taken = taken || row.UserID != except
		}
		return nil
	})
	return taken, err
}
