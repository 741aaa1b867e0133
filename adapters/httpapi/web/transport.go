package web

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// maxHeaderBytes bounds the request line, so each URL, and all headers: their
// number as well, for each takes 4 bytes at least. It is also how much of
// pipelined requests waits in memory, and most of what a silent connection costs.
// An access token has 400.
const maxHeaderBytes = 8 << 10

// idleTimeout is how long a connection may wait for its next request.
const idleTimeout = 2 * time.Minute

// transport makes the HTTP server that carries fiber, whose handler Serve gives it. It is our own, for
// handlers are to be called when the header is there: fiber's would have the
// whole body first.
func (s *Server) transport() *fasthttp.Server {
	return &fasthttp.Server{
		ErrorHandler:                 s.unreadable,
		StreamRequestBody:            true,
		MaxRequestBodySize:           1, // the bytes of a body that are read ahead; takeBody knows the limits
		DisablePreParseMultipartForm: true,
		ReadBufferSize:               maxHeaderBytes,
		ReadTimeout:                  s.listener.reading.Within, // connection moves it on
		IdleTimeout:                  idleTimeout,
		Concurrency:                  maxConnections,
		NoDefaultServerHeader:        true,
		SecureErrorLogMessage:        true,
		Logger:                       silent{},
	}
}

// silent is a log for what fasthttp has to say: what clients do to their own
// connections, requests and addresses included.
type silent struct{}

// Printf implements fasthttp.Logger.
func (silent) Printf(string, ...any) {}

// front stands before fiber: it answers HEAD as GET without a body, and methods
// that nobody knows, and leaves the connection in order.
func (s *Server) front(inner fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		method := string(ctx.Method())
		if method == fiber.MethodHead {
			ctx.Request.Header.SetMethod(fiber.MethodGet)
			ctx.Response.SkipBody = true
		}
		if slices.Contains(fiber.DefaultMethods, method) {
			inner(ctx)
		} else {
			ctx.Response.Header.Set(fiber.HeaderAllow, "GET, HEAD, POST, PATCH, DELETE")
			s.refuseEarly(ctx, fiber.ErrMethodNotAllowed)
		}
		s.letRead(ctx)
		s.protect(&ctx.Response.Header)
		giveBack(ctx)
		if ctx.Request.IsBodyStream() && !passOver(ctx) {
			// The next request would begin somewhere in this one's body.
			ctx.SetConnectionClose()
			linger(ctx.Conn())
		}
	}
}

// passOver skips a body that nobody took, if it is here already: nobody waits for
// what nobody reads.
func passOver(ctx *fasthttp.RequestCtx) bool {
	own, ok := ctx.Conn().(*connection)
	if !ok || ctx.Request.Header.ContentLength() < 0 { // chunks may have been read to their end
		return false
	}
	own.impatient = true
	defer func() { own.impatient = false }()
	_, err := io.Copy(io.Discard, ctx.Request.BodyStream())
	return err == nil
}

// unreadable answers what is no request.
func (s *Server) unreadable(ctx *fasthttp.RequestCtx, err error) {
	var tooLong *fasthttp.ErrSmallBuffer
	var broken net.Error
	switch {
	case errors.As(err, &tooLong):
		err = refused(http.StatusRequestHeaderFieldsTooLarge, map[string]any{"limit": maxHeaderBytes, "unit": "bytes"})
	case late(err):
		own, _ := ctx.Conn().(*connection)
		err = own.tooSlow()
	case errors.As(err, &broken), errors.Is(err, io.ErrUnexpectedEOF): // nobody is left to read it
		err = errCutOff
	default:
		err = fiber.ErrBadRequest
	}
	s.refuseEarly(ctx, err)
	s.letRead(ctx)
	s.protect(&ctx.Response.Header)
	linger(ctx.Conn())
}

// refused is a problem in our own words, with what the client should know of it.
func refused(status int, details map[string]any) *Problem {
	p := newProblem(status, CodeOf[status], detailOf[status])
	p.details = details
	return p
}

// refuseEarly answers what never reaches fiber.
func (s *Server) refuseEarly(ctx *fasthttp.RequestCtx, err error) {
	c := s.fiber.AcquireCtx(ctx)
	defer s.fiber.ReleaseCtx(c)
	_ = s.fiberError(c, err) // it was written, or nobody reads it
}

// late reports whether somebody was too slow.
func late(err error) bool {
	var slow net.Error
	return errors.Is(err, fasthttp.ErrTimeout) || errors.As(err, &slow) && slow.Timeout()
}

// twoLengths reports whether a request says in two ways how long it is. Programs
// on the way may believe the other one: that is how requests are smuggled.
func twoLengths(h *fasthttp.RequestHeader) bool {
	if h.ContentLength() != -1 { // not chunked
		return false
	}
	for line := range bytes.Lines(h.RawHeaders()) {
		if name, _, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Length")) {
			return true
		}
	}
	return false
}

// detailOf are our own words for what the framework finds. Its words may hold the
// request, tokens included.
var detailOf = map[int]string{
	http.StatusBadRequest:                  "the request cannot be read as HTTP",
	http.StatusNotFound:                    "there is nothing at this path",
	http.StatusMethodNotAllowed:            "this path does not answer to this method",
	http.StatusRequestTimeout:              "the request took too long to arrive",
	http.StatusRequestHeaderFieldsTooLarge: "the header is too large",
}
