package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"github.com/runvs/runvs/domain/id"
)

// request is what every part of a request's way may know of it.
type request struct {
	id       string
	path     string
	came     time.Time
	viewer   id.User
	mistakes error // in its query, or in a body that nobody reads
}

type requestKey struct{}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// Viewer returns who asks; zero when nobody signed in.
func Viewer(ctx context.Context) id.User { return requestOf(ctx).viewer }

// RequestID returns the name of a request in the log.
func RequestID(ctx context.Context) string { return requestOf(ctx).id }

// Came returns when a request came.
func Came(ctx context.Context) time.Time { return requestOf(ctx).came }

// observe is the outermost middleware: it names the request, logs and counts
// it, and survives a panic. Neither bodies, tokens nor queries are logged.
func (s *Server) observe(c *fiber.Ctx) (err error) {
	s.answering.Add(1)
	defer s.answering.Add(-1)
	began := s.cfg.Clock.Now()
	i := request{id: requestID(c.Get("X-Request-ID")), path: c.Path(), came: began}
	c.SetUserContext(context.WithValue(c.UserContext(), requestKey{}, i))
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
		code, ok := CodeOf[fe.Code]
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
	if requestOf(ctx).id == "" { // refused before the first middleware
		ctx = context.WithValue(ctx, requestKey{}, request{id: requestID(""), path: c.Path()})
		c.Set("X-Request-ID", requestOf(ctx).id)
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

// answer completes a problem with what it happened to, and logs what is ours.
func (s *Server) answer(ctx context.Context, p *Problem) *Problem {
	info := requestOf(ctx)
	p.Instance = info.path
	if p.Status == http.StatusServiceUnavailable { // of what we need, not of us
		s.cfg.Log.WarnContext(ctx, "a request must wait", "request_id", info.id, "code", p.Code, "error", p.cause)
	} else if p.Status >= 500 {
		s.cfg.Log.ErrorContext(ctx, "a request failed", "request_id", info.id, "code", p.Code, "error", p.cause)
	}
	return p
}
