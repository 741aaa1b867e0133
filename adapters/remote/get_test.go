package remote

import (
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/runvs/runvs/adapters/providertest"
	"github.com/runvs/runvs/domain/fault"
)

func clientOf(t *testing.T, given *http.Client, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New("test", server.URL+"/", Service{HTTP: given, Clock: providertest.NewClock(start)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestABodyOfOneMebibyteIsTheLimit(t *testing.T) {
	for size, good := range map[int]bool{0: true, maxBody: true, maxBody + 1: false} {
		c := clientOf(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("x", size)))
		})
		a, err := c.Get(t.Context(), "/", nil)
		if (err == nil) != good || (good && len(a.Body) != size) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestABombOfGzipIsBoundedToo(t *testing.T) {
	c := clientOf(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(make([]byte, 20<<20))
		_ = z.Close()
	})
	if _, err := c.Get(t.Context(), "/", nil); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

// Redirects are not followed by a client that would follow them, either.
func TestNoRedirectIsFollowed(t *testing.T) {
	for _, given := range []*http.Client{nil, {}, http.DefaultClient} {
		for _, status := range []int{300, 301, 302, 303, 307, 308} {
			c := clientOf(t, given, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/from" {
					t.Errorf("%d was followed to %s", status, r.URL.Path)
				}
				w.Header().Set("Location", "/to")
				w.WriteHeader(status)
			})
			if _, err := c.Get(t.Context(), "/from", nil); fault.KindOf(err) != fault.Unavailable {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
}

func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := New("test", server.URL, Service{Clock: providertest.NewClock(start)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(t.Context(), "/", nil); fault.KindOf(err) != fault.Unavailable || !strings.HasPrefix(err.Error(), "provider_unavailable: ") {
		t.Errorf("got %v", err)
	}
}
