package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// diskPromiseMiB is what the claims of a few chunks may cost on disk.
const diskPromiseMiB = 16

// claimsDisk sends chunks whose claims hold thousands of numbers: a KiB each on the
// wire, a MiB each when they are stored.
func claimsDisk(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "liar")
	if err != nil {
		return err
	}
	before, err := a.target.diskBytes(ctx)
	if err != nil {
		return err
	}
	started := time.Now().Add(-time.Hour).Truncate(time.Second)
	session := a.start(ctx, c, run{started: started})
	claim := `{"distance_meters":30,"duration_seconds":10,"x":[` + strings.TrimSuffix(strings.Repeat("1e300,", 80_000), ",") + `]}`
	chunks := a.times(64, 24)
	for i := range chunks {
		fixes := walk(eastward(float64(i*30), 3), started.Add(time.Duration(i)*10*time.Second), time.Second, 10)
		body := gzipped(chunkClaiming(i, "intermediate", fixes, claim))
		a.send(ctx, c, request{method: http.MethodPost, path: "/runs/sessions/" + session + "/chunks", body: body, zipped: true})
	}
	after, err := a.target.diskBytes(ctx)
	if grown := mib(after - before); err == nil && a.alone && grown > diskPromiseMiB {
		a.breaks("claims of %d chunks grew the disk by %.0f MiB", chunks, grown)
	}
	return err
}

// mostSessions is how many active sessions a user may have.
const mostSessions = 5

// sessionsMany starts 300 sessions of one user.
func sessionsMany(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "starter")
	if err != nil {
		return err
	}
	var started [300]bool
	atOnce(10, func(worker int) {
		for i := worker; i < len(started); i += 10 {
			body := object{"started_at": instant(time.Now().Add(-time.Duration(i) * time.Second))}
			started[i] = a.send(ctx, c, request{method: http.MethodPost, path: "/runs/sessions", body: body.json()}).status == http.StatusCreated
		}
	})
	n := 0
	for _, ok := range started {
		if ok {
			n++
		}
	}
	if n > mostSessions {
		a.breaks("%d active sessions of one user were accepted", n)
	}
	return nil
}

// numbersHuge starts runs with numbers that no column holds exactly. What was
// accepted must stay readable and can be completed.
func numbersHuge(ctx context.Context, a *arena) error {
	for i, number := range []string{"1e25", "-1e25", "1e308", "1e-308", "1e-25", "12345678901234567890123", "0.1234567890123456789012345"} {
		c, err := a.user(ctx, fmt.Sprint("number ", i))
		if err != nil {
			return err
		}
		started := time.Now().Add(-time.Hour).Truncate(time.Second)
		body := fmt.Sprintf(`{"started_at":%q,"device_info":{"x":%s}}`, instant(started), number)
		var session struct {
			ID string `json:"id"`
		}
		if a.send(ctx, c, request{method: http.MethodPost, path: "/runs/sessions", body: []byte(body)}).read(&session, http.StatusCreated) != nil {
			continue
		}
		path := "/runs/sessions/" + session.ID
		fixes := walk(eastward(0, 3), started, time.Second, 100)
		for _, r := range []request{
			{method: http.MethodGet, path: path},
			{method: http.MethodGet, path: "/runs/sessions"},
			{method: http.MethodPost, path: path + "/chunks", body: chunk(0, "final", fixes)},
			{method: http.MethodPost, path: path + "/complete", body: object{"finished_at": instant(time.Now())}.json()},
			{method: http.MethodGet, path: path},
		} {
			if got := a.sendPatiently(ctx, c, r); got.status != http.StatusOK && got.status != http.StatusCreated && ctx.Err() == nil {
				a.breaks("a session with %s was accepted, and then %s %s was answered %s", number, r.method, strings.Replace(r.path, session.ID, "…", 1), got)
			}
		}
	}
	return nil
}

// queryBytes asks with values that are no text.
func queryBytes(ctx context.Context, a *arena) error {
	c := a.nobody()
	var taken []string
	for _, value := range []string{"%ff", "%00", "a%00b", "%c3%28", "%ed%a0%80", "%f4%90%80%80"} {
		for _, path := range []string{
			"/courses?q=", "/courses?tag=", "/courses?sort=", "/courses?cursor=", "/courses?creator_id=", "/courses?page=",
			"/courses/nearby?lng=127&lat=", "/courses/nearby?lat=37.5&lng=127&match=", "/courses/bounds?sw_lat=37&sw_lng=127&ne_lat=38&ne_lng=",
		} {
			got := a.send(ctx, c, request{method: http.MethodGet, path: path + value})
			if got.status != http.StatusUnprocessableEntity && got.status != 0 {
				taken = append(taken, path+value)
			}
		}
	}
	if len(taken) > 0 {
		a.breaks("%d values that are no text were not answered 422, such as %s", len(taken), taken[0])
	}
	return nil
}
