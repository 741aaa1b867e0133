package main

import (
	"context"
	"fmt"
	"time"
)

// runFarFixes sends a run whose fixes are 9 days and a thousand kilometres apart:
// a few KiB of a million kilometres.
func runFarFixes(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "far runner")
	if err != nil {
		return err
	}
	started := time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)
	to := walk(func(second float64) place {
		return place{10 * float64(int(second/(9*86_400))%2), 0}
	}, started, 9*24*time.Hour, 1000)
	a.record(ctx, c, run{started: started, chunks: chunks(to)})
	return nil
}

// fixesEveryMillisecond sends 30,000 fixes of half a minute, each out of reach of the
// one before: a filter that looks ahead for where a leap comes back looks at all.
func fixesEveryMillisecond(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "hasty")
	if err != nil {
		return err
	}
	const leap = 200.0
	started := time.Now().Add(-time.Hour)
	way := func(second float64) place { return place{originLat, -170}.moved(leap*1000*second, 0) }
	a.record(ctx, c, run{started: started, chunks: chunks(walk(way, started, time.Millisecond, 30_000))})
	return nil
}

// fixesMost sends the longest lawful run, twice at once: it has to be taken.
func fixesMost(ctx context.Context, a *arena) error {
	n := a.times(300_000, 30_000)
	const every = 860 * time.Millisecond // within 72 h and 1,000 km
	started := time.Now().Add(-time.Duration(n+1000) * every).Truncate(time.Second)
	atOnce(2, func(i int) {
		c, err := a.user(ctx, fmt.Sprint("endless ", i))
		if err != nil {
			a.breaks("fixes_300k: signing in: %v", err)
			return
		}
		way := func(second float64) place { return track(second*2.8+0.3*wave(second/40)).moved(0, 1000*float64(i)) }
		record := a.record(ctx, c, run{started: started, chunks: chunks(walk(way, started, every, n))})
		if record["processing"] != "done" && ctx.Err() == nil {
			a.breaks("the longest lawful run was not recorded")
		}
	})
	return nil
}
