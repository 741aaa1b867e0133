package portstest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// RunBlobs is the contract suite of ports.Blobs. open gives an empty store.
func RunBlobs(t *testing.T, open func(t *testing.T) ports.Blobs) {
	for _, c := range []struct {
		name string
		test func(*testing.T, ports.Blobs)
	}{
		{"what is put comes back, and the latest of it", blobsComeBack},
		{"what is not there is not found", blobsMissing},
		{"keys that the application does not make are refused", blobKeys},
		{"a reader sees one of the whole blobs", blobsWhole},
		{"an ended context does nothing", blobsEnded},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func blobsComeBack(t *testing.T, s ports.Blobs) {
	ok(t, s.Ping(ctx))
	for _, c := range []struct{ key, contentType, data string }{
		{"thumbnails/0198c0de-0000-7000-8000-000000000001.png", "image/png", "a picture"},
		{"a", "text/plain; charset=utf-8", "no ending, and a type of its own"},
		{"a.png", "image/gif", "a type that the ending denies"},
		{"a.png", "image/png", "another in its place"},
		{"deep/er/and/deeper/x.bin", "application/octet-stream", ""},
		{strings.Repeat("k", 200), "image/jpeg", strings.Repeat("large", 100_000)},
	} {
		ok(t, s.Put(ctx, c.key, c.contentType, []byte(c.data)))
		data, contentType, err := s.Get(ctx, c.key)
		if err != nil || string(data) != c.data || contentType != c.contentType {
			t.Errorf("%.40s came back as %d bytes of %q, %v", c.key, len(data), contentType, err)
		}
	}
}

func blobsMissing(t *testing.T, s ports.Blobs) {
	ok(t, s.Put(ctx, "folder/file", "text/plain", []byte("x")))
	for _, key := range []string{"nothing", "folder", "folder/other", "no/such/folder"} {
		if _, _, err := s.Get(ctx, key); fault.KindOf(err) != fault.NotFound || !fault.HasCode(err, "blob_not_found") {
			t.Errorf("get %s: %v", key, err)
		}
		ok(t, s.Delete(ctx, key))
	}
	for range 2 {
		ok(t, s.Delete(ctx, "folder/file"))
	}
	if _, _, err := s.Get(ctx, "folder/file"); !fault.HasCode(err, "blob_not_found") {
		t.Errorf("get what was deleted: %v", err)
	}
}

func blobKeys(t *testing.T, s ports.Blobs) {
	for _, key := range []string{
		"", "/", "/etc/passwd", "../outside", "a/../../outside", "..", ".", "a/./b", "a//b", "a/", "/a", `..\outside`, `a\b`,
		"a b", "a\x00b", "a\nb", "한글", "a:b", "~scratch/x", "%2e%2e/outside", strings.Repeat("k", 201), strings.Repeat("k/", 501) + "k",
	} {
		_, _, getErr := s.Get(ctx, key)
		for what, err := range map[string]error{"put": s.Put(ctx, key, "", []byte("x")), "get": getErr, "delete": s.Delete(ctx, key)} {
			if !fault.HasCode(err, "bad_blob_key") {
				t.Errorf("%s %q: %v", what, key, err)
			}
		}
	}
}

func blobsWhole(t *testing.T, s ports.Blobs) {
	blobs := [][]byte{bytes.Repeat([]byte("a"), 100_000), bytes.Repeat([]byte("b"), 50_000)}
	ok(t, s.Put(ctx, "k.png", "image/png", blobs[0]))
	var writers sync.WaitGroup
	done := make(chan struct{})
	for i := range 4 {
		writers.Go(func() {
			for n := range 5 {
				if err := s.Put(ctx, "k.png", "image/png", blobs[(i+n)%2]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { writers.Wait(); close(done) }()
	for {
		data, _, err := s.Get(ctx, "k.png")
		if err != nil || (!bytes.Equal(data, blobs[0]) && !bytes.Equal(data, blobs[1])) {
			t.Fatalf("read %d bytes, %v", len(data), err)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

func blobsEnded(t *testing.T, s ports.Blobs) {
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, _, getErr := s.Get(ended, "k")
	for what, err := range map[string]error{"put": s.Put(ended, "k", "", nil), "get": getErr, "delete": s.Delete(ended, "k"), "ping": s.Ping(ended)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
