package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"
)

// client talks to the program as one user, or as nobody.
type client struct {
	base  string
	http  *http.Client
	token string
}

func newClient(t *target, connections int) *client {
	return &client{base: "http://" + t.address + "/api/v1", http: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true},
	}}
}

// request is one call.
type request struct {
	method, path string
	body         []byte
	media        string // of the body; JSON when not said
	zipped       bool   // the body is sent as it is, and is gzip'd
	header       map[string]string
}

// answer is what came back. Status 0 stands for no answer.
type answer struct {
	status int
	code   string // of a problem
	body   []byte
	after  time.Duration // Retry-After
}

// maxAnswer is how much of an answer is kept; the rest is read and dropped.
const maxAnswer = 8 << 20

func (c *client) do(ctx context.Context, r request) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
		if r.media != "" {
			req.Header.Set("Content-Type", r.media)
		}
	}
	if r.zipped {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	a := answer{status: resp.StatusCode}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		a.after = time.Duration(seconds) * time.Second
	}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return a, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if a.status >= 400 {
		var problem struct {
			Code string `json:"code"`
		}
		if json.Unmarshal(a.body, &problem) == nil {
			a.code = problem.Code
		}
	}
	return a, err
}

// patiently repeats a call while the program is busy or does not answer, as a phone
// does. It returns how often it had to.
func (c *client) patiently(ctx context.Context, r request) (a answer, again int, err error) {
	for {
		a, err = c.do(ctx, r)
		if err == nil && a.status != http.StatusServiceUnavailable && a.status != http.StatusTooManyRequests {
			return a, again, nil
		}
		again++
		if sleep(ctx, max(a.after, 100*time.Millisecond)) != nil {
			return a, again, err
		}
	}
}

// read decodes an answer that must have one of the statuses.
func (a answer) read(out any, statuses ...int) error {
	for _, s := range statuses {
		if a.status == s {
			return json.Unmarshal(a.body, out)
		}
	}
	return fmt.Errorf("answered %s", a)
}

// String is the status with its code.
func (a answer) String() string {
	switch {
	case a.status == 0:
		return "no answer"
	case a.code != "":
		return strconv.Itoa(a.status) + " " + a.code
	}
	return strconv.Itoa(a.status)
}

// login signs in, patiently: it is no attack.
func (c *client) login(ctx context.Context, name string) error {
	a, _, err := c.patiently(ctx, request{method: http.MethodPost, path: "/auth/login", body: object{"provider": "dev", "token": name}.json()})
	if err != nil {
		return err
	}
	var login struct {
		AccessToken string `json:"access_token"`
	}
	err = a.read(&login, http.StatusOK)
	c.token = login.AccessToken
	return err
}

// object is a JSON object.
type object map[string]any

func (o object) json() []byte {
	raw, err := json.Marshal(o)
	if err != nil {
		panic(err) // our own inputs can be written
	}
	return raw
}

// upload is a call with a file.
func upload(path string, file []byte, fields ...string) request {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = w.WriteField(fields[i], fields[i+1]) // a bytes.Buffer does not fail
	}
	part, _ := w.CreateFormFile("file", "file")
	_, _ = part.Write(file)
	_ = w.Close()
	return request{method: http.MethodPost, path: path, body: b.Bytes(), media: w.FormDataContentType()}
}

func gzipped(b []byte) []byte {
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression)
	_, _ = w.Write(b) // a bytes.Buffer does not fail
	_ = w.Close()
	return z.Bytes()
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
