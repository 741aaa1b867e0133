// Package replay plays recorded runs through the API as a phone would: sign in,
// start a session, send gzip'd chunks, complete, wait for the verdict. It can
// misbehave like a bad network does: lose answers, repeat and reorder chunks.
package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Problem is an error answer of the API (RFC 9457).
type Problem struct {
	Status  int             `json:"status"`
	Code    string          `json:"code"`
	Detail  string          `json:"detail"`
	Missing [][2]int        `json:"missing"`
	Errors  json.RawMessage `json:"errors"`
}

// Error implements error.
func (p *Problem) Error() string {
	s := fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail)
	if len(p.Errors) > 0 && string(p.Errors) != "null" {
		s += " " + string(p.Errors)
	}
	return s
}

// errLost stands for an answer that the faulty network swallowed.
var errLost = errors.New("the answer was lost")

// client talks to one server as one user.
type client struct {
	base  string
	http  *http.Client
	token string
}

func newClient(server string) *client {
	return &client{base: strings.TrimRight(server, "/") + "/api/v1", http: &http.Client{Timeout: 60 * time.Second}}
}

// request is one call of the API.
type request struct {
	method string
	path   string
	body   any               // JSON, gzip'd when it is large; nil for none
	header map[string]string // beside the usual ones
	lose   bool              // send it, then pretend that no answer came
}

// do makes a call, again while the server is busy or out of reach, and decodes
// the answer into out. It returns the status.
func (c *client) do(ctx context.Context, r request, out any) (int, error) {
	const tries = 6
	for try := 0; ; try++ {
		status, err := c.once(ctx, r, out)
		var p *Problem
		busy := errors.As(err, &p) && (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests)
		unreachable := err != nil && p == nil && !errors.Is(err, errLost) && ctx.Err() == nil
		if try == tries || !(busy || unreachable) {
			return status, err
		}
		select {
		case <-ctx.Done():
			return status, ctx.Err()
		case <-time.After(100 * time.Millisecond << try):
		}
	}
}

func (c *client) once(ctx context.Context, r request, out any) (int, error) {
	var body io.Reader
	encoding := ""
	if r.body != nil {
		raw, err := json.Marshal(r.body)
		if err != nil {
			return 0, err
		}
		if len(raw) > 1024 {
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			_, _ = w.Write(raw) // a bytes.Buffer does not fail
			_ = w.Close()
			raw, encoding = z.Bytes(), "gzip"
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, body)
	if err != nil {
		return 0, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("%s does not answer; is `runvs serve` running? %w", c.base, err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return resp.StatusCode, err
	}
	if r.lose {
		return 0, errLost
	}
	if resp.StatusCode >= 400 {
		p := &Problem{Status: resp.StatusCode}
		if json.Unmarshal(answer, p) != nil {
			p.Detail = strings.TrimSpace(string(answer[:min(len(answer), 200)]))
		}
		return resp.StatusCode, p
	}
	if out == nil || len(answer) == 0 {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.Unmarshal(answer, out)
}
