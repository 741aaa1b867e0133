package program

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/runvs/runvs/adapters/localblob"
	"github.com/runvs/runvs/adapters/s3"
	"github.com/runvs/runvs/cmd/runvs/config"
	"github.com/runvs/runvs/ports"
)

// closingBlobs is a blob store that holds something.
type closingBlobs interface {
	ports.Blobs
	io.Closer
}

// openBlobs opens the configured blob store. The keys to S3 come from where every
// program takes them.
func openBlobs(s config.Settings) (closingBlobs, error) {
	if !strings.HasPrefix(s.BlobURL, "s3:") {
		store, err := localblob.New(s.BlobDir())
		if err != nil { // a nil *Store in an interface would not be nil
			return nil, fmt.Errorf("RUNVS_BLOB_URL: %w", err)
		}
		return store, nil
	}
	store, err := s3.Open(s.BlobURL, s3.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	})
	if err != nil {
		return nil, fmt.Errorf("RUNVS_BLOB_URL: %w", err)
	}
	return store, nil
}
