// Package remote is how the adapters of identity providers talk to services
// that others run: a call ends within its budget, an answer has a size that we
// set, a redirect is not followed, and a provider that is down is left alone
// for a while (circuit).
//
// It cannot know what a good answer looks like: whoever calls it says so, by
// returning Client.Unavailable for one that makes no sense.
package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// DefaultBudget is the most that a call takes, retry included. It leaves half a
// second of the 5 s that ports.Verifier promises for what is done besides.
const DefaultBudget = 4500 * time.Millisecond

// retryAfter is what a client is told when nothing better is known.
const retryAfter = 5 * time.Second

// Service says where a provider answers, and how it is talked to.
type Service struct {
	BaseURL string        // http or https; paths are put behind it; "" for the provider's own
	HTTP    *http.Client  // its transport alone is used; nil for a good default
	Clock   ports.Clock   // times the pause after failures; needed
	Log     *slog.Logger  // nil for none
	Budget  time.Duration // the most that a call takes; 0 for DefaultBudget
}

// Client talks to one provider. It may be used by many goroutines.
type Client struct {
	name    string
	base    string
	http    *http.Client
	log     *slog.Logger
	budget  time.Duration
	circuit circuit
}

// New makes a client of the provider with a name, such as kakao, and an address of
// its own.
func New(name, address string, s Service) (*Client, error) {
	if s.BaseURL != "" {
		address = s.BaseURL
	}
	base, err := baseURL(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if s.Clock == nil {
		return nil, fmt.Errorf("%s: a clock is needed", name)
	}
	if s.Budget < 0 || s.Budget > DefaultBudget {
		return nil, fmt.Errorf("%s: a budget of %v is not between 0 and %v", name, s.Budget, DefaultBudget)
	}
	c := &Client{
		name: name, base: base, http: httpClient(s.HTTP), log: s.Log,
		budget: s.Budget, circuit: circuit{clock: s.Clock},
	}
	if c.budget == 0 {
		c.budget = DefaultBudget
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// baseURL checks an address and takes the slashes from its end. The address
// itself stays out of the error: it may hold a password.
func baseURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", errors.New("the base URL is not of the form https://host")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", errors.New("the base URL must have no user, query or fragment")
	}
	return strings.TrimRight(s, "/"), nil
}

// Call runs f, which makes the requests of one question to the provider, within
// the budget, unless the provider is known to be down. What f returns decides:
// a fault of the kind Unavailable is a failure of the provider, anything else
// is an answer. When the caller's own context ends first, that says nothing of
// the provider.
func (c *Client) Call(ctx context.Context, f func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return c.Unavailable(err)
	}
	period, wait := c.circuit.begin()
	if wait > 0 {
		return c.UnavailableFor(wait, errors.New("it is down; no call was made"))
	}
	result := unknown // of a panic too, so that a probe always ends
	var err error
	defer func() {
		if open, changed := c.circuit.end(period, result); changed {
			c.logChange(open, err)
		}
	}()
	bounded, cancel := context.WithTimeout(ctx, c.budget)
	defer cancel()
	err = f(bounded)
	switch {
	case err == nil || fault.KindOf(err) != fault.Unavailable:
		result = success
	case ctx.Err() == nil:
		result = failure
	}
	return err
}

func (c *Client) logChange(open bool, cause error) {
	if open {
		c.log.Warn("an identity provider fails; it is left alone for a while", "provider", c.name, "error", cause)
		return
	}
	c.log.Info("an identity provider answers again", "provider", c.name)
}

// Unavailable makes the fault provider_unavailable. The cause goes to the log:
// nothing of a token or a person may be in it.
func (c *Client) Unavailable(cause error) error { return c.UnavailableFor(retryAfter, cause) }

// UnavailableFor is Unavailable with the time after which to try again, which
// is rounded up to a whole second, at least one.
func (c *Client) UnavailableFor(wait time.Duration, cause error) error {
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	return ports.ErrProviderUnavailable.With("retry_after", seconds).Because(fmt.Errorf("%s: %w", c.name, cause))
}
