package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// arena is what an attack works with.
type arena struct {
	target *target
	short  bool
	alone  bool // no other attack is fired meanwhile

	mu      sync.Mutex
	answers map[string]int
	broken  []string
}

// times returns how often, or how much: less when there is a minute for all.
func (a *arena) times(full, short int) int {
	if a.short {
		return short
	}
	return full
}

// lasting is times for how long.
func (a *arena) lasting(full, short time.Duration) time.Duration {
	if a.short {
		return short
	}
	return full
}

// breaks notes a promise of the program that an attack saw broken.
func (a *arena) breaks(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.broken = append(a.broken, fmt.Sprintf(format, args...))
}

func (a *arena) brokenHere() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.broken...)
}

func (a *arena) count(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[what]++
}

func (a *arena) tally() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.answers)
}

// nobody is a client that is not signed in.
func (a *arena) nobody() *client { return newClient(a.target, 64) }

// user is a client that is signed in.
func (a *arena) user(ctx context.Context, name string) (*client, error) {
	c := newClient(a.target, 64)
	return c, c.login(ctx, name)
}

// send makes a call and counts what came back.
func (a *arena) send(ctx context.Context, c *client, r request) answer {
	got, err := c.do(ctx, r)
	switch {
	case err != nil && ctx.Err() != nil:
		a.count("no answer in time")
		return answer{}
	case err != nil && got.status == 0:
		a.count("connection cut")
		return answer{}
	}
	a.count(got.String())
	return got
}

// patience is how long an attack waits when it is told to come again later.
const patience = 10 * time.Second

// sendPatiently is send for what a lawful client would repeat.
func (a *arena) sendPatiently(ctx context.Context, c *client, r request) answer {
	for {
		got := a.send(ctx, c, r)
		busy := got.status == 0 || got.status == http.StatusServiceUnavailable || got.status == http.StatusTooManyRequests
		if !busy || got.after > patience || a.target.lost() || sleep(ctx, max(got.after, 100*time.Millisecond)) != nil {
			return got
		}
	}
}

// atOnce calls work n times at once, with the number of each.
func atOnce(n int, work func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { work(i) })
	}
	wg.Wait()
}

// course makes a course of a GPX file and returns its id, "" when it was refused.
// When there is no answer it is looked up, for it may be stored all the same.
func (a *arena) course(ctx context.Context, c *client, title string, file []byte) string {
	r := upload("/courses/import", file, "title", title)
	got := a.send(ctx, c, r)
	if got.status == http.StatusServiceUnavailable {
		got = a.sendPatiently(ctx, c, r)
	}
	var made struct {
		ID string `json:"id"`
	}
	if got.read(&made, http.StatusCreated) == nil || got.status != 0 || !a.target.up(ctx) {
		return made.ID
	}
	var mine struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if a.send(ctx, c, request{method: http.MethodGet, path: "/users/me/courses"}).read(&mine, http.StatusOK) == nil && len(mine.Items) > 0 {
		return mine.Items[0].ID
	}
	return ""
}

// run is a run as an attack sends it.
type run struct {
	course  string
	started time.Time
	chunks  [][]byte // bodies
}

// record sends a run, completes it and waits until it is judged or the deadline is
// over. It returns the record as it was seen last, nil when there is none.
func (a *arena) record(ctx context.Context, c *client, r run) object {
	session := a.start(ctx, c, r)
	if session == "" {
		return nil
	}
	for _, chunk := range r.chunks {
		a.sendPatiently(ctx, c, request{method: http.MethodPost, path: "/runs/sessions/" + session + "/chunks", body: gzipped(chunk), zipped: true})
	}
	got := a.sendPatiently(ctx, c, request{
		method: http.MethodPost, path: "/runs/sessions/" + session + "/complete",
		body: object{"finished_at": instant(r.started), "total_chunks": len(r.chunks)}.json(),
	})
	var record object
	if got.read(&record, http.StatusOK, http.StatusCreated) != nil {
		return nil
	}
	return a.judged(ctx, c, record)
}

// start starts a session; "" when it was refused.
func (a *arena) start(ctx context.Context, c *client, r run) string {
	body := object{"started_at": instant(r.started)}
	if r.course != "" {
		body["course_id"] = r.course
	}
	var session struct {
		ID string `json:"id"`
	}
	if a.sendPatiently(ctx, c, request{method: http.MethodPost, path: "/runs/sessions", body: body.json()}).read(&session, http.StatusCreated) != nil {
		return ""
	}
	return session.ID
}

// judged waits for the jobs of a record.
func (a *arena) judged(ctx context.Context, c *client, record object) object {
	for record["processing"] == "pending" && !a.target.lost() {
		if sleep(ctx, 200*time.Millisecond) != nil {
			a.count("pending at the deadline")
			break
		}
		got, _, err := c.patiently(ctx, request{method: http.MethodGet, path: fmt.Sprint("/runs/", record["id"])})
		if err == nil && got.status == http.StatusOK {
			_ = got.read(&record, http.StatusOK) // what cannot be read is as it was
		}
	}
	if record["processing"] != "pending" {
		a.count(strings.TrimSpace(fmt.Sprint("judged ", status(record))))
	}
	return record
}

// status is what the judge found; "" of a free run.
func status(record object) string {
	verdict, ok := record["verdict"].(map[string]any)
	if !ok {
		return ""
	}
	return fmt.Sprint(verdict["status"])
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
