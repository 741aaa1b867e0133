package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxBody bounds an answer, after decompression. A provider's have some
// kilobytes.
const maxBody = 1 << 20

// Answer is what a provider answered with a status below 500 that is neither
// a redirect nor 429.
type Answer struct {
	Status int
	Body   []byte
}

// Get asks for a path with the given header. It tries once more after a broken
// connection or a 5xx, which is safe for a GET. (net/http by itself repeats a
// request that went into a kept connection which turned out to be dead.) Faults:
// provider_unavailable, also for a redirect, a 429 and an answer over 1 MiB.
func (c *Client) Get(ctx context.Context, path string, header http.Header) (Answer, error) {
	answer, again, err := c.attempt(ctx, http.MethodGet, path, header, "")
	if err != nil && again && ctx.Err() == nil {
		answer, _, err = c.attempt(ctx, http.MethodGet, path, header, "")
	}
	if err != nil {
		return Answer{}, c.Unavailable(err)
	}
	return answer, nil
}

// attempt makes a request once; again is true where a second one may help.
func (c *Client) attempt(ctx context.Context, method, path string, header http.Header, body string) (a Answer, again bool, err error) {
	request, err := c.request(ctx, method, path, body)
	if err != nil {
		return Answer{}, false, errors.New("the request cannot be made")
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, true, err
	}
	defer func() { _ = response.Body.Close() }()
	switch s := response.StatusCode; {
	case s >= 500:
		return Answer{}, true, fmt.Errorf("%s was answered with status %d", path, s)
	case s < 200 || s == http.StatusTooManyRequests || (s >= 300 && s < 400):
		return Answer{}, false, fmt.Errorf("%s was answered with status %d", path, s)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return Answer{}, true, fmt.Errorf("read the answer of %s: %w", path, err)
	}
	if len(answer) > maxBody {
		return Answer{}, false, fmt.Errorf("the answer of %s is over %d bytes", path, maxBody)
	}
	return Answer{Status: response.StatusCode, Body: answer}, false, nil
}

// httpClient makes a client that follows no redirect, which could lead a token
// to another host or us into our own network, and keeps no cookie.
func httpClient(given *http.Client) *http.Client {
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if given != nil {
		c.Transport = given.Transport
		return c
	}
	c.Transport = &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    2 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		// A provider that hangs must not take every file descriptor.
		MaxConnsPerHost:     64,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
	}
	return c
}
