// Package localblob keeps blobs as files in a folder: the embedded default.
package localblob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/runvs/runvs/domain/fault"
)

var errNotFound = fault.New(fault.NotFound, "blob_not_found", "there is no such file")

// Store implements ports.Blobs. The content type is that of the key's ending.
type Store struct{ root *os.Root }

// New opens a folder, making it when missing. Nothing outside it is ever
// touched. Close the store.
func New(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("the folder for files cannot be made: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Store{root: root}, nil
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

var keyPattern = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

func check(key string) error {
	if !keyPattern.MatchString(key) || len(key) > 500 {
		return fault.New(fault.Internal, "bad_blob_key", "not a blob key: %q", key)
	}
	return nil
}

// Put implements ports.Blobs: the file appears whole or not at all, and is on
// the disk when Put returns.
func (s *Store) Put(_ context.Context, key, _ string, data []byte) (err error) {
	if err := check(key); err != nil {
		return err
	}
	dir := path.Dir(key)
	if err := s.root.MkdirAll(dir, 0o750); err != nil {
		return unavailable(err)
	}
	temporary, f, err := s.create(key)
	if err != nil {
		return unavailable(err)
	}
	defer func() {
		if err != nil {
			_ = s.root.Remove(temporary)
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return unavailable(err)
	}
	if err = s.root.Rename(temporary, key); err != nil {
		return unavailable(err)
	}
	folder, err := s.root.Open(dir)
	if err != nil {
		return unavailable(err)
	}
	return unavailable(errors.Join(folder.Sync(), folder.Close()))
}

// create makes a file beside the key's that nobody else writes.
func (s *Store) create(key string) (name string, f *os.File, err error) {
	for n := 0; ; n++ {
		name = fmt.Sprintf("%s.%d-%d.tmp", key, os.Getpid(), n)
		f, err = s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
		if !errors.Is(err, fs.ErrExist) {
			return name, f, err
		}
	}
}

// Get implements ports.Blobs.
func (s *Store) Get(_ context.Context, key string) ([]byte, string, error) {
	if err := check(key); err != nil {
		return nil, "", err
	}
	data, err := s.root.ReadFile(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", errNotFound
	}
	return data, mime.TypeByExtension(filepath.Ext(key)), unavailable(err)
}

// Delete implements ports.Blobs.
func (s *Store) Delete(_ context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	if err := s.root.Remove(key); !errors.Is(err, fs.ErrNotExist) {
		return unavailable(err)
	}
	return nil
}

// Ping implements ports.Blobs.
func (s *Store) Ping(context.Context) error {
	_, err := s.root.Stat(".")
	return unavailable(err)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Unavailable, "blobs_unavailable", "files cannot be stored or read now; try again later").Because(err)
}
