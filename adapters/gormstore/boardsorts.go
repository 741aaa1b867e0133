package gormstore

import (
	"context"
	"slices"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/ports"
)

// descent is an order of a board that begins with a column going down; the
// columns behind it go up. Each has an index.
type descent struct {
	lead, rest string
	key        func(k ports.BoardKey) (lead any, rest []any)
}

var descents = map[ranking.Sort]descent{
	ranking.Latest: {
		"b.achieved_at", "b.user_id",
		func(k ports.BoardKey) (any, []any) { return column.Stamp(k.AchievedAt), []any{column.IDOf(k.UserID)} },
	},
	ranking.MostRuns: {
		"b.run_count", "b.best_duration_seconds, b.achieved_at, b.user_id",
		func(k ports.BoardKey) (any, []any) {
			return k.RunCount, []any{k.BestDurationSeconds, column.Stamp(k.AchievedAt), column.IDOf(k.UserID)}
		},
	},
}

// page returns a SELECT of the placeColumns of a stretch of a board. Behind a
// key are the rows tied with it in the first column, then those below: each is a
// range of the index, which a comparison of all columns at once would not be.
func (d descent) page(b board, q ports.BoardQuery) (sql string, args []any) {
	rows := "SELECT " + placeColumns + " FROM " + b.table + " AS b WHERE " + b.where
	order := " ORDER BY " + d.lead + " DESC, " + d.rest + " LIMIT ?"
	if q.After == nil {
		return rows + order + " OFFSET ?", append(slices.Clone(b.args), q.Page.Limit, q.Page.Offset)
	}
	lead, rest := d.key(*q.After)
	sql = "SELECT * FROM (SELECT * FROM (" + rows + " AND " + d.lead + " = ? AND (" + d.rest + ") > ?" + order + ") AS tied" +
		" UNION ALL SELECT * FROM (" + rows + " AND " + d.lead + " < ?" + order + ") AS below) AS b" + order
	args = append(slices.Clone(b.args), lead, rest, q.Page.Limit)
	args = append(append(args, b.args...), lead, q.Page.Limit)
	return sql, append(args, q.Page.Limit)
}

// boardDown returns a page of a board in another order than that of its times.
// Its rows may be from anywhere on the board, so the same statement reads the
// coarse counts of all of it, and adds up those by the second, each once, of the
// slots in which rows of the page lie.
func (r *repo) boardDown(ctx context.Context, q ports.BoardQuery, d descent) ([]ports.BoardRow, int, error) {
	b := boardOf(q.CourseID, q.Period)
	page, args := d.page(b, q)
	const noPlace = " UNION ALL SELECT NULL, NULL, 0, 0, 0, NULL, NULL, NULL, "
	sql := "WITH page AS (" + page + ") SELECT " + placeColumns + ", users.nickname, users.avatar_id, 0 AS width, 0 AS bucket, 0 AS runners" +
		" FROM page AS b LEFT JOIN users ON users.id = b.user_id" +
		noPlace + "width, bucket, runners FROM board_counts WHERE " + sameBoard + " AND width = 128" +
		noPlace + "1, bucket, faster FROM (SELECT bucket, sum(runners) OVER (PARTITION BY slot ORDER BY bucket) - runners AS faster" +
		" FROM (SELECT DISTINCT best_duration_seconds / 128 AS slot FROM page) AS slots JOIN board_counts ON " + sameBoard +
		" AND width = 1 AND bucket >= slot * 128 AND bucket < slot * 128 + 128) AS seconds" +
		" WHERE bucket IN (SELECT best_duration_seconds FROM page)"
	args = append(append(args, b.counts...), b.counts...)
	var found []placeRow
	if err := r.db.WithContext(ctx).Raw(sql, args...).Scan(&found).Error; err != nil {
		return nil, 0, faultOf(err)
	}
	counts := ranking.Counts{Slots: map[int]int{}, Faster: map[int]int{}}
	rows := []ports.BoardRow{}
	for _, f := range found {
		switch f.Width {
		case ranking.SlotSeconds:
			counts.Slots[f.Bucket] = f.Runners
		case 1:
			counts.Faster[f.Bucket] = f.Runners
		default:
			rows = append(rows, f.row(q.Period))
		}
	}
	slices.SortFunc(rows, func(a, b ports.BoardRow) int { return q.Sort.Compare(a.Row, b.Row) })
	counts.Rank(placesOf(rows))
	return rows, counts.Total(), nil
}

// placesOf returns the rows without their people, for setting their ranks.
func placesOf(rows []ports.BoardRow) []*ranking.Row {
	out := make([]*ranking.Row, len(rows))
	for i := range rows {
		out[i] = &rows[i].Row
	}
	return out
}
