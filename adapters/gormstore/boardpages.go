package gormstore

import (
	"context"
	"time"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// board is where the rows of a period's board are: a table, as b, and a condition.
type board struct {
	table, where string
	args         []any
	counts       []any // course, span and first day in board_counts
}

func boardOf(cid id.Course, p ranking.Period) board {
	b := board{counts: []any{column.IDOf(cid), string(p.Span), p.StartsOn}}
	if p == ranking.AllTime {
		b.table, b.where, b.args = "rankings", "b.course_id = ?", []any{column.IDOf(cid)}
		return b
	}
	b.table, b.where, b.args = "period_rankings", "b.course_id = ? AND b.period = ? AND b.starts_on = ?", b.counts
	return b
}

const (
	boardOrder   = "b.best_duration_seconds, b.achieved_at, b.user_id"
	boardReverse = "b.best_duration_seconds DESC, b.achieved_at DESC, b.user_id DESC"
	boardKey     = "(b.best_duration_seconds, b.achieved_at, b.user_id)"
	placeColumns = "b.course_id, b.user_id, b.best_duration_seconds, b.best_pace_seconds_per_km, b.run_count, b.achieved_at"
	sameBoard    = "course_id = ? AND period = ? AND starts_on = ?"
)

// placeRow is a row of a board with the person, and what the board's counts say
// of the first row of the page; or a row of these counts (boardDown).
type placeRow struct {
	CourseID             column.ID[id.CourseKind]
	UserID               column.ID[id.UserKind]
	BestDurationSeconds  int
	BestPaceSecondsPerKM int `gorm:"column:best_pace_seconds_per_km"`
	RunCount             int
	AchievedAt           time.Time
	Nickname             *string
	AvatarID             column.ID[id.AvatarKind]
	Total, Ahead, Tied   int
	Width, Bucket        int
	Runners              int
}

func (f placeRow) row(p ranking.Period) ports.BoardRow {
	return ports.BoardRow{
		Row: ranking.Row{
			CourseID: f.CourseID.ID, Period: p, UserID: f.UserID.ID, BestDurationSeconds: f.BestDurationSeconds,
			BestPaceSecondsPerKM: f.BestPaceSecondsPerKM, RunCount: f.RunCount, AchievedAt: f.AchievedAt.UTC(),
		},
		Person: user.Person{ID: f.UserID.ID, Nickname: column.Value(f.Nickname), AvatarID: f.AvatarID.ID},
	}
}

// ranked joins the people to a page and counts its ranks, in one statement:
// what it says is of one moment, also while others finish. The page is a SELECT
// of placeColumns.
func (r *repo) ranked(ctx context.Context, b board, p ranking.Period, page string, args ...any) ([]ports.BoardRow, int, error) {
	counts := func(what string) string {
		return "(SELECT coalesce(sum(runners), 0) FROM board_counts WHERE " + sameBoard + " AND " + what + ")"
	}
	const first = "(SELECT min(best_duration_seconds) FROM page)"
	sql := "WITH page AS (" + page + ") SELECT b.*, users.nickname, users.avatar_id, " +
		counts("width = 128") + " AS total, " +
		counts("width = 128 AND bucket < "+first+" / 128") + " + " +
		counts("width = 1 AND bucket >= "+first+" / 128 * 128 AND bucket < "+first) + " AS ahead, " +
		counts("width = 1 AND bucket = "+first) + " AS tied " +
		"FROM (SELECT 1) AS one LEFT JOIN page AS b ON true LEFT JOIN users ON users.id = b.user_id ORDER BY " + boardOrder
	for range 4 {
		args = append(args, b.counts...)
	}
	var found []placeRow
	if err := r.db.WithContext(ctx).Raw(sql, args...).Scan(&found).Error; err != nil {
		return nil, 0, faultOf(err)
	}
	total := found[0].Total
	if found[0].UserID.ID.IsZero() { // an empty page still says how long the board is
		return []ports.BoardRow{}, total, nil
	}
	rows := make([]ports.BoardRow, len(found))
	for i, f := range found {
		rows[i] = f.row(p)
	}
	ranking.Assign(placesOf(rows), found[0].Ahead, found[0].Tied)
	return rows, total, nil
}

func (r *repo) boardSize(ctx context.Context, b board) (total int, err error) {
	err = r.db.WithContext(ctx).Raw("SELECT coalesce(sum(runners), 0) FROM board_counts WHERE "+sameBoard+" AND width = 128", b.counts...).Scan(&total).Error
	return total, faultOf(err)
}

// Board implements ports.Boards.
func (r *repo) Board(ctx context.Context, q ports.BoardQuery) ([]ports.BoardRow, int, error) {
	if d, ok := descents[q.Sort]; ok {
		return r.boardDown(ctx, q, d)
	}
	b := boardOf(q.CourseID, q.Period)
	where, args := b.where, b.args[:len(b.args):len(b.args)]
	offset := q.Page.Offset
	if q.After != nil {
		where, offset = where+" AND "+boardKey+" > (?, ?, ?)", 0
		args = append(args, q.After.BestDurationSeconds, column.Stamp(q.After.AchievedAt), column.IDOf(q.After.UserID))
	} else if offset > deepOffset {
		seconds, rest, err := r.seek(ctx, b, offset)
		if err != nil {
			return nil, 0, err
		}
		where, offset = where+" AND b.best_duration_seconds >= ?", rest
		args = append(args, seconds)
	}
	page := "SELECT " + placeColumns + " FROM " + b.table + " AS b WHERE " + where + " ORDER BY " + boardOrder + " LIMIT ? OFFSET ?"
	return r.ranked(ctx, b, q.Period, page, append(args, q.Page.Limit, offset)...)
}

// deepOffset is from how many rows on a page is sought by the board's counts
// instead of walking there.
const deepOffset = 200

// seek returns the time of the row behind offset others, and how many rows of
// that time come before it. Behind the end it returns a time that nobody has.
func (r *repo) seek(ctx context.Context, b board, offset int) (seconds, rest int, err error) {
	first, end := 0, 1<<30
	for _, width := range []int{128, 1} {
		var counts []struct{ Bucket, Runners int }
		err := r.db.WithContext(ctx).Raw("SELECT bucket, runners FROM board_counts WHERE "+sameBoard+
			" AND width = ? AND bucket >= ? AND bucket < ? ORDER BY bucket", append(b.counts[:3:3], width, first, end)...).Scan(&counts).Error
		if err != nil {
			return 0, 0, faultOf(err)
		}
		at := -1
		for _, c := range counts {
			if offset < c.Runners {
				at = c.Bucket
				break
			}
			offset -= c.Runners
		}
		if at < 0 {
			return 1<<31 - 1, 0, nil
		}
		first, end = at*width, at*width+width
		seconds = first
	}
	return seconds, offset, nil
}

// BoardAround implements ports.Boards.
func (r *repo) BoardAround(ctx context.Context, cid id.Course, p ranking.Period, uid id.User, n int) ([]ports.BoardRow, int, error) {
	b := boardOf(cid, p)
	var me []placeRow
	err := r.db.WithContext(ctx).Raw("SELECT "+placeColumns+" FROM "+b.table+" AS b WHERE "+b.where+" AND b.user_id = ?",
		append(b.args[:len(b.args):len(b.args)], column.IDOf(uid))...).Scan(&me).Error
	if err != nil || len(me) == 0 {
		total, sizeErr := r.boardSize(ctx, b)
		if err == nil {
			err = sizeErr
		}
		return []ports.BoardRow{}, total, faultOf(err)
	}
	at := []any{me[0].BestDurationSeconds, column.Stamp(me[0].AchievedAt), column.IDOf(uid)}
	side := func(compare, order string) string {
		return "SELECT * FROM (SELECT " + placeColumns + " FROM " + b.table + " AS b WHERE " + b.where + " AND " + boardKey + compare +
			" (?, ?, ?) ORDER BY " + order + " LIMIT ?) AS side"
	}
	var args []any
	for _, limit := range []int{n, n + 1} {
		args = append(append(append(args, b.args...), at...), limit)
	}
	return r.ranked(ctx, b, p, side(" <", boardReverse)+" UNION ALL "+side(" >=", boardOrder), args...)
}
