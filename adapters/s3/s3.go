// Package s3 keeps blobs in a bucket of Amazon S3 or of a server that speaks its
// protocol.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/runvs/runvs/ports"
)

const (
	// timeout bounds a request with all its tries.
	timeout = 10 * time.Second
	// tries is how often a request is sent before it has failed.
	tries = 3
	// maxBytes is the largest blob that is read: several times what is stored.
	maxBytes = 32 << 20
)

// Credentials are those of the environment: AWS_ACCESS_KEY_ID and its like.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Store implements ports.Blobs.
type Store struct {
	client *s3.Client
	bucket string
	prefix string // "" or with a slash at the end
}

var _ ports.Blobs = (*Store)(nil)

// address is what an s3: URL says.
type address struct {
	bucket, prefix, region, endpoint string
	pathStyle                        bool
}

// Check returns what is wrong with a URL such as
// s3://bucket/prefix?region=eu-west-1&endpoint=https://host&path_style=true.
func Check(raw string) error {
	_, err := parse(raw)
	return err
}

func parse(raw string) (a address, err error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return a, errors.New("must be s3://bucket/prefix?region=…")
	}
	if u.User != nil {
		return a, errors.New("must hold no keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	a = address{bucket: u.Host, prefix: strings.Trim(u.Path, "/"), region: "us-east-1"}
	if a.prefix != "" {
		if err := ports.CheckBlobKey(a.prefix); err != nil {
			return a, fmt.Errorf("the prefix %q may hold letters, digits, dots, dashes and underscores", a.prefix)
		}
		a.prefix += "/"
	}
	for name, values := range u.Query() {
		value := values[0]
		switch name {
		case "region":
			a.region = value
		case "endpoint":
			if e, err := url.Parse(value); err != nil || e.Host == "" || (e.Scheme != "http" && e.Scheme != "https") {
				return a, fmt.Errorf("endpoint=%s is no http(s) URL", value)
			}
			a.endpoint = value
		case "path_style":
			if value != "true" && value != "false" {
				return a, fmt.Errorf("path_style=%s is neither true nor false", value)
			}
			a.pathStyle = value == "true"
		default:
			return a, fmt.Errorf("unknown parameter %q; there are region, endpoint and path_style", name)
		}
	}
	return a, nil
}

// Open makes a store of a URL, as Check describes it. It asks the server
// nothing: Ping does.
func Open(raw string, c Credentials) (*Store, error) {
	a, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" {
		return nil, errors.New("needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
	}
	options := s3.Options{
		Region: a.region, UsePathStyle: a.pathStyle,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, c.SessionToken),
		HTTPClient:  &http.Client{Timeout: timeout}, RetryMaxAttempts: tries,
		// Servers other than Amazon's do not all know the newer checksums.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if a.endpoint != "" {
		options.BaseEndpoint = aws.String(a.endpoint)
	}
	return &Store{client: s3.New(options), bucket: a.bucket, prefix: a.prefix}, nil
}

// Close implements io.Closer; there is nothing to let go of.
func (*Store) Close() error { return nil }

func (s *Store) name(key string) *string { return aws.String(s.prefix + key) }

// Put implements ports.Blobs. S3 shows an object whole or not at all.
func (s *Store) Put(ctx context.Context, key, contentType string, data []byte) error {
	ctx, end, err := s.begin(ctx, key)
	defer end()
	if err != nil {
		return err
	}
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: s.name(key), Body: bytes.NewReader(data)}
	if contentType != "" {
		in.ContentType = &contentType
	}
	_, err = s.client.PutObject(ctx, in)
	return classify(ctx, err)
}

// Get implements ports.Blobs.
func (s *Store) Get(ctx context.Context, key string) (data []byte, contentType string, err error) {
	ctx, end, err := s.begin(ctx, key)
	defer end()
	if err != nil {
		return nil, "", err
	}
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: s.name(key)})
	if err != nil {
		return nil, "", classify(ctx, err)
	}
	defer out.Body.Close() //nolint:errcheck // it was read to its end, or is given up
	data, err = io.ReadAll(io.LimitReader(out.Body, maxBytes+1))
	if err == nil && len(data) > maxBytes {
		err = fmt.Errorf("a blob of more than %d bytes", maxBytes)
	}
	if err != nil {
		return nil, "", classify(ctx, err)
	}
	return data, aws.ToString(out.ContentType), nil
}

// Delete implements ports.Blobs.
func (s *Store) Delete(ctx context.Context, key string) error {
	ctx, end, err := s.begin(ctx, key)
	defer end()
	if err != nil {
		return err
	}
	_, err = s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: s.name(key)})
	if err = classify(ctx, err); errors.Is(err, ports.ErrBlobNotFound) {
		return nil
	}
	return err
}

// Ping implements ports.Blobs: the bucket must be there, and ours.
func (s *Store) Ping(ctx context.Context) error {
	ctx, end, err := s.begin(ctx, "ping")
	defer end()
	if err != nil {
		return err
	}
	_, err = s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &s.bucket})
	if err = classify(ctx, err); errors.Is(err, ports.ErrBlobNotFound) {
		return ports.ErrBlobsUnavailable.Because(fmt.Errorf("there is no bucket %q", s.bucket))
	}
	return err
}

// begin bounds an operation on a key.
func (s *Store) begin(ctx context.Context, key string) (context.Context, context.CancelFunc, error) {
	bounded, cancel := context.WithTimeout(ctx, timeout)
	if err := ports.CheckBlobKey(key); err != nil {
		return bounded, cancel, err
	}
	return bounded, cancel, ctx.Err()
}

// classify says what an error means to the application. A caller who left gets
// its own error.
func classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	var noKey *types.NoSuchKey
	var notFound *types.NotFound
	if errors.As(err, &noKey) || errors.As(err, &notFound) {
		return ports.ErrBlobNotFound
	}
	return ports.ErrBlobsUnavailable.Because(err)
}
