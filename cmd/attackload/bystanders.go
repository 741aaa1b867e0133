package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// What is promised to everybody else while an attack goes on.
const (
	healthPromise = time.Second
	chunkPromise  = 10 * time.Second // until a chunk is stored, repeats included
	runPromise    = 10 * time.Second // until a normal run is judged
)

// bystanders are a probe of health, an honest phone, and who watches the memory.
type bystanders struct {
	end  context.CancelFunc
	wait sync.WaitGroup

	health       time.Duration // the worst
	sent, stored int
	busy         int // answers that asked to come again
	slowest      time.Duration
	lost         int // chunks that were confirmed and are not there
	trouble      error
}

func startBystanders(ctx context.Context, t *target) (*bystanders, error) {
	phone := newClient(t, 1)
	if err := phone.login(ctx, "phone"); err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	b := &bystanders{end: end}
	b.wait.Go(func() { watchMemory(ctx, t) })
	b.wait.Go(func() { b.probe(ctx, t) })
	b.wait.Go(func() { b.phone(ctx, phone) })
	return b, nil
}

// stop ends them and adds what they saw.
func (b *bystanders) stop(r *result) {
	b.end()
	b.wait.Wait()
	r.HealthMS = float64(b.health.Microseconds()) / 1000
	r.Sent, r.Stored, r.Busy, r.LostChunks = b.sent, b.stored, b.busy, b.lost
	r.SlowestChunkSeconds = b.slowest.Seconds()
	if b.trouble != nil {
		r.PhoneTrouble = b.trouble.Error()
	}
}

// watchMemory remembers the peak of a program that may be dead a moment later.
func watchMemory(ctx context.Context, t *target) {
	for sleep(ctx, 10*time.Millisecond) == nil {
		t.sample()
	}
}

// probe asks for health. An answer that never comes takes as long as it was waited
// for; a program that is not there is dead, which is counted elsewhere.
func (b *bystanders) probe(ctx context.Context, t *target) {
	c := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	for sleep(ctx, 50*time.Millisecond) == nil {
		deaths := t.deathCount()
		before, known := t.processors()
		began := time.Now()
		err := ask(ctx, c, "http://"+t.address+"/healthz")
		took := time.Since(began)
		if ctx.Err() != nil || t.deathCount() != deaths || err != nil && took < healthPromise {
			continue
		}
		if after, stillKnown := t.processors(); known && stillKnown {
			took = undisturbed(took, before, after)
		}
		b.health = max(b.health, took)
	}
}

func ask(ctx context.Context, c *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// chunksPerRun keeps the honest runs within what a session may hold.
const chunksPerRun = 250

// phone uploads a chunk every 200 ms, each of 10 s of a run of yesterday.
func (b *bystanders) phone(ctx context.Context, c *client) {
	for number := 0; ctx.Err() == nil && b.trouble == nil; number++ {
		if err := b.honestRun(ctx, c, number); err != nil && ctx.Err() == nil {
			b.trouble = err
		}
	}
	if ctx.Err() != nil {
		b.trouble = nil
	}
}

func (b *bystanders) honestRun(ctx context.Context, c *client, number int) error {
	started := time.Now().Add(-24*time.Hour + time.Duration(number)*time.Hour).Truncate(time.Second)
	a, _, err := c.patiently(ctx, request{method: http.MethodPost, path: "/runs/sessions", body: object{"started_at": instant(started)}.json()})
	if err != nil {
		return err
	}
	var session struct {
		ID string `json:"id"`
	}
	if err := a.read(&session, http.StatusCreated); err != nil {
		return fmt.Errorf("starting a session: %w", err)
	}
	path := "/runs/sessions/" + session.ID
	confirmed := 0
	defer func() { b.compare(c, path, confirmed) }()
	for ; confirmed < chunksPerRun; confirmed++ {
		next := time.Now().Add(200 * time.Millisecond)
		fixes := walk(eastward(float64(confirmed*30), 3), started.Add(time.Duration(confirmed)*10*time.Second), time.Second, 10)
		if !b.upload(ctx, c, request{method: http.MethodPost, path: path + "/chunks", body: chunk(confirmed, "intermediate", fixes)}) {
			return ctx.Err()
		}
		if err := sleep(ctx, time.Until(next)); err != nil {
			confirmed++
			return err
		}
	}
	_, _, err = c.patiently(ctx, request{method: http.MethodPost, path: path + "/complete", body: object{"finished_at": instant(time.Now()), "total_chunks": confirmed}.json()})
	return err
}

// upload sends a chunk until it is stored. It reports whether it is; a chunk that
// was sent at the very end counts only when it is.
func (b *bystanders) upload(ctx context.Context, c *client, r request) bool {
	began := time.Now()
	a, again, err := c.patiently(ctx, r)
	took := time.Since(began)
	b.busy += again
	if ctx.Err() != nil && took < chunkPromise {
		return false
	}
	b.sent++
	b.slowest = max(b.slowest, took)
	ok := err == nil && (a.status == http.StatusCreated || a.status == http.StatusOK)
	switch {
	case ok && took <= chunkPromise:
		b.stored++
	case !ok && ctx.Err() == nil:
		b.trouble = fmt.Errorf("a chunk was answered %s", a)
	}
	return ok
}

// compare counts the confirmed chunks that the program does not have.
func (b *bystanders) compare(c *client, path string, confirmed int) {
	ctx, cancel := context.WithTimeout(context.Background(), chunkPromise)
	defer cancel()
	var session struct {
		Received [][2]int `json:"received"`
	}
	a, err := c.do(ctx, request{method: http.MethodGet, path: path})
	if err != nil || a.read(&session, http.StatusOK) != nil {
		return // it is not there to be asked
	}
	have := 0
	for _, r := range session.Received {
		have += r[1] - r[0] + 1
	}
	b.lost += max(0, confirmed-have)
}
