package program

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/runvs/runvs/cmd/runvs/config"
)

// quickTime bounds a quick look: whoever watches containers asks every few
// seconds.
const quickTime = 3 * time.Second

// Quick asks the server of this machine whether it can work, and nothing else.
func Quick(ctx context.Context, s config.Settings) Check {
	c := Check{Name: "server", Mend: "see the server's log, or run `runvs doctor`"}
	address, err := nearAddress(s.HTTPAddr)
	if err != nil {
		c.Err, c.Mend = err, "see RUNVS_HTTP_ADDR"
		return c
	}
	c.Good = "is ready at " + address
	ctx, cancel := context.WithTimeout(ctx, quickTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		c.Err = err
		return c
	}
	// A client of its own: no proxy of the environment stands between us.
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		c.Err = err
		return c
	}
	defer resp.Body.Close()                                      //nolint:errcheck // it was read
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<10)) // lets the server end its answer
	if resp.StatusCode != http.StatusOK {
		c.Err = fmt.Errorf("the server at %s answers with status %d", address, resp.StatusCode)
	}
	return c
}

// nearAddress is where to reach on this machine what listens on an address: one
// that means all addresses is none to connect to.
func nearAddress(listens string) (string, error) {
	host, port, err := net.SplitHostPort(listens)
	if err != nil {
		return "", err
	}
	switch ip := net.ParseIP(host); {
	case host == "" || (ip != nil && ip.IsUnspecified() && ip.To4() != nil):
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}
