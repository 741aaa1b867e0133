package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
)

// info is what every part of a request's way may know of it.
type info struct {
	id   string
	path string
}

type infoKey struct{}

func infoOf(ctx context.Context) info {
	i, _ := ctx.Value(infoKey{}).(info)
	return i
}

// observe is the outermost middleware: it names the request, logs and counts
// it, and survives a panic. Neither bodies, tokens nor queries are logged.
func (s *Server) observe(c *fiber.Ctx) (err error) {
	s.answering.Add(1)
	defer s.answering.Add(-1)
	began := s.cfg.Clock.Now()
	i := info{id: requestID(c.Get("X-Request-ID")), path: c.Path()}
	c.SetUserContext(context.WithValue(c.UserContext(), infoKey{}, i))
	c.Set("X-Request-ID", i.id)
	if c.Method() == fiber.MethodGet { // whether it was gzip'd or not
		c.Vary(fiber.HeaderAcceptEncoding)
	}
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("a handler panicked", "request_id", i.id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = s.fiberError(c, fmt.Errorf("panic: %v", p))
		}
		route := c.Route().Path
		took := s.cfg.Clock.Now().Sub(began)
		status := c.Response().StatusCode()
		s.meter.request(c.Method(), route, status, took)
		s.cfg.Log.Debug("request", "request_id", i.id, "method", c.Method(), "route", route, "status", status,
			"ms", float64(took.Microseconds())/1000)
	}()
	if err := c.Next(); err != nil {
		return s.fiberError(c, err)
	}
	return nil
}

// requestID keeps a client's id when it is short and plain.
func requestID(given string) string {
	if len(given) > 0 && len(given) <= 64 && strings.IndexFunc(given, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	}) < 0 {
		return given
	}
	return uuid.NewString()
}

// fiberError answers what never reached a handler, or broke on the way.
func (s *Server) fiberError(c *fiber.Ctx, err error) error {
	p := problemOf(err, "body")
	var fe *fiber.Error
	switch {
	case errors.As(err, &fe):
		code, ok := codeOf[fe.Code]
		if !ok {
			code = "internal_error"
		}
		detail, ok := detailOf[fe.Code]
		if !ok {
			detail = fe.Message
		}
		p = newProblem(fe.Code, code, detail)
		p.cause = err
		if allow := string(c.Response().Header.Peek(fiber.HeaderAllow)); strings.Contains(allow, fiber.MethodGet) && !strings.Contains(allow, fiber.MethodHead) {
			c.Set(fiber.HeaderAllow, allow+", "+fiber.MethodHead)
		}
	}
	return s.write(c, p)
}

// write sends a problem.
func (s *Server) write(c *fiber.Ctx, p *Problem) error {
	ctx := c.UserContext()
	if infoOf(ctx).id == "" { // refused before the first middleware
		ctx = context.WithValue(ctx, infoKey{}, info{id: requestID(""), path: c.Path()})
		c.Set("X-Request-ID", infoOf(ctx).id)
	}
	body, err := s.answer(ctx, p).MarshalJSON()
	if err != nil {
		return err
	}
	for name, values := range p.GetHeaders() {
		c.Set(name, values[0])
	}
	c.Set(fiber.HeaderContentType, problemType)
	return c.Status(p.Status).Send(body)
}

// unambiguous refuses requests that can be read in two ways.
func (s *Server) unambiguous(c *fiber.Ctx) error {
	if twoLengths(&c.Request().Header) {
		c.Context().SetConnectionClose()
		return errBothLength
	}
	if err := checkQuery(c); err != nil {
		return err
	}
	return c.Next()
}

// conditional gives public reads an ETag and answers 304 to who has it already.
func (s *Server) conditional(c *fiber.Ctx) error {
	if err := c.Next(); err != nil {
		return err
	}
	cacheable := strings.HasPrefix(c.Path(), basePath+"/courses/") || strings.HasPrefix(c.Path(), basePath+"/tiles/") || strings.HasPrefix(c.Path(), "/openapi")
	if c.Method() != fiber.MethodGet || !cacheable || c.Response().StatusCode() != http.StatusOK {
		return nil
	}
	sum := sha256.Sum256(c.Response().Body())
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	c.Set(fiber.HeaderETag, tag)
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		c.Set(fiber.HeaderCacheControl, privateCache)
	}
	for _, have := range strings.Split(c.Get(fiber.HeaderIfNoneMatch), ",") {
		if have = strings.TrimSpace(have); have == tag || have == "*" || "W/"+have == tag {
			c.Response().ResetBody()
			c.Status(http.StatusNotModified)
			break
		}
	}
	return nil
}

// seconds is for headers.
func seconds(d time.Duration) int { return int(d / time.Second) }
