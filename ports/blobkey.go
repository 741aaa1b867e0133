package ports

import (
	"fmt"
	"strings"

	"github.com/runvs/runvs/domain/fault"
)

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
