// Package localblob keeps blobs as files in a folder: the embedded default.
//
// A blob is the file that its key names, as it was put, so that the folder can
// be looked at and copied by other means. Its content type is that of the key's
// ending; one that the ending does not tell is kept in a small file beside.
// Several processes of one user may share a folder on one host; other users may
// not look into it, for it holds people's pictures and where they run.
package localblob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"github.com/runvs/runvs/ports"
)

// Names that no key has, for "~" is not a letter of keys.
const (
	scratch    = "~scratch" // folder of files that are being written
	typeSuffix = "~type"    // of the file that holds a content type
)

// The rights on what is made here.
const (
	dirMode  = 0o700
	fileMode = 0o600
)

// abandonedAfter is the age at which a file in scratch is the leavings of a
// process that died: writing one takes seconds.
const abandonedAfter = time.Hour

// Store implements ports.Blobs.
type Store struct {
	dir  string
	root *os.Root
}

// New opens a folder, making it when missing. Nothing outside it is ever
// touched, whatever links it holds. Close the store.
func New(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("the folder for files cannot be made: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder for files cannot be opened: %w", err)
	}
	s := &Store{dir: dir, root: root}
	if err := s.shut(); err != nil {
		return nil, errors.Join(fmt.Errorf("the folder for files cannot be kept from others: %w", err), root.Close())
	}
	if err := s.makeDirs(scratch); err != nil {
		return nil, errors.Join(fmt.Errorf("the folder for files cannot be written to: %w", err), root.Close())
	}
	if err := s.sweep(time.Now().Add(-abandonedAfter)); err != nil {
		return nil, errors.Join(fmt.Errorf("the folder for files cannot be tidied: %w", err), root.Close())
	}
	return s, nil
}

// shut keeps others out of a folder that an earlier version, or somebody, made
// with more rights: who cannot enter it reaches nothing in it.
func (s *Store) shut() error {
	info, err := s.root.Stat(".")
	if err != nil || info.Mode().Perm()&^dirMode == 0 {
		return err
	}
	return s.root.Chmod(".", dirMode)
}

// Close lets go of the folder. Closing twice is harmless.
func (s *Store) Close() error { return s.root.Close() }

// Put implements ports.Blobs: the blob appears whole or not at all, and is on
// the disk when Put returns.
func (s *Store) Put(ctx context.Context, key, contentType string, data []byte) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	if err := s.makeDirs(path.Dir(key)); err != nil {
		return unavailable(err)
	}
	told := typeOf(key) == contentType
	if !told { // the type first: a type without its blob misleads nobody
		if err := s.write(key+typeSuffix, []byte(contentType)); err != nil {
			return unavailable(err)
		}
	}
	if err := s.write(key, data); err != nil {
		return unavailable(err)
	}
	if told { // what was replaced may have had another
		return unavailable(s.remove(key + typeSuffix))
	}
	return nil
}

// Get implements ports.Blobs.
func (s *Store) Get(ctx context.Context, key string) ([]byte, string, error) {
	if err := check(ctx, key); err != nil {
		return nil, "", err
	}
	data, err := s.root.ReadFile(key)
	if absent(err) {
		return nil, "", ports.ErrBlobNotFound
	}
	if err != nil {
		return nil, "", unavailable(err)
	}
	contentType, err := s.root.ReadFile(key + typeSuffix)
	if absent(err) {
		return data, typeOf(key), nil
	}
	if err != nil {
		return nil, "", unavailable(err)
	}
	return data, string(contentType), nil
}

// Delete implements ports.Blobs.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	info, err := s.root.Lstat(key)
	if absent(err) || (err == nil && info.IsDir()) {
		return nil
	}
	if err != nil {
		return unavailable(err)
	}
	if err := s.remove(key); err != nil {
		return unavailable(err)
	}
	return unavailable(s.remove(key + typeSuffix))
}

// Ping implements ports.Blobs: the folder must still be where it was.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now, err := os.Stat(s.dir)
	if err != nil {
		return unavailable(err)
	}
	opened, err := s.root.Stat(".")
	if err != nil {
		return unavailable(err)
	}
	if !os.SameFile(now, opened) {
		return unavailable(errors.New("the folder for files was replaced"))
	}
	return nil
}

// check refuses keys that the application does not make, and ended contexts.
func check(ctx context.Context, key string) error {
	if err := ports.CheckBlobKey(key); err != nil {
		return err
	}
	return ctx.Err()
}

// makeDirs makes a folder and those above, durably.
func (s *Store) makeDirs(dir string) error {
	if dir == "." {
		return nil
	}
	err := s.root.Mkdir(dir, dirMode)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.makeDirs(path.Dir(dir)); err != nil {
			return err
		}
		err = s.root.Mkdir(dir, dirMode)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil // made before, or by another just now
	}
	if err != nil {
		return err
	}
	return s.sync(path.Dir(dir))
}

// write makes a file whole or not at all: it is written elsewhere, forced to the
// disk, and then renamed, which replaces what was there.
func (s *Store) write(name string, data []byte) (err error) {
	temporary := path.Join(scratch, rand.Text())
	f, err := s.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			if cleaning := s.root.Remove(temporary); !errors.Is(cleaning, fs.ErrNotExist) {
				err = errors.Join(err, cleaning)
			}
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = s.root.Rename(temporary, name); err != nil {
		return err
	}
	return s.sync(path.Dir(name))
}

// remove deletes a file, durably, if it is there.
func (s *Store) remove(name string) error {
	err := s.root.Remove(name)
	if absent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.sync(path.Dir(name))
}

// sync forces the names in a folder to the disk.
func (s *Store) sync(dir string) error {
	f, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sweep removes what processes that died were writing.
func (s *Store) sweep(before time.Time) error {
	entries, err := fs.ReadDir(s.root.FS(), scratch)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(scratch, e.Name())
		info, err := s.root.Lstat(name)
		if err == nil && info.ModTime().Before(before) {
			err = s.root.Remove(name)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another may sweep too
			return err
		}
	}
	return nil
}

// absent reports whether an error says that a key names no blob: there is
// nothing, or a folder, or a part of the key names a file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENOTDIR)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return ports.ErrBlobsUnavailable.Because(err)
}
