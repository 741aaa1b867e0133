package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// The normal course is a winding road of 1.2 km; a normal run follows it in 7
// minutes.
const (
	normalMeters = 1200.0
	normalSpeed  = 3.0
)

func normalRoad(meters float64) place { return at(meters, 40*wave(meters/300)) }

// honestCourse makes the normal course.
func honestCourse(ctx context.Context, t *target) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	c := newClient(t, 1)
	if err := c.login(ctx, "maker"); err != nil {
		return "", err
	}
	var road []place
	for m := 0.0; m <= normalMeters; m += 10 {
		road = append(road, normalRoad(m))
	}
	a, err := c.do(ctx, upload("/courses/import", gpx(road), "title", "Road"))
	if err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"id"`
	}
	return made.ID, a.read(&made, http.StatusCreated)
}

// normalRun runs the normal course and returns how long the program took from
// completing to the verdict. It fails when the run is not judged completed in time.
func normalRun(ctx context.Context, t *target, course, name string) (seconds float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, chunkPromise+runPromise)
	defer cancel()
	c := newClient(t, 1)
	if err := c.login(ctx, "normal "+name); err != nil {
		return 0, err
	}
	started := time.Now().Add(-time.Hour).Truncate(time.Second)
	a, _, err := c.patiently(ctx, request{method: http.MethodPost, path: "/runs/sessions", body: object{"started_at": instant(started), "course_id": course}.json()})
	var session struct {
		ID string `json:"id"`
	}
	if err == nil {
		err = a.read(&session, http.StatusCreated)
	}
	if err != nil {
		return 0, fmt.Errorf("starting: %w", err)
	}
	path := "/runs/sessions/" + session.ID
	const chunks, fixes = 2, 215 // a little beyond either end
	for i := range chunks {
		way := func(second float64) place {
			m := (second+float64(i*fixes))*normalSpeed - 30
			p := normalRoad(min(max(m, -20), normalMeters+20))
			return p.moved(2*wave(m/17), 2*wave(m/23)) // as a receiver errs
		}
		kind := "intermediate"
		if i == chunks-1 {
			kind = "final"
		}
		body := chunk(i, kind, walk(way, started.Add(time.Duration(i*fixes)*time.Second), time.Second, fixes))
		if a, _, err = c.patiently(ctx, request{method: http.MethodPost, path: path + "/chunks", body: body}); err != nil || a.status != http.StatusCreated {
			return 0, fmt.Errorf("chunk %d was answered %s: %w", i, a, err)
		}
	}
	return judgedWithin(ctx, c, path, started)
}

func judgedWithin(ctx context.Context, c *client, path string, started time.Time) (float64, error) {
	began := time.Now()
	r := request{
		method: http.MethodPost, path: path + "/complete", header: map[string]string{"Prefer": "wait=10"},
		body: object{"finished_at": instant(started.Add(430 * time.Second)), "total_chunks": 2}.json(),
	}
	for {
		a, _, err := c.patiently(ctx, r)
		var record object
		if err == nil {
			err = a.read(&record, http.StatusOK, http.StatusCreated)
		}
		took := time.Since(began)
		switch {
		case err != nil:
			return 0, err
		case took > runPromise:
			return 0, fmt.Errorf("%v after %.1f s", record["processing"], took.Seconds())
		case record["processing"] != "pending" && status(record) != "completed":
			return 0, fmt.Errorf("processing %v, verdict %v", record["processing"], record["verdict"])
		case record["processing"] != "pending":
			return took.Seconds(), nil
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return 0, fmt.Errorf("%v after %.1f s", record["processing"], took.Seconds())
		}
	}
}
