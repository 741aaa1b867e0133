package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/runvs/runvs/domain/course"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/stats"
	"github.com/runvs/runvs/ports"
)

// completed reports whether a record counts for a board.
func completed(r run.Record) bool {
	return r.Processing == run.ProcessingDone && r.Result != nil && r.Result.Completed && r.Result.DurationSeconds != nil
}

// BestAttempt implements ports.Boards.
func (r *repo) BestAttempt(ctx context.Context, c course.Course, uid id.User) (row ranking.Row, ok bool, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var best run.Record
		count := 0
		for rec := range x.recordsOn.of(&x.records, c.ID) {
			if rec.UserID != uid || !completed(rec) {
				continue
			}
			if count++; count == 1 || better(rec, best) {
				best = rec
			}
		}
		if ok = count > 0; !ok {
			return nil
		}
		seconds := *best.Result.DurationSeconds
		row = ranking.Row{
			CourseID: c.ID, UserID: uid, BestDurationSeconds: seconds,
			BestPaceSecondsPerKM: ranking.Pace(seconds, c.DistanceMeters), RunCount: count, AchievedAt: best.FinishedAt,
		}
		return nil
	})
	return row, ok, err
}

// better reports whether a counts before b.
func better(a, b run.Record) bool {
	return cmp.Or(
		cmp.Compare(*a.Result.DurationSeconds, *b.Result.DurationSeconds),
		a.FinishedAt.Compare(b.FinishedAt),
		a.ID.Compare(b.ID),
	) < 0
}

// PutRanking implements ports.Boards.
func (r *repo) PutRanking(ctx context.Context, row ranking.Row, _ time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		switch {
		case !x.courses.has(row.CourseID):
			return errNoCourse
		case !x.users.has(row.UserID):
			return errNoUser
		}
		key := placeKey{row.CourseID, row.UserID}
		was, _ := x.rankings.get(key)
		row.Rank, row.AchievedAt = was.Rank, stamp(row.AchievedAt)
		x.rankings.put(key, row)
		return nil
	})
}

// DropRanking implements ports.Boards.
func (r *repo) DropRanking(ctx context.Context, cid id.Course, uid id.User) error {
	return r.write(ctx, func(x *snapshot) error {
		x.rankings.delete(placeKey{cid, uid})
		return nil
	})
}

// board returns a course's rows in their order.
func (x *snapshot) board(cid id.Course) []ranking.Row {
	rows := x.boards.collect(&x.rankings, cid)
	slices.SortFunc(rows, ranking.Compare)
	return rows
}

// withPeople joins the people to rows.
func (x *snapshot) withPeople(rows []ranking.Row) []ports.BoardRow {
	out := make([]ports.BoardRow, len(rows))
	for i, row := range rows {
		person, _ := x.person(row.UserID)
		out[i] = ports.BoardRow{Row: row, Person: person}
	}
	return out
}

// Rerank implements ports.Boards.
func (r *repo) Rerank(ctx context.Context, cid id.Course) error {
	return r.write(ctx, func(x *snapshot) error {
		rows := x.board(cid)
		ranking.Assign(rows)
		for _, row := range rows {
			x.rankings.put(placeKey{cid, row.UserID}, row)
		}
		return nil
	})
}

// Board implements ports.Boards.
func (r *repo) Board(ctx context.Context, cid id.Course, page ports.Page, after *ports.BoardKey) (board []ports.BoardRow, total int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		rows := x.board(cid)
		total = len(rows)
		if after != nil {
			key := ranking.Row{BestDurationSeconds: after.BestDurationSeconds, AchievedAt: stamp(after.AchievedAt), UserID: after.UserID}
			at, found := slices.BinarySearchFunc(rows, key, ranking.Compare)
			if found {
				at++
			}
			rows, page.Offset = rows[at:], 0
		}
		board = x.withPeople(stretch(rows, page))
		return nil
	})
	return board, total, err
}

// BoardRow implements ports.Boards.
func (r *repo) BoardRow(ctx context.Context, cid id.Course, uid id.User) (row ports.BoardRow, ok bool, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		var found ranking.Row
		if found, ok = x.rankings.get(placeKey{cid, uid}); ok {
			row = x.withPeople([]ranking.Row{found})[0]
		}
		return nil
	})
	return row, ok, err
}

// BoardAround implements ports.Boards.
func (r *repo) BoardAround(ctx context.Context, cid id.Course, uid id.User, n int) (around []ports.BoardRow, total int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		rows := x.board(cid)
		total = len(rows)
		me := slices.IndexFunc(rows, func(row ranking.Row) bool { return row.UserID == uid })
		if me >= 0 {
			around = x.withPeople(rows[max(0, me-n):min(total, me+n+1)])
		}
		return nil
	})
	return around, total, err
}

// CourseTotals implements ports.Boards.
func (r *repo) CourseTotals(ctx context.Context, cid id.Course) (t stats.CourseTotals, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		runners := map[id.User]struct{}{}
		for rec := range x.recordsOn.of(&x.records, cid) {
			if rec.Processing != run.ProcessingDone {
				continue
			}
			t.Runs++
			t.ByHour[rec.LocalHour]++
			runners[rec.UserID] = struct{}{}
			if !completed(rec) {
				continue
			}
			seconds := *rec.Result.DurationSeconds
			t.CompletedRuns++
			t.SumDurationSeconds += int64(seconds)
			if t.CompletedRuns == 1 || seconds < t.BestDuration {
				t.BestDuration = seconds
			}
		}
		t.Runners = len(runners)
		return nil
	})
	return t, err
}

// PutCourseStats implements ports.Boards.
func (r *repo) PutCourseStats(ctx context.Context, s stats.Course) error {
	return r.write(ctx, func(x *snapshot) error {
		if !x.courses.has(s.CourseID) {
			return errNoCourse
		}
		x.stats.put(s.CourseID, cloneStats(s))
		return nil
	})
}

// CourseStats implements ports.Boards.
func (r *repo) CourseStats(ctx context.Context, cid id.Course) (s stats.Course, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		found, ok := x.stats.get(cid)
		if !ok {
			found = stats.Course{CourseID: cid}
		}
		s = cloneStats(found)
		return nil
	})
	return s, err
}
