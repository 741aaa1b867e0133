package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// claimed is the length of the largest upload.
const claimed = 26 << 20

// socketsPromise is what 300 sockets that claim much and send nothing may cost.
const socketsPromiseMiB = 10

// socketsClaim opens 300 sockets that each claim the largest upload and send a
// byte of it, with a token and without.
func socketsClaim(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "claimant")
	if err != nil {
		return err
	}
	const sockets = 300
	// What any 300 sockets leave behind, such as stacks and a larger heap, is no cost
	// of the claims.
	ordinary := openAll(ctx, a, sockets, "GET /healthz HTTP/1.1\r\nHost: runvs\r\n\r\n")
	atOnce(len(ordinary), func(i int) { lastHeard(ordinary[i], time.Second) })
	for _, token := range []string{c.token, ""} {
		before := a.target.heldMiB()
		held := openAll(ctx, a, sockets, claimedHead("/api/v1/runs/import", token, claimed)+"-")
		most := before
		for until := time.Now().Add(a.lasting(4*time.Second, 500*time.Millisecond)); time.Now().Before(until); {
			most = max(most, a.target.heldMiB())
			if err := sleep(ctx, 20*time.Millisecond); err != nil {
				break
			}
		}
		if cost := most - before; a.alone && cost > socketsPromiseMiB {
			a.breaks("%d sockets that claim %d MiB and send a byte cost %.0f MiB", sockets, claimed>>20, cost)
		}
		atOnce(len(held), func(i int) { a.count(lastHeard(held[i], 50*time.Millisecond)) })
	}
	return nil
}

// stillOpen is the answer of a socket that nobody has closed.
const stillOpen = "still open"

// slowestCut is when a body of a byte a second must have been cut.
const slowestCut = 20 * time.Second

// slowBody sends bodies at a byte a second.
func slowBody(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "slow")
	if err != nil {
		return err
	}
	const sockets = 100
	lasting := a.lasting(slowestCut, 2*time.Second)
	var open atomic.Int32 // of these: other attacks hold sockets open, too
	atOnce(sockets, func(i int) {
		path, token := "/api/v1/runs/sessions", c.token
		if i%2 == 1 {
			path, token = "/api/v1/auth/login", ""
		}
		heard := trickle(ctx, a, claimedHead(path, token, 1000), lasting)
		if a.count(heard); heard == stillOpen {
			open.Add(1)
		}
	})
	if n := open.Load(); !a.short && n > 0 {
		a.breaks("%d of %d bodies of a byte a second were not cut in %s", n, sockets, slowestCut)
	}
	return nil
}

// trickle sends a head and then a byte a second, and says how that ended.
func trickle(ctx context.Context, a *arena, head string, lasting time.Duration) string {
	s, err := dial(ctx, a.target.address)
	if err != nil {
		return "connection refused"
	}
	defer s.Close() //nolint:errcheck // nothing is left to do
	if _, err := s.Write([]byte(head)); err != nil {
		return "connection cut"
	}
	for until := time.Now().Add(lasting); time.Now().Before(until) && ctx.Err() == nil; {
		if _, err := s.Write([]byte(" ")); err != nil {
			return "connection cut"
		}
		if heard := hear(s, time.Second); heard != "" {
			return heard
		}
	}
	return stillOpen
}

// refusedUploads sends the largest uploads with a token that is not ours.
func refusedUploads(ctx context.Context, a *arena) error {
	c := a.nobody()
	c.token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
	body := upload("/runs/import", make([]byte, a.times(claimed-4096, 4<<20)))
	atOnce(a.times(32, 8), func(i int) {
		r := body
		r.path = []string{"/runs/import", "/courses/import", "/uploads/avatar"}[i%3]
		a.send(ctx, c, r)
	})
	return nil
}

func claimedHead(path, token string, length int) string {
	var b strings.Builder
	media := "application/json"
	if strings.HasSuffix(path, "/import") {
		media = "multipart/form-data; boundary=x"
	}
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: runvs\r\nContent-Type: %s\r\nContent-Length: %d\r\n", path, media, length)
	if token != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", token)
	}
	return b.String() + "\r\n"
}

func dial(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	return d.DialContext(ctx, "tcp", address)
}

// openAll opens sockets and sends each the same.
func openAll(ctx context.Context, a *arena, n int, said string) []net.Conn {
	var held []net.Conn
	for range n {
		s, err := dial(ctx, a.target.address)
		if err != nil {
			a.count("connection refused")
			continue
		}
		if _, err := s.Write([]byte(said)); err != nil {
			a.count("connection cut")
			_ = s.Close() // it is cut
			continue
		}
		held = append(held, s)
	}
	return held
}

// lastHeard says what a socket had to say, and closes it.
func lastHeard(s net.Conn, wait time.Duration) string {
	defer s.Close() //nolint:errcheck // nothing is left to do
	if heard := hear(s, wait); heard != "" {
		return heard
	}
	return stillOpen
}

// hear waits for an answer; "" when none comes.
func hear(s net.Conn, wait time.Duration) string {
	_ = s.SetReadDeadline(time.Now().Add(wait)) // a closed one says so below
	resp, err := http.ReadResponse(bufio.NewReader(s), nil)
	if err != nil {
		if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
			return ""
		}
		return "connection cut"
	}
	_ = resp.Body.Close() // its status is all that counts
	return fmt.Sprint(resp.StatusCode)
}
