package bulk

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/runvs/runvs/domain/fault"
)

// written is a zip on the disk, of empty files with such names.
func written(t *testing.T, names ...string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range names {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.zip")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheDirectoryOfAZipIsBounded(t *testing.T) {
	long := strings.Repeat("x", 60_000)
	names := make([]string, maxDirectoryBytes/len(long)+1)
	for i := range names {
		names[i] = long
	}
	if _, err := openFolder(written(t, names...)); !fault.HasCode(err, "body_too_large") {
		t.Errorf("%.200v", err)
	}
	f, err := openFolder(written(t, names[:len(names)-10]...))
	if err != nil || len(f.members) != len(names)-10 {
		t.Fatalf("%.200v", err)
	}
	if data, err := f.members[0].read(0); err != nil || len(data) != 0 {
		t.Errorf("a file behind a large directory: %.200v", err)
	}
	if err := f.close(); err != nil {
		t.Error(err)
	}
}

func TestWhatLiesInAFolder(t *testing.T) {
	want := `a.gpx b/c.fit`
	zipped, err := openFolder(written(t, "b/c.fit", "a.gpx", "b/", ".DS_Store", "b/.hidden", "__MACOSX/a.gpx"))
	if err != nil {
		t.Fatal(err)
	}
	defer zipped.close()
	dir := t.TempDir()
	for _, name := range []string{"b/c.fit", "a.gpx", ".DS_Store", "b/.hidden"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(name), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dir, filepath.Join(dir, "around")); err != nil {
		t.Fatal(err)
	}
	open, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []folder{zipped, open} {
		var names []string
		for _, m := range f.members {
			names = append(names, m.name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if data, err := open.members[1].read(7); err != nil || string(data) != "b/c.fit" {
		t.Errorf("%q %v", data, err)
	}
	if _, err := open.members[1].read(6); !fault.HasCode(err, "body_too_large") {
		t.Errorf("a file that is too large: %v", err)
	}
}

func TestFilesOfAZipThatCannotBeRead(t *testing.T) {
	path := written(t, "a.gpx")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	directory := bytes.Index(whole, []byte("PK\x01\x02"))
	for name, change := range map[string]func([]byte){
		"encrypted": func(b []byte) { b[directory+8] |= 1 }, "packed in an unknown way": func(b []byte) { b[directory+10] = 99 },
		"of another sum": func(b []byte) { b[directory+16] ^= 1 }, "longer than it says": func(b []byte) { b[directory+24] = 9 },
	} {
		b := bytes.Clone(whole)
		change(b)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := openFolder(path)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := f.members[0].read(100); !fault.HasCode(err, "bad_track") {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.close(); err != nil {
			t.Error(err)
		}
	}
}

func TestASpooledZipIsGoneWhenItIsClosed(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	inner, err := os.ReadFile(written(t, "a.gpx"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := spool(bytes.NewReader(inner), int64(len(inner))-1); !fault.HasCode(err, "body_too_large") {
		t.Errorf("a zip that is too large: %v", err)
	}
	file, err := spool(bytes.NewReader(inner), int64(len(inner)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := openZip("inner", file)
	if err != nil || len(f.members) != 1 {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) != 0 {
		t.Errorf("%v would stay when the program is killed", left)
	}
	if err := f.close(); err != nil {
		t.Error(err)
	}
}
