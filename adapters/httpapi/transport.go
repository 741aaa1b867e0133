package httpapi

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// frameSlack is what a body may be longer on the wire than inflated: gzip adds
// some bytes to what it cannot shorten.
const frameSlack = 1 << 10

// front stands before fiber: it bounds bodies by what the header says, answers
// HEAD as GET without a body, and methods that nobody knows.
func (s *Server) front() {
	server := s.fiber.Server()
	server.HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		path, _, _ := strings.Cut(string(h.RequestURI()), "?")
		return fasthttp.RequestConfig{MaxRequestBodySize: bodyLimit(path) + frameSlack}
	}
	inner := server.Handler
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		method := string(ctx.Method())
		if method == fiber.MethodHead {
			ctx.Request.Header.SetMethod(fiber.MethodGet)
			ctx.Response.SkipBody = true
		}
		if !slices.Contains(fiber.DefaultMethods, method) {
			c := s.fiber.AcquireCtx(ctx)
			defer s.fiber.ReleaseCtx(c)
			c.Set(fiber.HeaderAllow, "GET, HEAD, POST, PATCH, DELETE")
			_ = s.fiberError(c, fiber.ErrMethodNotAllowed) // it was written, or nobody reads it
			return
		}
		inner(ctx)
	}
}

// bodyLimit is how many bytes a body may have, inflated.
func bodyLimit(path string) int {
	if isUpload(path) {
		return maxUploadBytes
	}
	return maxBodyBytes
}

// isUpload reports whether a path takes a form with a file.
func isUpload(path string) bool {
	return strings.HasSuffix(path, "/import") || strings.HasSuffix(path, "/uploads/avatar")
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
