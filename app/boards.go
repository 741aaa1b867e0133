package app

import (
	"context"
	"time"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/ranking"
	"github.com/runvs/runvs/ports"
)

// Boards shows who is where on a course.
type Boards struct {
	store boardStore
	clock ports.Clock
	zones ports.TimeZones
}

// boardStore is what the boards ask of the store.
type boardStore interface {
	CourseAccess(ctx context.Context, cid id.Course) (ports.CourseAccess, error)
	Board(ctx context.Context, q ports.BoardQuery) ([]ports.BoardRow, int, error)
	BoardAround(ctx context.Context, cid id.Course, p ranking.Period, uid id.User, n int) ([]ports.BoardRow, int, error)
}

// BoardOf names the board of a course that a viewer asks for.
type BoardOf struct {
	Viewer id.User
	Course id.Course
	Span   ranking.Span
	Day    string // of the year, month or week; "" for today at the course's place
}

// period returns the period asked for of a course that the viewer may see.
func (b *Boards) period(ctx context.Context, of BoardOf) (ranking.Period, error) {
	c, err := visible(ctx, b.store, of.Viewer, of.Course)
	if err != nil {
		return ranking.Period{}, err
	}
	if of.Day == "" {
		of.Day = b.zones.LocalTime(c.Start, b.clock.Now()).Format(time.DateOnly)
	}
	return ranking.PeriodOf(of.Span, of.Day)
}

// Board returns rows of a course's board in an order, and how many there are in all.
// Faults: course_not_found, also for another's private course; Invalid for a
// span or day that is none.
func (b *Boards) Board(ctx context.Context, of BoardOf, sort ranking.Sort, page ports.Page, after *ports.BoardKey) ([]ports.BoardRow, int, error) {
	period, err := b.period(ctx, of)
	if err != nil {
		return nil, 0, err
	}
	return b.store.Board(ctx, ports.BoardQuery{CourseID: of.Course, Period: period, Sort: sort, Page: page, After: after})
}

// Place is a runner's place on a board with those around it.
type Place struct {
	Me         *ports.BoardRow // nil when not ranked
	Neighbours []ports.BoardRow
	Total      int
}

// Mine returns the viewer's place with up to around rows on either side.
func (b *Boards) Mine(ctx context.Context, of BoardOf, around int) (Place, error) {
	period, err := b.period(ctx, of)
	if err != nil {
		return Place{}, err
	}
	rows, total, err := b.store.BoardAround(ctx, of.Course, period, of.Viewer, around)
	if err != nil {
		return Place{}, err
	}
	p := Place{Neighbours: rows, Total: total}
	for i := range rows {
		if rows[i].UserID == of.Viewer {
			p.Me = &rows[i]
		}
	}
	return p, nil
}
