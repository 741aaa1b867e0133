package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/valyala/fasthttp"
)

// preflightAge is how long a browser may remember what a page may call: two hours
// are the most that any believes.
const preflightAge = 7200

// exposed are the headers of an answer that pages may read.
var exposed = strings.Join([]string{fiber.HeaderETag, fiber.HeaderLocation, fiber.HeaderRetryAfter, fiber.HeaderXRequestID, "Preference-Applied", rateLimit, rateRemaining, rateReset}, ",")

// letRead tells browsers which pages may read an answer that no operation gave: that
// there is nothing at a path, or that a request cannot be read. Of a header that is
// too large the origin is not known: who may read it is told if it is one alone.
func (s *Server) letRead(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	if s.cfg.Origins == "" || len(h.Peek(fiber.HeaderAccessControlExposeHeaders)) > 0 {
		return
	}
	origin, all := string(ctx.Request.Header.Peek(fiber.HeaderOrigin)), strings.Split(s.cfg.Origins, ",")
	if all[0] != "*" {
		h.Add(fiber.HeaderVary, fiber.HeaderOrigin)
	}
	h.Set(fiber.HeaderAccessControlExposeHeaders, exposed)
	switch {
	case len(all) == 1 && (all[0] == "*" || origin == ""):
		h.Set(fiber.HeaderAccessControlAllowOrigin, all[0])
	case slices.Contains(all, origin):
		h.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	}
}

// sharedWith makes what tells browsers which pages of others may call an operation
// and read its answers; nil for none. Nothing of it needs cookies, so a page can
// do what anybody can who has the token.
func sharedWith(origins string) fiber.Handler {
	if origins == "" {
		return nil
	}
	tell := cors.New(cors.Config{
		AllowOrigins:  origins,
		AllowMethods:  strings.Join([]string{fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPatch, fiber.MethodDelete}, ","),
		AllowHeaders:  strings.Join([]string{fiber.HeaderAuthorization, fiber.HeaderContentType, fiber.HeaderContentEncoding, "Content-Digest", "Idempotency-Key", fiber.HeaderIfNoneMatch, "Prefer", fiber.HeaderXRequestID}, ","),
		ExposeHeaders: exposed,
		MaxAge:        preflightAge,
	})
	if origins != "*" {
		return tell
	}
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*") // also for who is no page: a shared cache gives the answer to pages
		return tell(c)
	}
}

// ParseOrigins reads whose pages may call the API: *, or origins such as
// https://runs.example, separated by commas; "" for nobody's.
func ParseOrigins(s string) (string, error) {
	var origins []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		origins = append(origins, part)
		if part == "*" {
			continue
		}
		u, err := url.Parse(part)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || part != u.Scheme+"://"+u.Host || strings.ContainsAny(part, "*@") {
			return "", fmt.Errorf("%q is no origin such as https://runs.example", part)
		}
	}
	if len(origins) > 1 && strings.Contains(s, "*") {
		return "", fmt.Errorf("* are all origins; leave the others out")
	}
	return strings.Join(origins, ","), nil
}
