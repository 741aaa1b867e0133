package main

import (
	"context"
	"net/http"
)

// mostVertices is how many vertices a course may have.
const mostVertices = 20_000

// courseFarVertices makes a course whose vertices are 94 km apart, a file of a few
// KiB, and reads it as anybody may, also after the program was started again.
func courseFarVertices(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "far")
	if err != nil {
		return err
	}
	far := make([]place, mostVertices)
	for i := range far {
		far[i] = place{0, 0.845 * float64(i%2)}
	}
	course := a.course(ctx, c, "Far", gzipped(gpx(far)))
	if course == "" {
		return nil
	}
	read := func() {
		if a.target.up(ctx) {
			a.send(ctx, a.nobody(), request{method: http.MethodGet, path: "/courses/" + course})
		}
	}
	read()
	if a.alone && !a.target.lost() {
		if err := a.target.restart(ctx); err != nil {
			return err
		}
		read()
	}
	return nil
}

// courseScribble makes a course that fills a box of 20 m, and reads it.
func courseScribble(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "scribbler")
	if err != nil {
		return err
	}
	if course := a.course(ctx, c, "Scribble", gzipped(gpx(snake(mostVertices, 20, 0.001)))); course != "" {
		atOnce(a.times(4, 2), func(int) { a.send(ctx, a.nobody(), request{method: http.MethodGet, path: "/courses/" + course}) })
	}
	return nil
}

// corridorSquareWave makes a lawful course of 2,000 vertices whose corridor is hard
// to draw, and asks for it as anybody may, several at once.
func corridorSquareWave(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "square")
	if err != nil {
		return err
	}
	course := a.course(ctx, c, "Square wave", gzipped(gpx(squareWave(2000, 450, 45))))
	if course == "" {
		return nil
	}
	atOnce(a.times(4, 2), func(int) {
		a.send(ctx, a.nobody(), request{method: http.MethodGet, path: "/courses/" + course + "/corridor"})
	})
	return nil
}
