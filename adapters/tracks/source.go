package tracks

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"

	"github.com/runvs/runvs/ports"
)

// headBytes is what is looked at to tell a format.
const headBytes = 512

// source is the bytes of a file, inflated as they are read. Its errors are
// faults or the context's; they stay.
type source struct {
	*bufio.Reader
	in *stream
}

// open returns the source of a file, which may be gzip'd as a whole.
func open(ctx context.Context, data []byte) (*source, error) {
	in := &stream{ctx: ctx, from: bytes.NewReader(data), limit: int64(len(data))}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, badTrack("the gzip'd file cannot be inflated").Because(err)
		}
		in.from = z
		in.limit = min(max(MaxInflation*in.limit, FreeInflation), MaxInflatedBytes)
	}
	return &source{bufio.NewReader(in), in}, nil
}

// head returns the first bytes without reading past them.
func (s *source) head() ([]byte, error) {
	head, err := s.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head, nil
}

// most is how many bytes can be read of the file at most.
func (s *source) most() int64 { return s.in.limit }

// stream reads and counts, as long as somebody waits for it.
type stream struct {
	ctx   context.Context
	from  io.Reader
	read  int64
	limit int64
	err   error // the first one
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.from.Read(p)
	s.read += int64(n)
	switch {
	case s.read > s.limit:
		n, s.err = 0, ports.ErrBodyTooLarge.With("value", s.read).With("limit", s.limit)
	case errors.Is(err, io.EOF):
		s.err = io.EOF
	case err != nil:
		s.err = badTrack("the gzip'd file is cut off or broken").Because(err)
	}
	return n, s.err
}
