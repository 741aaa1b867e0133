package ports

import (
	"context"
	"fmt"
	"strings"

	"github.com/runvs/runvs/domain/fault"
)

// Faults of Blobs.
var (
	ErrBlobNotFound     = fault.New(fault.NotFound, "blob_not_found", "there is no such file")
	ErrBlobsUnavailable = fault.New(fault.Unavailable, "blobs_unavailable", "files cannot be stored or read now; try again later")
)

// Blobs keeps files under keys such as "thumbnails/<id>.png". Keys are made by
// the application: path segments of letters, digits, dots, dashes and
// underscores, joined by slashes. Each method may fail with ErrBlobsUnavailable.
type Blobs interface {
	// Put stores data under key, replacing what was there, durably.
	Put(ctx context.Context, key, contentType string, data []byte) error
	// Get returns what Put stored, or ErrBlobNotFound.
	Get(ctx context.Context, key string) (data []byte, contentType string, err error)
	// Delete removes a key; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
}

// The length of a key, and of a part of it, in bytes: file systems and object
// stores allow a little more.
const (
	maxBlobKey     = 1000
	maxBlobKeyPart = 200
)

// CheckBlobKey refuses a key that the application does not make, and that could
// lead out of a folder. The fault is an Internal bad_blob_key.
func CheckBlobKey(key string) error {
	bad := len(key) > maxBlobKey
	for part := range strings.SplitSeq(key, "/") {
		bad = bad || part == "" || part == "." || part == ".." || len(part) > maxBlobKeyPart || strings.ContainsFunc(part, foreignToKeys)
	}
	if bad {
		return fault.New(fault.Internal, "bad_blob_key", "not a key of a file").Because(fmt.Errorf("key %q", key))
	}
	return nil
}

func foreignToKeys(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
}
