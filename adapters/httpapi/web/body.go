package web

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"mime"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/valyala/fasthttp"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/strictjson"
	"github.com/runvs/runvs/ports"
)

// Limits of a body, inflated. They hold once the route and the token are known;
// before, nothing of a body is read.
const (
	maxSmallBytes  = 64 << 10 // of whoever shows no token; a sign-in has 17 KiB at most
	maxBodyBytes   = 1 << 20  // of JSON
	maxUploadBytes = 26 << 20 // of a multipart form with one file of 25 MiB
	// frameSlack is what a body may be longer on the wire than inflated: gzip adds
	// some bytes to what it cannot shorten.
	frameSlack = 1 << 10
	// maxInflation bounds how many times longer a body gets, beyond the first MiB.
	// The most repetitive track shrinks to a thirtieth.
	maxInflation  = 50
	freeInflation = 1 << 20
)

var (
	// ErrTooLarge answers a body over its limit.
	ErrTooLarge = ports.ErrBodyTooLarge.Saying("the body is too large; `limit` says how many bytes it may have here, inflated")

	errMediaType = fault.New(fault.Unsupported, "unsupported_media_type", "the body must be application/json, in UTF-8")
	errEncoding  = errMediaType.Saying("a body may be gzip'd; no other Content-Encoding is understood")
	errFormOnly  = errMediaType.Saying("the body must be application/x-www-form-urlencoded")
	errMultipart = errMediaType.Saying("the body must be multipart/form-data with one file")

	// ErrMalformedBody answers a body that cannot be read.
	ErrMalformedBody = fault.New(fault.Malformed, "malformed_body", "the body cannot be read")
	errForm          = ErrMalformedBody.Saying("the form cannot be read: it is cut off, or not multipart/form-data")
	errTruncated     = ErrMalformedBody.Saying("the gzip'd body is cut off or broken")
	errCutOff        = ErrMalformedBody.Saying("the connection ended before the request did")
	errFrame         = ErrMalformedBody.Saying("the chunks of the body cannot be read")
	errBothLength    = ErrMalformedBody.Saying("a request has either a Content-Length or a Transfer-Encoding")
)

// intake says which body an operation takes.
type intake struct {
	limit int    // of whoever signed in
	media string // of the body
	loose bool   // JSON that the handler reads as strictly itself
}

// takeBody makes sure that what handlers see is an inflated body within its
// limit, of the right media type, and strict JSON where it is JSON. Memory is
// spent on what has arrived, whatever is announced.
func (s *Server) takeBody(c *fiber.Ctx, uid id.User, in intake) error {
	if uid.IsZero() {
		in.limit = min(in.limit, maxSmallBytes)
	}
	req := c.Request()
	length := req.Header.ContentLength()
	if !req.IsBodyStream() || length == 0 {
		return nil
	}
	zipped, err := isZipped(c)
	if err != nil {
		return err
	}
	onWire := in.limit
	if zipped {
		onWire += frameSlack
	}
	if length > onWire {
		return ErrTooLarge.With("limit", in.limit).With("value", length)
	}
	if err := checkMedia(c, in.media); err != nil {
		return err
	}
	t := takers.Get().(*taker)
	c.Context().SetUserValue(takerKey{}, t)
	if own := connectionOf(c); own != nil {
		if err := own.expectBody(); err != nil {
			return err
		}
		defer func() { own.midway = false }()
	}
	// Who has not sent everything is not being answered: Shutdown does not wait.
	s.answering.Add(-1)
	defer s.answering.Add(1)
	t.wire = wire{from: req.BodyStream(), left: onWire}
	if err := s.read(c, t, uid, in, length, zipped); err != nil {
		return t.wire.explain(err, in.limit, connectionOf(c))
	}
	req.SetBodyRaw(t.buf)
	if len(t.buf) == 0 || in.loose || in.media != fiber.MIMEApplicationJSON {
		return nil
	}
	return strictjson.Check(t.buf)
}

// isZipped reports whether a body is gzip'd.
func isZipped(c *fiber.Ctx) (bool, error) {
	switch strings.ToLower(c.Get(fiber.HeaderContentEncoding)) {
	case "", "identity":
		return false, nil
	case "gzip":
		return true, nil
	}
	return false, errEncoding
}

func checkMedia(c *fiber.Ctx, want string) error {
	media, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	charset := params["charset"]
	switch {
	case want == fiber.MIMEApplicationForm && (err != nil || media != want):
		return errFormOnly
	case want == fiber.MIMEMultipartForm && (err != nil || media != want):
		return errMultipart
	case want == fiber.MIMEApplicationJSON && (err != nil || media != want || charset != "" && !strings.EqualFold(charset, "utf-8")):
		return errMediaType
	}
	return nil
}

// taker is what it takes to read a body. Takers are kept for other requests; no
// handler keeps the bytes of a body.
type taker struct {
	wire wire
	in   *bufio.Reader // of a gzip'd body
	zip  *gzip.Reader
	buf  []byte
	free func() // gives back the share that a large body has; nil = none
}

type takerKey struct{}

var takers = sync.Pool{New: func() any { return new(taker) }}

// giveBack ends the use of a request's body.
func giveBack(ctx *fasthttp.RequestCtx) {
	t, ok := ctx.UserValue(takerKey{}).(*taker)
	if !ok {
		return
	}
	if t.free != nil {
		t.free()
	}
	t.wire, t.free, t.buf = wire{}, nil, t.buf[:0]
	if cap(t.buf) > maxSmallBytes+1 {
		t.buf = nil
	}
	takers.Put(t)
}

// read fills the taker's buffer.
func (s *Server) read(c *fiber.Ctx, t *taker, uid id.User, in intake, length int, zipped bool) error {
	from, whole := io.Reader(&t.wire), in.limit
	digest := c.Get(contentDigest)
	c.Request().Header.Del(fiber.HeaderContentEncoding) // or fiber would inflate it again
	switch {
	case zipped:
		if digest != "" {
			t.wire.sum = sha256.New()
		}
		if err := t.inflate(); errors.Is(err, io.EOF) {
			return nil // nothing at all
		} else if err != nil {
			return err
		}
		from = t.zip
	case length > 0:
		whole = length
	}
	if err := s.fill(c.UserContext(), t, from, uid, in.limit, whole); err != nil {
		return err
	}
	// The digest is that of the body as it was sent (RFC 9530 §2); one of the
	// inflated body is good as well.
	if t.wire.sum != nil && checkDigest(digest, func() []byte { return t.wire.sum.Sum(nil) }) == nil {
		c.Request().Header.Del(contentDigest)
	}
	return nil
}

func (t *taker) inflate() error {
	if t.zip == nil {
		t.in, t.zip = bufio.NewReader(&t.wire), new(gzip.Reader)
	} else {
		t.in.Reset(&t.wire)
	}
	return t.zip.Reset(t.in)
}

// fill reads to the end, or to one byte beyond the limit. What is larger than a
// small body has a share of the memory for bodies: one, for all of it, taken when
// so much has really come.
func (s *Server) fill(ctx context.Context, t *taker, from io.Reader, uid id.User, limit, whole int) error {
	t.buf = t.buf[:0]
	for {
		if len(t.buf) == cap(t.buf) {
			size := max(firstBytes, growth*cap(t.buf))
			switch {
			case len(t.buf) <= maxSmallBytes:
				size = min(size, maxSmallBytes+1)
			case t.free == nil:
				var err error
				if t.free, err = s.share(ctx, uid, int64(whole)); err != nil {
					return err
				}
			}
			t.buf = append(make([]byte, 0, min(size, max(whole, maxSmallBytes)+1)), t.buf...)
		}
		n, err := from.Read(t.buf[len(t.buf):min(cap(t.buf), limit+1)])
		t.buf = t.buf[:len(t.buf)+n]
		switch size := len(t.buf); {
		case size > limit, from != io.Reader(&t.wire) && size > freeInflation && size > maxInflation*t.wire.came:
			return ErrTooLarge.With("limit", limit).With("value", size)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// A buffer begins small, for a body may announce much and send little, and grows
// fourfold, so that little is copied.
const (
	firstBytes = 1 << 10
	growth     = 4
)

// wire is a body as it comes.
type wire struct {
	from       io.Reader
	left, came int       // bytes that may still come, and that came
	sum        hash.Hash // of them; nil = nobody asks
	err        error     // why no more comes
}

var errOverLimit = errors.New("more came than may")

// Read implements io.Reader.
func (w *wire) Read(b []byte) (int, error) {
	if w.err != nil { // the next request may be behind the end
		return 0, w.err
	}
	n, err := w.from.Read(b)
	if w.left, w.came = w.left-n, w.came+n; w.left < 0 {
		err = errOverLimit
	}
	if w.sum != nil {
		w.sum.Write(b[:n])
	}
	w.err = err
	return n, err
}

// explain says what went wrong with a body.
func (w *wire) explain(err error, limit int, on *connection) error {
	switch {
	case fault.As(err) != nil:
		return err
	case errors.Is(w.err, errOverLimit):
		return ErrTooLarge.With("limit", limit).With("value", w.came)
	case w.err == nil, errors.Is(w.err, io.EOF): // the wire was good, so what came over it is not
		return errTruncated.Because(err)
	case late(w.err):
		return on.tooSlow()
	case errors.Is(w.err, io.ErrUnexpectedEOF):
		return errCutOff.Because(w.err)
	}
	return errFrame.Because(w.err)
}
