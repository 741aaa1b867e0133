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
const headBytes = 4 << 10

var gzipMagic = []byte{0x1f, 0x8b}

// source is the bytes of a file, inflated as they are read. Its errors are
// faults or the context's; they stay.
type source struct {
	*bufio.Reader
	in *stream
}

// open returns the source of a file of a size, which may be gzip'd as a whole.
// Beyond its own bounds, it is read as far as what is left for it and others.
func open(ctx context.Context, file io.Reader, size int64, left *int64) (*source, error) {
	in := &stream{ctx: ctx, from: file, limit: size, left: left}
	src := &source{bufio.NewReaderSize(in, headBytes), in}
	head, err := peek(src.Reader)
	if err != nil || !bytes.HasPrefix(head, gzipMagic) {
		return src, err
	}
	z, err := gzip.NewReader(src)
	if err != nil {
		return nil, broken(err, "the gzip'd file cannot be inflated")
	}
	inflated := &stream{ctx: ctx, from: z, limit: inflatable(size), left: left}
	return &source{bufio.NewReaderSize(inflated, headBytes), inflated}, nil
}

// inflatable is how many bytes a packed file of a size may have.
func inflatable(size int64) int64 {
	return min(max(MaxInflation*min(size, MaxInflatedBytes), FreeInflation), MaxInflatedBytes)
}

// peek returns the first bytes without reading past them.
func peek(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head, nil
}

// most is how many bytes can be read of the file at most.
func (s *source) most() int64 { return min(s.in.limit, *s.in.left) }

// stream reads and counts, as long as somebody waits for it.
type stream struct {
	ctx   context.Context
	from  io.Reader
	read  int64
	limit int64
	left  *int64 // what this and other streams may read
	err   error  // the first one
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
	*s.left -= int64(n)
	switch {
	case s.read > s.limit:
		n, s.err = 0, ports.ErrBodyTooLarge.With("value", s.read).With("limit", s.limit)
	case *s.left < 0:
		n, s.err = 0, ports.ErrBodyTooLarge.With("value", MaxUnpackedBytes-*s.left).With("limit", MaxUnpackedBytes)
	case errors.Is(err, io.EOF):
		s.err = io.EOF
	case err != nil:
		s.err = broken(err, "the packed file is cut off or broken")
	}
	return n, s.err
}
