package app

import (
	"context"

	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/ports"
)

// Boards shows who is where on a course.
type Boards struct{ Deps }

// Board returns rows of a course's board, and how many there are in all.
// Faults: course_not_found, also for another's private course.
func (b *Boards) Board(ctx context.Context, viewer id.User, cid id.Course, page ports.Page, after *ports.BoardKey) ([]ports.BoardRow, int, error) {
	if _, err := visible(ctx, b.Store, viewer, cid); err != nil {
		return nil, 0, err
	}
	return b.Store.Board(ctx, cid, page, after)
}

// Place is a runner's place on a board with those around it.
type Place struct {
	Me         *ports.BoardRow // nil when not ranked
	Neighbours []ports.BoardRow
	Total      int
}

// Mine returns the runner's place with up to around rows on either side.
func (b *Boards) Mine(ctx context.Context, uid id.User, cid id.Course, around int) (Place, error) {
	if _, err := visible(ctx, b.Store, uid, cid); err != nil {
		return Place{}, err
	}
	rows, total, err := b.Store.BoardAround(ctx, cid, uid, around)
	if err != nil {
		return Place{}, err
	}
	p := Place{Neighbours: rows, Total: total}
	for i := range rows {
		if rows[i].UserID == uid {
			p.Me = &rows[i]
		}
	}
	return p, nil
}
