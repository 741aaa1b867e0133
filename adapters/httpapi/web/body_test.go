package web

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// ended is a reader that has an end, and the next request behind it.
type ended struct{ reads []string }

func (e *ended) Read(b []byte) (int, error) {
	next := e.reads[0]
	e.reads = e.reads[1:]
	if next == "" {
		return 0, io.EOF
	}
	return copy(b, next), nil
}

func TestNobodyReadsBehindTheEndOfABody(t *testing.T) {
	from := &ended{reads: []string{"body", "", "GET /"}}
	w := wire{from: from, left: 100}
	if all, err := io.ReadAll(&w); err != nil || string(all) != "body" {
		t.Fatalf("%q, %v", all, err)
	}
	if n, err := w.Read(make([]byte, 5)); n != 0 || !errors.Is(err, io.EOF) || len(from.reads) != 1 {
		t.Errorf("%d bytes, %v: the next request was read", n, err)
	}
}

func TestMoreThanMayComeOverTheWireIsAnError(t *testing.T) {
	w := wire{from: strings.NewReader("four"), left: 3}
	if _, err := io.ReadAll(&w); !errors.Is(err, errOverLimit) {
		t.Errorf("%v", err)
	}
}
