package remote

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// PostForm sends a form to a path, once: what it does there may not bear doing
// twice. Faults as those of Get.
func (c *Client) PostForm(ctx context.Context, path string, form url.Values) (Answer, error) {
	answer, _, err := c.attempt(ctx, http.MethodPost, path, http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
	}, form.Encode())
	if err != nil {
		return Answer{}, c.Unavailable(err)
	}
	return answer, nil
}

// request makes a request with a body, which may be empty.
func (c *Client) request(ctx context.Context, method, path, body string) (*http.Request, error) {
	if body == "" {
		return http.NewRequestWithContext(ctx, method, c.base+path, http.NoBody)
	}
	return http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
}
