package main

import (
	"context"
	"net/http"
	"time"
)

// anonymousFlood reads without a token, as fast as it goes.
func anonymousFlood(ctx context.Context, a *arena) error {
	c := a.nobody()
	paths := []string{
		"/courses", "/courses?sort=popular", "/courses?q=road", "/courses/nearby?lat=37.5&lng=127", "/tiles/courses/12/3493/1586.mvt",
		"/courses/bounds?sw_lat=37&sw_lng=126&ne_lat=38&ne_lng=128", "/courses/00000000-0000-7000-8000-000000000001",
	}
	until := time.Now().Add(a.lasting(5*time.Second, time.Second))
	atOnce(32, func(connection int) {
		for i := connection; time.Now().Before(until) && ctx.Err() == nil; i++ {
			a.send(ctx, c, request{method: http.MethodGet, path: paths[i%len(paths)]})
		}
	})
	return nil
}
