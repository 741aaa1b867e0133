package main

import (
	"context"
	"time"
)

// judgeZigzag looks for the densest course that is accepted, and sends a run that
// stays in the middle of it: it wanders, for of a standstill few fixes are left.
func judgeZigzag(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "zigzag")
	if err != nil {
		return err
	}
	for _, s := range []struct {
		vertices        int
		length, spacing float64
	}{
		{mostVertices, 20, 0.001}, {mostVertices, 20, 0.01}, {mostVertices, 20, 0.1}, {mostVertices, 20, 0.25}, {mostVertices, 20, 0.5},
		{mostVertices, 20, 1}, {1000, 400, 0.5}, {mostVertices, 20, 2}, {2000, 200, 1}, {2000, 200, 2},
	} {
		course := a.course(ctx, c, "Zigzag", gzipped(gpx(snake(s.vertices, s.length, s.spacing))))
		if ctx.Err() != nil || a.target.lost() {
			return nil
		}
		if course == "" {
			continue
		}
		started := time.Now().Add(-2 * time.Hour).Truncate(time.Second)
		middle := at(float64(s.vertices)*s.spacing/2, s.length/2)
		wander := func(second float64) place { return middle.moved(9*wave(second/53), 9*wave(second/71)) }
		a.record(ctx, c, run{course: course, started: started, chunks: chunks(walk(wander, started, time.Second, a.times(3600, 600)))})
		return nil
	}
	return nil
}

// judgeLaps makes a course of 100 laps of a track, and runs it. That is lawful: it
// has to be taken and judged.
func judgeLaps(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "laps")
	if err != nil {
		return err
	}
	const meters, speed, seconds = 40_000.0, 3.5, 11_440
	var line []place
	for m := 0.0; m <= meters; m += 5 {
		line = append(line, track(m))
	}
	course := a.course(ctx, c, "100 laps", gpx(line))
	if course == "" {
		if ctx.Err() == nil {
			a.breaks("a track in 100 laps is no course")
		}
		return nil
	}
	started := time.Now().Add(-4 * time.Hour).Truncate(time.Second)
	way := func(second float64) place {
		return track(second*speed).moved(1.5*wave(second/31), 1.5*wave(second/43))
	}
	record := a.record(ctx, c, run{course: course, started: started, chunks: chunks(walk(way, started, time.Second, seconds))})
	if got := status(record); got != "completed" && ctx.Err() == nil {
		a.breaks("100 laps of a track were judged %q: %v", got, record["verdict"])
	}
	return nil
}
