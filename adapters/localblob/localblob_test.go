package localblob

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
	"github.com/runvs/runvs/ports/portstest"
)

var _ ports.Blobs = (*Store)(nil)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	portstest.RunBlobs(t, func(t *testing.T) ports.Blobs { return open(t, t.TempDir()) })
}

// A store behaves as a map does, whatever is put and deleted in whatever order,
// and also after it was opened again.
func TestItIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "blobs") // a folder for each try
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		type blob struct{ contentType, data string }
		want := map[string]blob{}
		s, err := New(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		ctx := context.Background()
		key := rapid.SampledFrom([]string{"a.png", "b", "c/d.png", "c/e.jpg", "f/g/h"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k := key.Draw(t, "key")
				b := blob{rapid.SampledFrom([]string{"image/png", "image/jpeg", "text/plain", ""}).Draw(t, "type"), rapid.String().Draw(t, "data")}
				if err := s.Put(ctx, k, b.contentType, []byte(b.data)); err != nil {
					t.Fatal(err)
				}
				want[k] = b
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "key")
				if err := s.Delete(ctx, k); err != nil {
					t.Fatal(err)
				}
				delete(want, k)
			},
			"reopen": func(t *rapid.T) {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = New(dir); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				for _, k := range []string{"a.png", "b", "c/d.png", "c/e.jpg", "f/g/h"} {
					data, contentType, err := s.Get(ctx, k)
					b, there := want[k]
					if !there {
						if !fault.HasCode(err, "blob_not_found") {
							t.Fatalf("%s: %v", k, err)
						}
						continue
					}
					if err != nil || string(data) != b.data || contentType != b.contentType {
						t.Fatalf("%s is %q, %q, %v; want %+v", k, data, contentType, err, b)
					}
				}
			},
		})
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Put(t.Context(), "folder/file", "", nil); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"nothing", "folder", "folder/other", "folder/file/below", "no/such/folder"} {
		if _, _, err := s.Get(t.Context(), key); fault.KindOf(err) != fault.NotFound || !fault.HasCode(err, "blob_not_found") {
			t.Errorf("get %s: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	if _, _, err := s.Get(t.Context(), "folder/file"); err != nil {
		t.Errorf("deleting others took it too: %v", err)
	}
}

func TestAnEmptyFolderIsNoBlobToDelete(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Put(t.Context(), "folder/file", "", nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Delete(t.Context(), "folder/file"), s.Delete(t.Context(), "folder")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.root.Stat("folder"); err != nil {
		t.Errorf("the folder went: %v", err)
	}
}

func TestKeysThatTheApplicationDoesNotMakeAreRefused(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	if err := os.WriteFile(outside, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, filepath.Join(dir, "blobs"))
	for _, key := range []string{
		"", "/", "/etc/passwd", "../outside", "a/../../outside", "..", ".", "a/./b", "a//b", "a/", "/a", `..\outside`, `a\b`,
		"a b", "a\x00b", "a\nb", "한글", "a:b", "~scratch/x", "a~type", "%2e%2e/outside", strings.Repeat("k", 201), strings.Repeat("k/", 501) + "k",
	} {
		_, _, getErr := s.Get(t.Context(), key)
		for what, err := range map[string]error{"put": s.Put(t.Context(), key, "", []byte("x")), "get": getErr, "delete": s.Delete(t.Context(), key)} {
			if !fault.HasCode(err, "bad_blob_key") {
				t.Errorf("%s %q: %v", what, key, err)
			}
		}
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "mine" {
		t.Errorf("outside is now %q, %v", data, err)
	}
}

func TestALinkLeadsNowhereOutside(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "blobs"))
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..", "secret"), filepath.Join(dir, "blobs", "link")); err != nil {
		t.Fatal(err)
	}
	if data, _, err := s.Get(t.Context(), "link"); err == nil {
		t.Errorf("read %q through a link", data)
	}
	if err := s.Put(t.Context(), "link", "", []byte("other")); err != nil {
		t.Fatal(err) // replaces the link itself
	}
	if data, err := os.ReadFile(filepath.Join(dir, "secret")); err != nil || string(data) != "mine" {
		t.Errorf("outside is now %q, %v", data, err)
	}
}

func TestAReaderSeesOneOfTheWholeBlobs(t *testing.T) {
	s := open(t, t.TempDir())
	blobs := [][]byte{bytes.Repeat([]byte("a"), 100_000), bytes.Repeat([]byte("b"), 50_000)}
	if err := s.Put(t.Context(), "k.png", "image/png", blobs[0]); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	done := make(chan struct{})
	for i := range 4 {
		writers.Go(func() {
			for n := range 10 {
				if err := s.Put(t.Context(), "k.png", "image/png", blobs[(i+n)%2]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { writers.Wait(); close(done) }()
	for {
		data, _, err := s.Get(t.Context(), "k.png")
		if err != nil || (!bytes.Equal(data, blobs[0]) && !bytes.Equal(data, blobs[1])) {
			t.Fatalf("read %d bytes, %v", len(data), err)
		}
		select {
		case <-done:
			left, err := fs.ReadDir(s.root.FS(), scratch)
			if err != nil || len(left) != 0 {
				t.Errorf("%d files were left over, %v", len(left), err)
			}
			return
		default:
		}
	}
}

func TestAFailedPutLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Put(t.Context(), "folder/file", "", []byte("old")); err != nil {
		t.Fatal(err)
	}
	// A blob cannot replace a folder, which shows only when all is written.
	err := s.Put(t.Context(), "folder", "", []byte("new"))
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a file took a folder's place: %v", err)
	}
	if data, _, err := s.Get(t.Context(), "folder/file"); err != nil || string(data) != "old" {
		t.Errorf("now it is %q, %v", data, err)
	}
	if left, err := fs.ReadDir(s.root.FS(), scratch); err != nil || len(left) != 0 {
		t.Errorf("%d files were left over, %v", len(left), err)
	}
}

func TestLeavingsOfTheDeadAreSweptAndOthersAreNot(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	old, fresh := filepath.Join(dir, scratch, "old"), filepath.Join(dir, scratch, "fresh")
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * abandonedAfter)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old one is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("the fresh one: %v", err)
	}
}

func TestPingSeesThatTheFolderIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	s := open(t, dir)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+"2"); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("gone: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("replaced: %v", err)
	}
}

func TestAFolderThatCannotBeMadeIsSaidAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(filepath.Join(file, "blobs")); err == nil {
		t.Error("a folder below a file")
	}
}
