package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// CursorPages choose a stretch of a list that moves.
type CursorPages struct {
	Pages
	Cursor string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before; goes before page"`
}

// stretch asks for one row more than the page has: it tells whether there is a next.
func (p CursorPages) stretch() ports.Page {
	page := p.page()
	page.Limit++
	return page
}

// MovingList is a page of a list into which rows come all the time; next_cursor
// goes on behind its last row, so that none is skipped or repeated.
type MovingList[T any] struct {
	List[T]
	NextCursor *string `json:"next_cursor"`
}

// movingListOf makes a page of the rows that stretch asked for.
func movingListOf[R, T any](rows []R, p CursorPages, total int, wire func(R) T, key func(R) cursor) MovingList[T] {
	more := len(rows) > p.PerPage
	rows = rows[:min(len(rows), p.PerPage)]
	out := MovingList[T]{List: listOf(each(rows, wire), p.Pages, total)}
	if out.HasNext = more; more {
		next := key(rows[len(rows)-1]).String()
		out.NextCursor = &next
	}
	return out
}

// cursor is a row's key in the order of a list. List names the list, with a
// version, so that another's cursor is not taken for one.
type cursor struct {
	List   string `json:"l"`
	Number int    `json:"n,omitempty"`
	Runs   int    `json:"r,omitempty"`
	Micros int64  `json:"t"` // Unix microseconds
	ID     string `json:"i"`
}

// String is opaque to clients.
func (c cursor) String() string {
	b, _ := json.Marshal(c) // numbers and words: it cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// inRange reports whether the numbers are such as rows have: a database takes no
// other for a parameter.
func (c cursor) inRange() bool {
	return c.Number >= 0 && c.Number <= math.MaxInt32 && c.Runs >= 0 && c.Runs <= math.MaxInt32 &&
		c.Micros >= run.EarliestTimestamp*1000 && c.Micros <= run.LatestTimestamp*1000
}

func (c cursor) time() time.Time { return time.UnixMicro(c.Micros).UTC() }

// parseCursor reads a cursor of a list whose rows have ids of a kind.
func parseCursor[K id.Kind](s, list string) (c cursor, row id.ID[K], err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err == nil {
		row, err = id.Parse[K](c.ID)
	}
	if err != nil || c.List != list || !c.inRange() {
		return c, row, queryFault("cursor", "not a cursor of this list: begin again without one")
	}
	return c, row, nil
}

const historyList = "history1"

// boardLists names the boards by their order.
var boardLists = map[ranking.Sort]string{ranking.Fastest: "board1", ranking.Latest: "recent1", ranking.MostRuns: "runs1"}

func boardCursor(sort ranking.Sort) func(ports.BoardRow) cursor {
	return func(r ports.BoardRow) cursor {
		return cursor{List: boardLists[sort], Number: r.BestDurationSeconds, Runs: r.RunCount, Micros: r.AchievedAt.UnixMicro(), ID: r.UserID.String()}
	}
}

// afterOnBoard returns the key of a cursor; nil for none.
func afterOnBoard(s string, sort ranking.Sort) (*ports.BoardKey, error) {
	if s == "" {
		return nil, nil
	}
	c, uid, err := parseCursor[id.UserKind](s, boardLists[sort])
	return &ports.BoardKey{RunCount: c.Runs, BestDurationSeconds: c.Number, AchievedAt: c.time(), UserID: uid}, err
}

func historyCursor(r ports.RunSummary) cursor {
	return cursor{List: historyList, Micros: r.FinishedAt.UnixMicro(), ID: r.ID.String()}
}

// afterInHistory returns the key of a cursor; nil for none.
func afterInHistory(s string) (*ports.RecordKey, error) {
	if s == "" {
		return nil, nil
	}
	c, rid, err := parseCursor[id.RecordKind](s, historyList)
	return &ports.RecordKey{FinishedAt: c.time(), ID: rid}, err
}

// courseList names the list of courses in an order.
func courseList(sort ports.CourseSort) string { return "courses-" + string(sort) + "1" }

func courseCursor(sort ports.CourseSort) func(ports.CourseSummary) cursor {
	return func(c ports.CourseSummary) cursor {
		out := cursor{List: courseList(sort), Micros: c.CreatedAt.UnixMicro(), ID: c.ID.String()}
		switch sort {
		case ports.PopularFirst:
			out.Number = c.TotalRuns
		case ports.ByDistance:
			out.Number = c.DistanceMeters
		}
		return out
	}
}

// afterInCourses returns the key of a cursor; nil for none.
func afterInCourses(s string, sort ports.CourseSort) (*ports.CourseKey, error) {
	if s == "" {
		return nil, nil
	}
	c, cid, err := parseCursor[id.CourseKind](s, courseList(sort))
	return &ports.CourseKey{CreatedAt: c.time(), TotalRuns: c.Number, DistanceMeters: c.Number, ID: cid}, err
}
