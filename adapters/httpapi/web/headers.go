package web

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	// nothingInside is for what is no page: were it shown as one, it could do nothing.
	nothingInside = "default-src 'none'; frame-ancestors 'none'"
	// httpsOnly has browsers come by https for a year.
	httpsOnly = "max-age=31536000"
	// PrivateCache lets only the reader's own device keep an answer, and has it ask
	// each time whether that still holds.
	PrivateCache = "private, no-cache"
	// notKept is for whatever says nothing else: tokens and what is of a person.
	notKept = "no-store"
)

// protect adds to an answer what keeps browsers and caches from misusing it.
func (s *Server) protect(h *fasthttp.ResponseHeader) {
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	if s.https {
		h.Set(fiber.HeaderStrictTransportSecurity, httpsOnly)
	}
	if len(h.Peek(fiber.HeaderContentSecurityPolicy)) == 0 {
		h.Set(fiber.HeaderContentSecurityPolicy, nothingInside)
	}
	if len(h.Peek(fiber.HeaderCacheControl)) == 0 {
		h.Set(fiber.HeaderCacheControl, notKept)
	}
}

// PagePolicy lets a page do what the style and the script in it do, and ask this
// server; no others run in it, also if somebody found a way to write into it.
func PagePolicy(page string) string {
	hash := func(tag string) string {
		_, rest, _ := strings.Cut(page, "<"+tag+">")
		inside, _, _ := strings.Cut(rest, "</"+tag+">")
		sum := sha256.Sum256([]byte(inside))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash("style") + "; script-src " + hash("script") +
		"; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
