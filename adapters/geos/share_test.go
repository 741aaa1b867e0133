package geos

import (
	"context"
	"errors"
	"testing"

	"github.com/runvs/runvs/adapters/budget/budgettest"
	"github.com/runvs/runvs/domain/geo"
)

func TestEveryShapeTakesItsShare(t *testing.T) {
	line := winding(t, 46, 8, 500, 20)
	for name, c := range map[string]struct {
		price int64
		work  func(g *Geometry) error
	}{
		"a corridor": {corridorBytes(line.Len()), func(g *Geometry) error {
			_, err := g.Corridor(t.Context(), line, nil, 30, 40)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &budgettest.Purse{}
			if err := c.work(New(p)); err != nil {
				t.Fatal(err)
			}
			if p.Taken() != c.price || p.Held() != 0 {
				t.Errorf("%d bytes were taken of %d, and %d not given back", p.Taken(), c.price, p.Held())
			}
			full := errors.New("the budget is spent")
			if err := c.work(New(&budgettest.Purse{Refuse: full})); !errors.Is(err, full) {
				t.Errorf("worked without a share: %v", err)
			}
		})
	}
}

// The same legs the other way round add no ribbons, nor does another lap.
func TestALegThatWasGoneBeforeIsLeftOut(t *testing.T) {
	var out, back [][2]float64
	for i := range 100 {
		out = append(out, [2]float64{float64(i) * 10, float64(i * i % 7)})
		back = append([][2]float64{out[i]}, back...)
	}
	legs := func(xy ...[2]float64) (n int) {
		l := path(t, xy...)
		for _, strand := range strandsOf(geo.NewPlane(middle(l)), l.Points()) {
			n += len(strand) - 1
		}
		return n
	}
	once := legs(out...)
	if n := legs(append(append([][2]float64{}, out...), back...)...); n != once {
		t.Errorf("there and back has %d legs, there %d", n, once)
	}
	loop := append(append([][2]float64{}, out...), [2]float64{500, 300}, out[0])
	if n, lap := legs(append(append([][2]float64{}, loop...), loop...)...), legs(loop...); n != lap {
		t.Errorf("two laps have %d legs, one %d", n, lap)
	}
}

// looks is a context that ends after so many looks at it.
type looks struct {
	context.Context
	left int
}

func (l *looks) Err() error {
	if l.left--; l.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestJoiningLooksAtTheContext(t *testing.T) {
	ctx := &looks{t.Context(), 2}
	if _, err := geometry().Corridor(ctx, path(t, squareWave(4_000, 50)...), nil, 30, 40); !errors.Is(err, context.Canceled) {
		t.Errorf("a corridor of hundreds of ribbons looked at its context %d times: %v", 2-ctx.left, err)
	}
}
