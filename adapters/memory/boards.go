package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

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

// LockBoard implements ports.Boards. Every transaction is alone already.
func (r *repo) LockBoard(ctx context.Context, cid id.Course) (ports.CourseAccess, error) {
	return r.CourseAccess(ctx, cid)
}

// Attempts implements ports.Boards.
func (r *repo) Attempts(ctx context.Context, cid id.Course, uid id.User) (attempts []ranking.Attempt, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for rec := range x.recordsOn.of(&x.records, cid) {
			if rec.UserID != uid || rec.Processing != run.ProcessingDone || !rec.Ranks() {
				continue
			}
			a := ranking.Attempt{
				RecordID: rec.ID, Completed: completed(rec), FinishedAt: rec.FinishedAt,
				LocalDate: rec.LocalDate, LocalHour: rec.LocalHour,
			}
			if a.Completed {
				a.DurationSeconds = *rec.Result.DurationSeconds
			}
			attempts = append(attempts, a)
		}
		return nil
	})
	return attempts, err
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
		row.AchievedAt = stamp(row.AchievedAt)
		x.rankings.put(placeKey{boardKey{row.CourseID, row.Period}, row.UserID}, row)
		return nil
	})
}

// DropRanking implements ports.Boards.
func (r *repo) DropRanking(ctx context.Context, cid id.Course, uid id.User, p ranking.Period) error {
	return r.write(ctx, func(x *snapshot) error {
		x.rankings.delete(placeKey{boardKey{cid, p}, uid})
		return nil
	})
}

// CacheRanks implements ports.Boards: there is no table that anybody reads.
func (r *repo) CacheRanks(context.Context, id.Course) error { return nil }

// board returns a board's rows in their order, with their ranks.
func (x *snapshot) board(cid id.Course, p ranking.Period) []ranking.Row {
	rows := x.boards.collect(&x.rankings, boardKey{cid, p})
	slices.SortFunc(rows, ranking.Compare)
	for i := range rows {
		rows[i].Rank = i + 1
		if i > 0 && rows[i].BestDurationSeconds == rows[i-1].BestDurationSeconds {
			rows[i].Rank = rows[i-1].Rank
		}
	}
	return rows
}

// withPeople joins the people to rows.
func (x *snapshot) withPeople(rows []ranking.Row) []ports.BoardRow {
	out := make([]ports.BoardRow, len(rows))
	for i, row := range rows {
		out[i] = ports.BoardRow{Row: row, Person: x.person(row.UserID)}
	}
	return out
}

// Board implements ports.Boards.
func (r *repo) Board(ctx context.Context, q ports.BoardQuery) (board []ports.BoardRow, total int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		rows := x.board(q.CourseID, q.Period)
		slices.SortFunc(rows, q.Sort.Compare)
		total = len(rows)
		page := q.Page
		if after := q.After; after != nil {
			key := ranking.Row{RunCount: after.RunCount, BestDurationSeconds: after.BestDurationSeconds, AchievedAt: stamp(after.AchievedAt), UserID: after.UserID}
			at, found := slices.BinarySearchFunc(rows, key, q.Sort.Compare)
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

// BoardAround implements ports.Boards.
func (r *repo) BoardAround(ctx context.Context, cid id.Course, p ranking.Period, uid id.User, n int) (around []ports.BoardRow, total int, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		rows := x.board(cid, p)
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
			if rec.Processing != run.ProcessingDone || !rec.Ranks() {
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

// PaceBoards implements ports.Boards.
func (r *repo) PaceBoards(ctx context.Context, cid id.Course, distanceMeters int, _ time.Time) error {
	return r.write(ctx, func(x *snapshot) error {
		for _, row := range x.placesOn.collect(&x.rankings, cid) {
			row.BestPaceSecondsPerKM = ranking.Pace(row.BestDurationSeconds, distanceMeters)
			x.rankings.put(placeKey{boardKey{cid, row.Period}, row.UserID}, row)
		}
		return nil
	})
}

// UserRankings implements ports.Boards.
func (r *repo) UserRankings(ctx context.Context, uid id.User, after *ports.RankingKey, limit int) (rows []ranking.Row, err error) {
	err = r.read(ctx, func(x *snapshot) error {
		for row := range x.placesOf.of(&x.rankings, uid) {
			if after == nil || byBoard(row, ranking.Row{CourseID: after.CourseID, Period: after.Period}) > 0 {
				row.Rank = 0
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, byBoard)
		rows = stretch(rows, ports.Page{Limit: limit})
		return nil
	})
	return rows, err
}

// byBoard orders the rows of one user.
func byBoard(a, b ranking.Row) int {
	return cmp.Or(a.CourseID.Compare(b.CourseID), cmp.Compare(a.Period.Span, b.Period.Span), cmp.Compare(a.Period.StartsOn, b.Period.StartsOn))
}
