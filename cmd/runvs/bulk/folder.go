package bulk

import (
	"archive/zip"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	pathpkg "path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// folder is what lies in a directory or in a zip.
type folder struct {
	name    string
	alone   bool     // a file that was named by itself
	members []member // by name
	close   func() error
}

// member is a file of a folder.
type member struct {
	name string // within the folder, with slashes
	open func() (io.ReadCloser, error)
}

// unreadable is what the disk does not give.
type unreadable struct{ cause error }

// Error says it without the path, which stands beside it.
func (u *unreadable) Error() string {
	cause := u.cause
	if p := (*fs.PathError)(nil); errors.As(cause, &p) {
		cause = p.Err
	}
	return "the file cannot be read: " + cause.Error()
}

// Unwrap returns the system's error.
func (u *unreadable) Unwrap() error { return u.cause }

// openFolder opens a directory or a zip, or takes a file for a folder that has it
// alone.
func openFolder(path string) (f folder, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return f, err
	}
	if info.IsDir() {
		return openDirectory(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return f, err
	}
	if !isZip(file) || strings.EqualFold(filepath.Ext(path), ".kmz") {
		alone := member{filepath.Base(path), func() (io.ReadCloser, error) { return os.Open(path) }}
		return folder{filepath.Dir(path), true, []member{alone}, func() error { return nil }}, file.Close()
	}
	if f, err = openZip(path, file); err != nil {
		return f, errors.Join(err, file.Close())
	}
	return f, nil
}

// isZip tells a zip by its first bytes: of a file in it, or of its end when it is
// empty.
func isZip(file io.ReaderAt) bool {
	var head [4]byte
	_, err := file.ReadAt(head[:], 0)
	return err == nil && (string(head[:]) == "PK\x03\x04" || string(head[:]) == "PK\x05\x06")
}

// openDirectory lists the files below a directory. Links in it are not followed:
// they could lead around in a circle.
func openDirectory(path string) (folder, error) {
	f := folder{name: path, close: func() error { return nil }}
	err := fs.WalkDir(os.DirFS(path), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type().IsRegular() && !hidden(name) {
			f.members = append(f.members, member{name, func() (io.ReadCloser, error) { return os.Open(filepath.Join(path, filepath.FromSlash(name))) }})
		}
		return nil
	})
	return f, err
}

// openZip lists the files of a zip, and closes it with the folder.
func openZip(name string, file *os.File) (f folder, err error) {
	info, err := file.Stat()
	if err != nil {
		return f, err
	}
	in := &metered{file, maxDirectoryBytes}
	z, err := zip.NewReader(in, info.Size())
	switch {
	case fault.As(err) != nil:
		return f, fault.As(err)
	case err != nil:
		return f, ports.ErrBadTrack.Saying("the zip is cut off or broken").Because(err)
	}
	in.left = math.MaxInt64
	f = folder{name: name, close: file.Close}
	for _, m := range z.File {
		if !m.FileInfo().IsDir() && !hidden(m.Name) {
			f.members = append(f.members, member{strings.ReplaceAll(m.Name, `\`, "/"), opener(m)})
		}
	}
	slices.SortStableFunc(f.members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	return f, nil
}

// opener opens a file in a zip.
func opener(m *zip.File) func() (io.ReadCloser, error) {
	const encrypted = 1
	return func() (io.ReadCloser, error) {
		if m.Flags&encrypted != 0 {
			return nil, ports.ErrBadTrack.Saying("the file is encrypted")
		}
		r, err := m.Open()
		if err != nil {
			return nil, ports.ErrBadTrack.Saying("the file cannot be inflated").Because(err)
		}
		return inflated{r}, nil
	}
}

// inflated takes an error of a zip's file for a broken file.
type inflated struct{ io.ReadCloser }

// Read implements io.Reader.
func (i inflated) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = ports.ErrBadTrack.Saying("the file cannot be inflated").Because(err)
	}
	return n, err
}

// metered bounds what is read of a zip before its files are.
type metered struct {
	io.ReaderAt
	left int64
}

// ReadAt implements io.ReaderAt.
func (m *metered) ReadAt(p []byte, at int64) (int, error) {
	if m.left != math.MaxInt64 {
		if m.left -= int64(len(p)); m.left < 0 {
			return 0, ports.ErrBodyTooLarge.Saying("the directory of the zip is too large").With("value", maxDirectoryBytes-m.left).With("limit", maxDirectoryBytes)
		}
	}
	return m.ReaderAt.ReadAt(p, at)
}

// hidden reports whether a file is none of a person's: what macOS adds, and what
// starts with a dot.
func hidden(name string) bool {
	return strings.HasPrefix(pathpkg.Base(name), ".") || strings.HasPrefix(name, "__MACOSX/")
}

// read returns a whole file of at most so many bytes.
func (m member) read(limit int64) (data []byte, err error) {
	file, err := m.open()
	if err != nil {
		return nil, readable(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err = io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, readable(err)
	}
	if int64(len(data)) > limit {
		return nil, ports.ErrBodyTooLarge.With("value", len(data)).With("limit", limit)
	}
	return data, nil
}

// unpack opens a zip that is a file of a folder. One that is packed lies in a
// nameless file on the disk until it is closed.
func (m member) unpack(name string) (f folder, err error) {
	in, err := m.open()
	if err != nil {
		return f, readable(err)
	}
	file, plain := in.(*os.File)
	if !plain {
		defer func() { _ = in.Close() }() // it was only read
		if file, err = spool(in, maxUnpackedZip); err != nil {
			return f, err
		}
	}
	if f, err = openZip(name, file); err != nil {
		return f, errors.Join(err, file.Close())
	}
	return f, nil
}

// spool copies at most so many bytes to a file that is gone when it is closed.
func spool(in io.Reader, limit int64) (file *os.File, err error) {
	if file, err = os.CreateTemp("", "runvs-import-*.zip"); err != nil {
		return nil, readable(err)
	}
	err = os.Remove(file.Name())
	if err == nil {
		var n int64
		if n, err = io.Copy(file, io.LimitReader(in, limit+1)); n > limit {
			err = ports.ErrBodyTooLarge.With("value", n).With("limit", limit)
		}
	}
	if err != nil {
		return nil, errors.Join(readable(err), file.Close())
	}
	return file, nil
}

// readable classifies an error of reading.
func readable(err error) error {
	if fault.As(err) != nil {
		return err
	}
	return &unreadable{err}
}
